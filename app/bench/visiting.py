"""A browser without a network: pages asked for through the whole app, signed in."""

from collections.abc import Callable

from flask import Flask
from werkzeug.test import create_environ, run_wsgi_app

from app.accounts.authentication import browser, sessions
from app.accounts.models import User
from app.bench.merging import NotAsMeant
from app.core import clock
from app.core.db import db


def cookie_of(app: Flask, user: User) -> str:
    """Signs the user in."""
    with app.app_context():
        token = sessions.start(db.session, user=user, at=clock.now(), agent="The bench")
        db.session.commit()
    return f"{browser.token_name(app)}={token}"


def showing(app: Flask, path: str, cookie: str) -> Callable[[], None]:
    """What shows this page once, from the first byte to the last."""
    environ = create_environ(path, app.config["BASE_URL"], headers={"Cookie": cookie})

    def show() -> None:
        body, status, _ = run_wsgi_app(app, dict(environ), buffered=True)
        if not status.startswith("200"):
            raise NotAsMeant(f"{path} answered {status}.")
        b"".join(body)

    return show
