"""How long the server takes to keep twenty kilobytes of notes while somebody types."""

import json
from collections.abc import Callable
from io import BytesIO
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import select
from werkzeug.test import create_environ, run_wsgi_app

from app.accounts.models import User
from app.accounts.visibility import Visibility
from app.bench.clocks import seconds_of_each
from app.bench.merging import NotAsMeant
from app.bench.report import Figure
from app.bench.visiting import cookie_of
from app.core.db import db
from app.interactions.drafts import autosave
from app.interactions.models import Interaction

ALLOWED = 0.050
NOTES = "They asked what others do on school inhalers.\n" * 440  # 20 kB


def drafting_figure(app: Flask, *, user: User, rounds: int) -> Figure:
    """A whole request each time: form, token, sign-in, who may read the entry, and the commit."""
    with app.app_context():
        entry_id = db.session.scalars(
            select(Interaction.id).where(Interaction.visible_to == Visibility.GROUP).limit(1)
        ).first()
        if entry_id is None:
            raise NotAsMeant("There is no entry whose notes could be typed.")
    cookie = cookie_of(app, user)
    seconds = seconds_of_each({"draft": _typing(app, cookie, entry_id, user)}, rounds)["draft"]
    return Figure(
        what="One draft of 20 kB of notes kept",
        measured=f"{seconds * 1000:.1f} ms",
        against=f"{ALLOWED * 1000:.0f} ms allowed",
        ratio=seconds / ALLOWED,
        target=1.0,
    )


def _typing(app: Flask, cookie: str, entry_id: int, user: User) -> Callable[[], None]:
    form_token = _asked(app, "/account/form-token", {"Cookie": cookie})["token"]
    headers = {"Cookie": cookie, "Accept": "application/json", "X-CSRFToken": form_token}
    count = 0

    def keep() -> None:
        nonlocal count
        count += 1
        sent = {
            "key": autosave.key_of(entry_id),
            "path": f"/interactions/{entry_id}",
            "body": f"{NOTES}{count}",
            "as": user.id,
            "base_version": 1,
            "revision": count - 1,
            "tab": "thebenchstab",
            "save": count,
        }
        _asked(app, "/drafts", headers, sent)

    return keep


def _asked(
    app: Flask, path: str, headers: dict[str, str], sent: dict[str, object] | None = None
) -> dict[str, str]:
    environ = create_environ(
        path,
        app.config["BASE_URL"],
        method="POST" if sent else "GET",
        headers=headers,
        input_stream=BytesIO(urlencode(sent or {}).encode()),
        content_type="application/x-www-form-urlencoded",
        content_length=len(urlencode(sent or {})),
    )
    body, status, _ = run_wsgi_app(app, environ, buffered=True)
    answer = b"".join(body)
    if not status.startswith("200"):
        raise NotAsMeant(f"{path} answered {status}.")
    told: dict[str, str] = json.loads(answer)
    return told
