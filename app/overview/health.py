"""Whether Liaise is alive, and whether it is fit to be used; for machines."""

import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from app.accounts.access import public
from app.core import clock, schema, storage
from app.core.db import db
from app.core.logs import log
from app.settings import pieces, standstill
from app.settings.downtime import is_beating

bp = Blueprint("health", __name__)

LEAST_FREE_PERCENT = 10


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """The process answers; it asks nothing of the database."""
    return jsonify(alive=True)


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    found: dict[str, Any] = {
        "database": "unreachable",
        "migrations": None,
        "jobs": None,
        "failing": None,
        "letters": None,
        "emails_to_colleagues": None,
    }
    try:
        found |= _database()
    except SQLAlchemyError:
        log.exception("the database cannot be reached")
    free = _free_percent(current_app.config["DATA_DIR"])
    found["storage"] = _storage(found.get("storage"))
    looked_at = ("database", "storage", "migrations", "jobs")
    problems = [name for name in looked_at if found[name] != "ok"]
    if found["failing"]:
        problems.append("failing")
    if free < LEAST_FREE_PERCENT:
        problems.append("disk")
    answer = {
        "ready": not problems,
        "problems": problems,
        **found,
        "disk_free_percent": free,
        "sqlite": sqlite3.sqlite_version,
    }
    return jsonify(answer), 503 if problems else 200


def _database() -> dict[str, Any]:
    at_head = schema.current(db.session.connection()) == schema.head()
    beating = at_head and is_beating(db.session, clock.now())
    # No problem of the machine: whoever can do something about it needs its pages.
    asked = at_head and standstill.must_look(db.session)
    mail = "waiting for somebody to look" if asked else "ok"
    return {
        "database": "ok",
        "storage": "read-only" if _is_read_only(db.session.connection()) else "ok",
        "migrations": "ok" if at_head else "not at the newest",
        "jobs": "ok" if beating else "no sign of life for 90 seconds",
        "failing": _failing() if at_head else None,
        "letters": mail,
        "emails_to_colleagues": mail,
    }


def _failing() -> list[dict[str, str]]:
    """What failed twice in a row; anybody may read this, so without names of people or records."""
    return [
        {"what": one.kind, "since": one.since.isoformat(timespec="seconds")}
        for one in pieces.failing(db.session, at=clock.now())
    ]


def _storage(asked: str | None) -> str:
    """What is known without trying to write: looking must change nothing."""
    recent = storage.recent_trouble()
    return recent.value if recent else asked or "ok"


def _is_read_only(connection: Connection) -> bool:
    if connection.dialect.name == "postgresql":
        mode = "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'"
        return bool(connection.scalar(text(mode)))
    return not os.access(connection.engine.url.database or "", os.W_OK)


def _free_percent(folder: Path) -> int:
    usage = shutil.disk_usage(folder)
    return int(usage.free * 100 / usage.total)
