"""The numbers of records in addresses: those that a database can hold."""

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

from app.core.from_outside import LARGEST


class RecordNumber(IntegerConverter):
    """`<int:…>` in an address. A larger number is an address that does not exist."""

    regex = "[0-9]{1,10}"

    def __init__(self, map: Map, *args: Any, **kwargs: Any) -> None:
        super().__init__(map, *args, **{"max": LARGEST, **kwargs})


def init_app(app: Flask) -> None:
    app.url_map.converters["int"] = RecordNumber
