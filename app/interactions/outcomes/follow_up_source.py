"""Where a follow-up came from, for pages that name it: the meeting, the letter, the mailing."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.followups.models import FollowUp
from app.interactions.models import Interaction

# Features above this one are known by the name of their page, and of its number in the address.
PAGES = {
    "interaction": ("interactions.read", "interaction_id"),
    "letter": ("letters.letter", "letter_id"),
    "mailing": ("letters.truth", "mailing_id"),
}


@dataclass(frozen=True)
class FollowUpSource:
    words: str
    endpoint: str
    values: dict[str, int]


def origins_of(
    session: Session, rows: Iterable[FollowUp], *, reader: User
) -> dict[int, FollowUpSource]:
    """By follow-up: where it came from, if that can be opened. One statement."""
    about = {row.id: (row.record_kind, row.record_id) for row in rows if row.record_kind in PAGES}
    ids = {number for kind, number in about.values() if kind == "interaction"}
    entries = {}
    if ids:
        found = session.scalars(
            select(Interaction).where(
                Interaction.id.in_(ids),
                Interaction.where_read_by(reader),
            )
        )
        entries = {entry.id: entry for entry in found}
    origins = {}
    for follow_up_id, (kind, number) in about.items():
        entry = entries.get(number or 0)
        if number is None or (kind == "interaction" and entry is None):
            continue
        words = f"{kind.capitalize()} {number}"
        if kind == "interaction" and entry:
            day = entry.happened_on
            words = f"{entry.kind.value.capitalize()} of {day.day} {day:%B %Y}"
        endpoint, argument = PAGES[kind]
        origins[follow_up_id] = FollowUpSource(words, endpoint, {argument: number})
    return origins
