"""Static files, ours and those inside two wheels, at addresses that name their content."""

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, request
from werkzeug import Response as AnyResponse

OURS = Path(__file__).resolve().parents[2] / "static"

# Only files are taken from these wheels; neither package is ever imported.
FROM_WHEELS = {
    "vendor/bootstrap.min.css": ("flask_bootstrap", "static/bootstrap5/css/bootstrap.min.css"),
    "vendor/htmx.min.js": ("django_htmx", "static/django_htmx/htmx-2.min.js"),
}
ICON_SPRITE = ("flask_bootstrap", "static/bootstrap5/icons/bootstrap-icons.svg")

# The style sheets of app/static/css are sent as one file, in this order.
STYLE_SHEETS = (
    "tokens",
    "base",
    "shell",
    "parts",
    "letters",
    "forms",
    "lists",
    "settings",
    "story",
    "imports",
    "mentions",
    "notes",
    "milestones",
    "facts",
    "style",
    "forced",
    "print",
    "briefing",
)

A_YEAR = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    body: bytes
    zipped: bytes
    mimetype: str
    digest: str


def wheel_file(package: str, path: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"the package {package} is not installed, so {path} is missing")
    return Path(spec.origin).parent / path


@cache
def assets() -> Mapping[str, Asset]:
    """Every static file by its name, read once."""
    bodies = {
        path.relative_to(OURS).as_posix(): path.read_bytes()
        for path in sorted(OURS.rglob("*"))
        if path.is_file()
    }
    bodies |= {name: wheel_file(*place).read_bytes() for name, place in FROM_WHEELS.items()}
    bodies["app.css"] = b"\n".join(bodies.pop(f"css/{part}.css") for part in STYLE_SHEETS)
    return {name: _asset(name, body) for name, body in bodies.items()}


def _asset(name: str, body: bytes) -> Asset:
    return Asset(
        body=body,
        zipped=gzip.compress(body, mtime=0),
        mimetype=mimetypes.guess_type(name)[0] or "application/octet-stream",
        digest=hashlib.sha256(body).hexdigest()[:16],
    )


def serve(digest: str, filename: str) -> AnyResponse:
    asset = assets().get(filename) or abort(404)
    zipped = bool(request.accept_encodings["gzip"])
    response = Response(asset.zipped if zipped else asset.body, mimetype=asset.mimetype)
    if zipped:
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    # A page rendered by an older release asks for an older digest: it gets what there is now,
    # but nobody may keep that answer.
    response.headers["Cache-Control"] = A_YEAR if digest == asset.digest else "no-cache"
    response.set_etag(f"{asset.digest}{'-gzip' if zipped else ''}")
    return response.make_conditional(request)


def init_app(app: Flask) -> None:
    """`url_for("static", filename="app.css")` works as ever and carries the content's digest."""
    assets()
    app.add_url_rule("/static/<digest>/<path:filename>", "static", serve)

    @app.url_defaults
    def name_the_content(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "digest" not in values:
            values["digest"] = assets()[values["filename"]].digest
