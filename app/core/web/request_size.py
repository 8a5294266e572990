"""How much a request may carry: little, unless the page takes files and says so."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue

MEGABYTE = 1024 * 1024
# A note of 500 kB trebles on the way when none of its letters are plain.
ORDINARY = 2 * MEGABYTE
AROUND_A_FILE = 64 * 1024  # what a browser sends with it
LITTLE = 16 * 1024  # taking apart the fields of a large form takes seconds

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


def takes_files(most_bytes: int) -> Callable[[View], View]:
    """Let this page be sent files of so many bytes, and what a browser puts around them."""

    def mark(view: View) -> View:
        view.most_bytes = most_bytes + AROUND_A_FILE  # type: ignore[attr-defined]
        return view

    return mark


def takes_little(view: View) -> View:
    """For pages that strangers may send a form to: its fields, and no more."""
    view.most_bytes = LITTLE  # type: ignore[attr-defined]
    return view


def _make_room(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Runs before anything reads the form, the check of its token included."""
    most = getattr(current_app.view_functions.get(endpoint or ""), "most_bytes", None)
    if most is not None:
        request.max_content_length = most


def init_app(app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = ORDINARY
    app.config["MAX_FORM_MEMORY_SIZE"] = ORDINARY
    app.url_value_preprocessor(_make_room)
