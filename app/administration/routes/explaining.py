"""Help: what the words mean, and what the states of a letter and of a post mean."""

import csv
import re
from functools import cache
from pathlib import Path

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.accounts.access import requires
from app.administration.states import LETTER_STATES, MAILING_STATES, POST_STATES

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


@bp.get("/help")
@requires()
def show() -> ResponseReturnValue:
    return render_template(
        "help/show.html",
        glossary=glossary(),
        groups=[
            ("letter", "States of a letter", LETTER_STATES),
            ("mailing", "States of a mailing", MAILING_STATES),
            ("post", "States of a post", POST_STATES),
        ],
        anchor=anchor,
    )
