"""Everything a form says of an entry besides its notes."""

from dataclasses import dataclass
from datetime import date, time

from app.accounts.visibility import Visibility
from app.interactions.models import InteractionKind, InteractionState

Ids = frozenset[int]
NOBODY: Ids = frozenset()


@dataclass(frozen=True)
class Details:
    kind: InteractionKind
    state: InteractionState
    happened_on: date
    starts: time | None = None
    ends: time | None = None
    subject: str = ""
    place: str = ""
    link: str = ""
    agenda: str = ""
    others: str = ""
    visible_to: Visibility = Visibility.GROUP
    organisations: Ids = NOBODY
    people: Ids = NOBODY
    ours: Ids = NOBODY
    themes: Ids = NOBODY
