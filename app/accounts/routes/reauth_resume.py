"""When a form cannot be taken: because its sender is no longer signed in, or because the page it
was on belongs to an earlier sign-in. What was typed is shown, so that it can be copied."""

from flask import Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from app.accounts.authentication import browser
from app.core.web import error_pages, pages

SECRET = ("password", "token", "csrf")


def init_app(app: Flask) -> None:
    app.register_error_handler(CSRFError, show_what_was_typed)


def show_sign_in() -> ResponseReturnValue:
    """For somebody who is not signed in and asks for a page that is not public."""
    target = url_for("accounts.sign_in", next=_where_they_were())
    if "HX-Request" in request.headers:
        return "", 204, {"HX-Redirect": target}
    if wants_data():
        return {"sign_in": url_for("accounts.sign_in")}, 401
    if typed := _typed():
        return _page("You have been signed out", typed, target, "Sign in again"), 401
    return redirect(target, 303)


def show_what_was_typed(error: CSRFError) -> ResponseReturnValue:
    if wants_data():
        return {"form_token": url_for("accounts.form_token")}, 400
    typed = _typed()
    if not typed or not browser.current().user:
        return error_pages.show_http_error(error)
    again = _where_they_were()
    return _page(error_pages.EXPIRED_FORM[0], typed, again, "Open the page again"), 400


def wants_data() -> bool:
    """A script of ours is asking; it keeps what was typed where it is, and says so there."""
    return request.accept_mimetypes.best == "application/json"


def _page(title: str, typed: list[tuple[str, str]], target: str, words: str) -> str:
    return render_template(
        "accounts/kept.html", heading=title, typed=typed, target=target, words=words
    )


def _typed() -> list[tuple[str, str]]:
    """Only what this very browser sent from a page of ours; other sites get nothing shown."""
    if request.method in browser.READS or request.headers.get("Sec-Fetch-Site") != "same-origin":
        return []
    return [
        (name.replace("_", " ").replace("-", " ").capitalize(), value)
        for name, value in request.form.items(multi=True)
        if value.strip() and not any(word in name.lower() for word in SECRET)
    ]


def _where_they_were() -> str:
    """The page they asked for, or the one they sent the form from."""
    if "HX-Request" in request.headers:
        address = request.headers.get("HX-Current-URL", "")
    elif request.method in browser.READS:
        return request.full_path.rstrip("?")
    else:
        address = request.headers.get("Referer", "")
    path = "/" + address.partition("://")[2].partition("/")[2]
    return pages.safe_path(path) or "/"
