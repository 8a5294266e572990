"""What a browser's cookies stand for.

A browser that is signed in has a cookie with a random token and nothing else; what belongs to it
lies in its row. Any other browser may have a signed cookie, which holds only the secret that its
forms are checked against, so that showing a page to strangers never writes to the database.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any, cast

from flask import Flask, Request, Response, request, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin

from app.accounts import rules, sessions
from app.accounts.models import User
from app.accounts.sessions import SignedIn
from app.core import clock
from app.core.db import db, set_only_reading, written_aside

FORM_SECRET = "csrf_token"
READS = frozenset({"GET", "HEAD", "OPTIONS"})


class Browser(SessionMixin):
    """Flask's `session` for one request. Nothing is looked up until somebody asks."""

    modified = False

    def __init__(self, token: str | None, form_cookie: SessionMixin) -> None:
        self.token = token
        self.form_cookie = form_cookie
        self.new_token: str | None = None
        self.is_leaving = False

    @cached_property
    def signed_in(self) -> SignedIn | None:
        if not self.token:
            return None
        return sessions.find(db.session, token=self.token, at=clock.now())

    @property
    def user(self) -> User | None:
        return self.signed_in.user if self.signed_in else None

    @property
    def has_lapsed(self) -> bool:
        """Whether it was signed in once and no longer is."""
        return self.token is not None and self.signed_in is None

    @property
    def was_looked_up(self) -> bool:
        return "signed_in" in self.__dict__

    @property
    def store(self) -> dict[str, Any]:
        return self.signed_in.store if self.signed_in else cast(dict[str, Any], self.form_cookie)

    def adopt(self, token: str) -> None:
        """From the next request on this browser is known by another token."""
        self.new_token = token

    def forget(self) -> None:
        """From the next request on nobody is signed in here."""
        self.is_leaving = True

    def __getitem__(self, key: str) -> Any:
        return self.store[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.modified = True
        self.store[key] = value

    def __delitem__(self, key: str) -> None:
        self.modified = True
        del self.store[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.store)

    def __len__(self) -> int:
        return len(self.store)


class BrowserInterface(SecureCookieSessionInterface):
    def open_session(self, app: Flask, request: Request) -> Browser:  # type: ignore[override]
        # Before anything touches the database: pages that only read need not wait for a writer.
        set_only_reading(request.method in READS)
        form_cookie = super().open_session(app, request)
        if form_cookie is None:
            raise RuntimeError("SECRET_KEY is not set")
        return Browser(request.cookies.get(cookie_name(app)), form_cookie)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not isinstance(session, Browser):
            return  # the request failed before it had one
        if session.new_token:
            _set_cookie(app, response, session.new_token)
        elif session.token and (
            session.is_leaving or (session.was_looked_up and session.has_lapsed)
        ):
            response.delete_cookie(cookie_name(app), path="/", secure=_is_https(app), httponly=True)
        if session.is_leaving or not (session.was_looked_up or session.modified):
            return
        if session.signed_in:
            _keep(session, session.signed_in, clock.now())
        else:
            self._keep_form_secret(app, session, response)

    def _keep_form_secret(self, app: Flask, browser: Browser, response: Response) -> None:
        for key in set(browser.form_cookie) - {FORM_SECRET}:
            del browser.form_cookie[key]
        super().save_session(app, browser.form_cookie, response)


def current() -> Browser:
    return cast(Browser, session._get_current_object())  # type: ignore[attr-defined]


def agent() -> str:
    return request.headers.get("User-Agent", "")


def cookie_name(app: Flask) -> str:
    """Browsers take a __Host- cookie only over https, for this very host, for every path."""
    return "__Host-liaise" if _is_https(app) else "liaise"


def init_app(app: Flask) -> None:
    app.config.update(
        SESSION_COOKIE_NAME=f"{cookie_name(app)}-form",
        SESSION_COOKIE_SECURE=_is_https(app),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
    )
    app.session_interface = BrowserInterface()
    app.teardown_request(lambda _: set_only_reading(False))


def _keep(browser: Browser, signed_in: SignedIn, at: datetime) -> None:
    """In a short transaction of its own, after the page's own has ended."""
    if browser.modified or at - signed_in.seen_at >= rules.SEEN_EVERY:
        with written_aside() as own:
            sessions.keep(own, session_id=signed_in.id, store=signed_in.store, seen_at=at)


def _set_cookie(app: Flask, response: Response, token: str) -> None:
    response.set_cookie(
        cookie_name(app), token, path="/", secure=_is_https(app), httponly=True, samesite="Lax"
    )


def _is_https(app: Flask) -> bool:
    return str(app.config["BASE_URL"]).startswith("https://")
