"""How long an author waits for the letter to one reader while writing."""

from collections.abc import Callable
from datetime import date

from flask import Flask

from app.bench.clocks import seconds_of_each
from app.bench.filling import BASE_URL
from app.bench.merging import NotAsMeant
from app.bench.report import Figure
from app.core.db import db, reading
from app.letters.drafting import previewing
from app.letters.drafting.starter_templates import STARTERS

ALLOWED = 0.150


def preview_figure(app: Flask, *, on: date, rounds: int) -> Figure:
    """The preview of the offer of support to a real reader, each time of words just changed."""
    with app.app_context():
        key = previewing.readers(db.session, on)[0].addressee.key
    seconds = seconds_of_each({"preview": _previewing(app, key, on)}, rounds)["preview"]
    return Figure(
        what="One preview while writing",
        measured=f"{seconds * 1000:.1f} ms",
        against=f"{ALLOWED * 1000:.0f} ms allowed",
        ratio=seconds / ALLOWED,
        target=1.0,
    )


def _previewing(app: Flask, key: str, on: date) -> Callable[[], None]:
    typed = 0

    def show() -> None:
        nonlocal typed
        typed += 1
        words = STARTERS[0]
        with app.app_context(), reading():
            made = previewing.preview(
                db.session,
                subject=words.subject,
                body=f"{words.body}\n{'y' * typed}\n",
                reader_key=key,
                on=on,
                base_url=BASE_URL,
            )
            if made.problems:
                raise NotAsMeant(f"The preview says: {made.problems}.")

    return show
