"""The numbers of records in addresses and forms: those that a database can hold."""

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

LARGEST = 2**31 - 1


def record_number(text: str) -> int:
    """For `request.args.get(…, type=record_number)`: a number no record has is none at all."""
    number = int(text)
    if not 0 <= number <= LARGEST:
        raise ValueError("no record has this number")
    return number


class RecordNumber(IntegerConverter):
    """`<int:…>` in an address. A larger number is an address that does not exist."""

    def __init__(self, map: Map, *args: Any, **kwargs: Any) -> None:
        super().__init__(map, *args, **{"max": LARGEST, **kwargs})


def init_app(app: Flask) -> None:
    app.url_map.converters["int"] = RecordNumber
