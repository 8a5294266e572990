"""The pages shown when something went wrong: kind, in the same look, and giving nothing away."""

from flask import Flask, Response, current_app, make_response, render_template
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import (
    BadRequest,
    Conflict,
    Forbidden,
    HTTPException,
    InternalServerError,
    NotFound,
    TooManyRequests,
)

from app.core.db import db
from app.core.errors import DomainError
from app.core.logs import request_id

WORDS = {
    400: (
        "That request could not be read",
        "Nothing was changed. Go back, reload the page and try again.",
    ),
    403: (
        "You cannot open this page",
        "Your account does not have the permission for it. An administrator can give it to you.",
    ),
    404: (
        "There is no such page",
        "The address may be mistyped, or what stood here may have been removed.",
    ),
    405: (
        "This page cannot be used that way",
        "Nothing was changed. Go back and use the buttons on the page.",
    ),
    409: ("That cannot be done", "Nothing was changed."),
    413: (
        "That is too large",
        "Nothing was saved. Go back: what you typed is still there. Use a smaller file or text.",
    ),
    429: (
        "Too many tries",
        "Please wait a few minutes and try again.",
    ),
    500: (
        "Something went wrong on our side",
        "Your last change may not have been saved. Go back and check before trying again.",
    ),
}
EXPIRED_FORM = (
    "This page had been open for too long",
    "Nothing was changed. Go back, reload the page and send the form again.",
)
# Only sentences written for people are passed on: those given to abort() with a plain exception.
MAY_EXPLAIN = (BadRequest, Forbidden, NotFound, Conflict, TooManyRequests)


def show_http_error(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    if error.code == 404 and (page := current_app.extensions["shell"].page_of_what_was_deleted()):
        return make_response(page)
    code = error.code if error.code in WORDS else (500 if (error.code or 500) >= 500 else 400)
    title, sentence = WORDS[code]
    if isinstance(error, CSRFError):
        title, sentence = EXPIRED_FORM
    elif type(error) in MAY_EXPLAIN and error.description != type(error).description:
        sentence = error.description or sentence
    if isinstance(error, InternalServerError):
        # Whatever the request had begun must not colour the reads of the page below.
        db.session.rollback()
    response = _page(error.code or 500, title, sentence)
    kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    response.headers.update(kept)
    return response


def show_refusal(error: DomainError) -> Response:
    db.session.rollback()
    return _page(409, WORDS[409][0], str(error))


def _page(code: int, title: str, sentence: str) -> Response:
    words = {"title": title, "sentence": sentence, "reference": request_id()}
    try:
        html = render_template("errors/page.html", **words)
    except Exception:
        # The shell reads the database, and that may be the very thing that is broken.
        current_app.logger.exception("the error page failed too")
        html = render_template("errors/bare.html", **words)
    return make_response(html, code)


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(DomainError, show_refusal)
