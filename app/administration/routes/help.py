"""Help: what the words mean, and what each state means and leads to."""

import csv
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.accounts.access import requires
from app.administration.states import (
    EDITING_TOGETHER,
    FACT_KEYS,
    FOLLOW_UP_STATES,
    IMPORT_OUTCOMES,
    LETTER_STATES,
    MAILING_STATES,
    MILESTONE_STATES,
    OFFER_STATES,
    PAPER_STATES,
    POST_STATES,
    PRINT_FILE_STATES,
    PROMISE_STATES,
    REMINDER_STATES,
    STANDING_STATES,
)
from app.reminders.labels import STATE_WORDS

bp = Blueprint("help", __name__)

GLOSSARY = Path(__file__).parents[1] / "glossary.csv"


@cache
def glossary() -> list[tuple[str, str, str]]:
    """Anchor, term, meaning; in the order of the alphabet."""
    with GLOSSARY.open(encoding="utf-8-sig", newline="") as file:
        rows = [(row["term"].strip(), row["meaning"].strip()) for row in csv.DictReader(file)]
    return [(anchor(term), term, meaning) for term, meaning in sorted(rows, key=_alphabetically)]


def _alphabetically(row: tuple[str, str]) -> str:
    return row[0].lower()


def anchor(term: str) -> str:
    """What stands after the # in the address of a term."""
    return re.sub(r"[^a-z0-9]+", "-", term.lower()).strip("-")


def _in_words(states: Mapping[Any, str]) -> dict[str, str]:
    return {state.value.capitalize(): meaning for state, meaning in states.items()}


@bp.get("/help")
@requires()
def show() -> ResponseReturnValue:
    return render_template(
        "help/show.html",
        glossary=glossary(),
        groups=[
            ("letter", "States of a letter", _in_words(LETTER_STATES)),
            ("paper", "States of a letter by post", _in_words(PAPER_STATES)),
            ("print-file", "States of a file for the printer", _in_words(PRINT_FILE_STATES)),
            ("mailing", "States of a mailing", _in_words(MAILING_STATES)),
            ("post", "States of a post", _in_words(POST_STATES)),
            ("follow-up", "States of a follow-up", FOLLOW_UP_STATES),
            ("promise", "States of a promise, a decision or a question", PROMISE_STATES),
            ("offer", "States of an offer", _in_words(OFFER_STATES)),
            ("milestone", "States of a milestone", MILESTONE_STATES),
            (
                "reminder",
                "What becomes of a reminder",
                {STATE_WORDS[state]: said for state, said in REMINDER_STATES.items()},
            ),
            ("standing", "How far a body has met a milestone", STANDING_STATES),
            ("import", "What happens to the rows of an import", _in_words(IMPORT_OUTCOMES)),
            ("together", "When two people change the same record", EDITING_TOGETHER),
            ("fact", "Changing one fact in its place", FACT_KEYS),
        ],
        anchor=anchor,
    )
