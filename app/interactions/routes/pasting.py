"""A pasted list of attendees: who they may be, what was decided about each, and putting them in."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from app.core import clock
from app.core.errors import DomainError
from app.interactions.attendees.matching import Decision, Match, match
from app.interactions.attendees.pasted_text import read
from app.interactions.routes.forms import LogForm

UNDECIDED = "Say who each of them is, then write it down."


def find_pasted(session: Session, form: LogForm, sent: Mapping[str, str]) -> list[Match]:
    """Who is in the list of a form, as decided so far; why it leads to nobody is said beside it."""
    box = form.pasted
    if not box.data:
        return []
    day = form.happened_on.data or clock.today()
    try:
        matches = match(session, read(box.data), day, form.organisations.data or [])
    except DomainError as refusal:
        box.trouble = str(refusal)
        box.errors = [box.trouble]
        return []
    # Choices are about the list that was shown with them, and not about another one.
    is_decided = (form.listed.data or "").split() == box.data.split()
    form.listed.data = box.data
    if is_decided:
        return as_decided(matches, sent)
    box.trouble = UNDECIDED
    return matches


def decisions(sent: Mapping[str, str], matches: Sequence[Match]) -> list[Decision]:
    return [
        Decision(
            sent.get(f"who-{i}", "text"),
            sent.get(f"given-{i}", "")[:100],
            sent.get(f"family-{i}", "")[:100],
        )
        for i in range(len(matches))
    ]


def as_decided(matches: list[Match], sent: Mapping[str, str]) -> list[Match]:
    """After a refusal the choices stand as they were made."""
    for i, one in enumerate(matches):
        one.likely = sent.get(f"who-{i}", one.likely)
        one.given_name = sent.get(f"given-{i}", one.given_name)
        one.family_name = sent.get(f"family-{i}", one.family_name)
    return matches
