"""The page for trouble with the storage: nothing was saved, and nothing typed is lost."""

from contextlib import suppress

from flask import Flask, Response, make_response, render_template, request
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from app.core import storage
from app.core.db import db
from app.core.logs import log, request_id
from app.core.storage import Trouble

SECRETS = frozenset({"current", "password", "confirm_password"})  # never put into a page
SECONDS = {Trouble.BUSY: 5}
SOME_SECONDS = 60
# What is the matter, as the title of the page.
TITLES = {
    Trouble.BUSY: "Liaise is busy",
    Trouble.FULL: "The disk of Liaise is full",
    Trouble.READ_ONLY: "Liaise cannot save at the moment",
    Trouble.FAULTY: "The disk of Liaise has a fault",
    Trouble.GONE: "Liaise cannot reach its database",
}


def show_trouble(error: Exception) -> Response:
    found = storage.trouble_of(error)
    if found is None:
        raise error
    storage.note(found)
    let_go_of_transaction()
    if found is Trouble.BUSY:
        log.warning("the database was busy for too long")
    else:
        log.error("trouble with the storage", trouble=found.value, exc_info=error)
    response = make_response(_page(found), 503)
    response.headers["Retry-After"] = str(SECONDS.get(found, SOME_SECONDS))
    return response


def let_go_of_transaction() -> None:
    """SQLite on a full disk has rolled back already, and says so by another error."""
    try:
        db.session.rollback()
    except SQLAlchemyError:
        with suppress(SQLAlchemyError):
            db.session.invalidate()


def _page(found: Trouble) -> str:
    """Asks nothing of the database: the frame of our pages would have to."""
    given = list(request.form.items(multi=True))
    has_files = any(file.filename for file in request.files.values())
    is_whole = bool(given) and not has_files and not SECRETS & request.form.keys()
    return render_template(
        "errors/storage.html",
        title=TITLES[found],
        trouble=found.value,
        reference=request_id(),
        is_reading=request.method in ("GET", "HEAD"),
        given=given if is_whole else [],
    )


def init_app(app: Flask) -> None:
    for kind in (DBAPIError, NoConnectionFree, OSError):
        app.register_error_handler(kind, show_trouble)
