"""The page for when the database was busy for too long: not saved, and nothing typed is lost."""

from flask import Flask, Response, make_response, render_template, request
from sqlalchemy.exc import OperationalError

from app.core.db import db
from app.core.logs import log, request_id
from app.core.write_queue import is_busy

SECRETS = frozenset({"current", "password", "confirm_password"})  # never put into a page
SECONDS = 5


def show_busy(error: OperationalError) -> Response:
    if not is_busy(error.orig):
        raise error
    db.session.rollback()
    log.warning("the database was busy for too long")
    response = make_response(_page(), 503)
    response.headers["Retry-After"] = str(SECONDS)
    return response


def _page() -> str:
    """Asks nothing of the database: the frame of our pages would have to wait for it again."""
    given = list(request.form.items(multi=True))
    has_files = any(file.filename for file in request.files.values())
    is_whole = bool(given) and not has_files and not SECRETS & request.form.keys()
    return render_template(
        "errors/busy.html",
        title="Liaise is busy",
        reference=request_id(),
        is_reading=request.method == "GET",
        given=given if is_whole else [],
    )


def init_app(app: Flask) -> None:
    app.register_error_handler(OperationalError, show_busy)
