"""Addresses of pages, for work that no request has asked for."""

from collections.abc import Mapping
from typing import Any

from flask import Flask


def path_to(app: Flask, endpoint: str, values: Mapping[str, Any]) -> str:
    """As `url_for` gives it within a request: from the first slash on."""
    return app.url_map.bind("localhost").build(endpoint, dict(values))
