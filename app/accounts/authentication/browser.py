"""What a browser's cookies stand for.

A browser that is signed in has a cookie with a random token and nothing else; what belongs to it
lies in its row. Any other browser may have a signed cookie, which holds only the secret that its
forms are checked against, so that showing a page to strangers never writes to the database.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any, cast

from flask import Flask, Request, Response, request, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin

from app.accounts import rules
from app.accounts.authentication import sessions
from app.accounts.authentication.sessions import SignedIn
from app.accounts.models import User
from app.core import clock
from app.core.db import db, set_only_reading, written_aside
from app.core.storage import beside

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
    def is_known_to_be_signed_in(self) -> bool:
        """True only if somebody has asked: saving must not be the first to look it up."""
        return self.__dict__.get("signed_in") is not None

    @property
    def store(self) -> dict[str, Any]:
        return self.signed_in.store if self.signed_in else cast(dict[str, Any], self.form_cookie)

    def adopt(self, token: str) -> None:
        """From the next request on this browser is known by another token."""
        self.new_token = token

    def forget(self) -> None:
        """From the next request on nobody is signed in here."""
        self.is_leaving = True

    def note_presence(self) -> None:
        """Write "last seen" after this request even if that was done a moment ago."""
        self.modified = True

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
    def get_cookie_name(self, app: Flask) -> str:
        """Of the cookie for forms; the token has the plain name."""
        return f"{token_name(app)}-form"

    def open_session(self, app: Flask, request: Request) -> Browser:  # type: ignore[override]
        # Before anything touches the database: pages that only read need not wait for a writer.
        set_only_reading(request.method in READS)
        form_cookie = super().open_session(app, request)
        if form_cookie is None:
            raise RuntimeError("SECRET_KEY is not set")
        return Browser(request.cookies.get(token_name(app)), form_cookie)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not isinstance(session, Browser):
            return  # the request failed before it had one
        if session.new_token:
            self._set_token(app, response, session.new_token)
        elif session.token and session.is_leaving:
            self._delete_token(app, response)
        if session.is_known_to_be_signed_in:
            if not session.is_leaving:
                _keep(session, clock.now())
        elif session.modified:
            self._keep_form_secret(app, session, response)

    def _keep_form_secret(self, app: Flask, browser: Browser, response: Response) -> None:
        for key in set(browser.form_cookie) - {FORM_SECRET}:
            del browser.form_cookie[key]
        super().save_session(app, browser.form_cookie, response)

    def _set_token(self, app: Flask, response: Response, token: str) -> None:
        """Until the browser is closed; how long it counts is for us to say."""
        response.set_cookie(
            token_name(app),
            token,
            path="/",
            secure=self.get_cookie_secure(app),
            httponly=True,
            samesite="Lax",
        )

    def _delete_token(self, app: Flask, response: Response) -> None:
        response.delete_cookie(
            token_name(app), path="/", secure=self.get_cookie_secure(app), httponly=True
        )


def current() -> Browser:
    return cast(Browser, session._get_current_object())  # type: ignore[attr-defined]


def seconds_left() -> int:
    """Until whoever is signed in must sign in again, if nothing more happens after this page."""
    found, at = current().signed_in, clock.now()
    if found is None:
        return 0
    counts = current().modified or at - found.seen_at >= rules.SEEN_EVERY
    since = replace(found, seen_at=at) if counts else found
    return int((since.lapses_at - at).total_seconds())


def agent() -> str:
    return request.headers.get("User-Agent", "")


def token_name(app: Flask) -> str:
    """In production it begins with __Host-: then browsers take the cookie only over https, for
    this very host and every path."""
    return str(app.config["SESSION_COOKIE_NAME"])


def init_app(app: Flask) -> None:
    app.session_interface = BrowserInterface()
    app.add_template_global(seconds_left)
    app.teardown_request(lambda _: set_only_reading(False))


def _keep(browser: Browser, at: datetime) -> None:
    """In a short transaction of its own, after the page's own has ended."""
    signed_in = browser.signed_in
    if signed_in and (browser.modified or at - signed_in.seen_at >= rules.SEEN_EVERY):
        # What the page did is committed. That somebody was seen, or a sentence for their next page,
        # is not worth telling them that it went wrong.
        with beside("who was seen"), written_aside() as own:
            sessions.keep(own, session_id=signed_in.id, store=signed_in.store, seen_at=at)
