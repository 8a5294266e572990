"""The administrator's pages, and those that explain. They lie above every feature, because they
name records of all of them; what they show is kept by app.settings, app.outbox and app.audit."""

from app.administration.routes import audit, bin, caught, help
from app.administration.routes import closed_days as _closed_days  # noqa: F401
from app.administration.routes import deleted_meanwhile as _gone  # noqa: F401  what was typed is kept
from app.administration.routes import mail as _mail  # noqa: F401  adds its pages to `settings`
from app.administration.routes import outward as _outward  # noqa: F401
from app.administration.routes import set_up as _set_up  # noqa: F401
from app.administration.routes import settings as _settings  # noqa: F401
from app.administration.routes import style as _style  # noqa: F401  adds its page to `help`
from app.administration.routes import window as _window  # noqa: F401
from app.administration.routes.blueprint import bp as settings

BLUEPRINTS = (audit.bp, bin.bp, caught.bp, help.bp, settings)
