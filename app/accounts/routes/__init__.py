from flask import Flask
from flask_login import LoginManager, current_user
from flask_wtf import CSRFProtect

from app.accounts import access
from app.accounts.authentication import browser
from app.accounts.routes import (
    account,  # noqa: F401  each adds its pages to the blueprint
    confirm,
    links,  # noqa: F401
    reauth_resume,
    sign_in,  # noqa: F401
    users,  # noqa: F401
)
from app.accounts.routes.blueprint import bp


def init_app(app: Flask) -> None:
    """Who is there, may they, and did their own page send this: asked in that order."""
    browser.init_app(app)
    _know_users(app)
    app.before_request(access.note_who_acts)
    app.before_request(access.guard)
    app.config["WTF_CSRF_SSL_STRICT"] = False  # Sec-Fetch-Site says it more reliably
    CSRFProtect(app)
    app.before_request(confirm.ask_again_if_stale)
    reauth_resume.init_app(app)
    app.register_blueprint(bp)


def _know_users(app: Flask) -> None:
    """Flask-Login's `current_user`, from our own sessions; we have none of its cookies, so its
    hook that looks after them on every response stays out."""
    manager = LoginManager()
    manager.session_protection = None  # ours are bound to a random token, not to an address
    manager.request_loader(lambda _: browser.current().user)
    manager.unauthorized_handler(reauth_resume.show_sign_in)
    app.login_manager = manager  # type: ignore[attr-defined]
    app.context_processor(lambda: {"current_user": current_user})
