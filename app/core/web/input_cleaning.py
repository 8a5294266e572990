"""What people type or paste arrives without the characters that nobody sees and no page may hold.

PostgreSQL refuses NUL with an error, and text pasted out of a PDF can hold others of its kind.
They are dropped before anything is checked, so that nothing can hide behind one.
"""

from typing import Any

from flask import Flask, Request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

# Tab and the two ends of a line stay. The last two are not characters at all.
UNSEEN = dict.fromkeys(
    (*range(9), 11, 12, *range(14, 32), *range(127, 133), *range(134, 160), 0xFFFE, 0xFFFF)
)


def without_unseen(text: str) -> str:
    return text.translate(UNSEEN)


class CleanedFields(ImmutableMultiDict[str, Any]):
    """The fields of a form or of an address; files stay as they are."""

    def __init__(self, mapping: Any = None) -> None:
        given: MultiDict[str, Any] = MultiDict(mapping)
        super().__init__(
            [
                (name, without_unseen(value) if isinstance(value, str) else value)
                for name, value in given.items(multi=True)
            ]
        )


class PlainRequest(Request):
    parameter_storage_class = CleanedFields


def init_app(app: Flask) -> None:
    app.request_class = PlainRequest
