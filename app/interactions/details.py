"""Everything a form says of an entry besides its notes, and how two people's changes go together.

Who saves second changed only what differs from what they were shown. Where both changed the same
thing differently, a person decides; lists of bodies and people simply take both changes.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, time
from typing import Any

from app.accounts.visibility import Visibility
from app.interactions.models import InteractionKind, InteractionState

Ids = frozenset[int]
NOBODY: Ids = frozenset()

WORDS = {
    "kind": "What was it?",
    "state": "Planned or held",
    "happened_on": "When",
    "starts": "From",
    "ends": "To",
    "subject": "In a line",
    "place": "Place",
    "link": "Link of the call",
    "agenda": "Agenda",
    "others": "Who else was there",
    "visible_to": "Who can read it",
}


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


@dataclass(frozen=True)
class Clash:
    """One thing that two people changed differently."""

    field: str
    theirs: str
    mine: str

    @property
    def sentence(self) -> str:
        theirs = f"“{self.theirs}”" if self.theirs else "nothing"
        mine = f"“{self.mine}”" if self.mine else "nothing"
        return (
            f"{WORDS[self.field]}: somebody else saved {theirs} meanwhile; you have {mine}. "
            "Leave yours and save again to keep it, or put theirs in its place."
        )


def merged(base: Details, theirs: Details, mine: Details) -> tuple[Details, list[Clash]]:
    """Both changes in one; of what clashes, mine, for a person to look at (pure)."""
    result: dict[str, Any] = {}
    clashes = []
    for field in fields(Details):
        was, now, wanted = (getattr(one, field.name) for one in (base, theirs, mine))
        if isinstance(was, frozenset):
            result[field.name] = (now - (was - wanted)) | (wanted - was)
            continue
        result[field.name] = now if wanted == was else wanted
        if was not in (now, wanted) and now != wanted:
            clashes.append(Clash(field.name, _say(now), _say(wanted)))
    return replace(mine, **result), clashes


def to_text(details: Details) -> str:
    """For the hidden field in which a form remembers what it showed."""
    return json.dumps({key: _plain(value) for key, value in asdict(details).items()})


def from_text(text: str, otherwise: Details) -> Details:
    """What a form showed; if that cannot be read, what there is now."""
    try:
        kept: Mapping[str, Any] = json.loads(text)
        return Details(
            kind=InteractionKind(kept["kind"]),
            state=InteractionState(kept["state"]),
            happened_on=date.fromisoformat(kept["happened_on"]),
            starts=_time(kept["starts"]),
            ends=_time(kept["ends"]),
            visible_to=Visibility(kept["visible_to"]),
            **_each(kept, str, ("subject", "place", "link", "agenda", "others")),
            **_each(kept, _ids, ("organisations", "people", "ours", "themes")),
        )
    except (ValueError, KeyError, TypeError):
        return otherwise


def _each(kept: Mapping[str, Any], read: Callable[[Any], Any], names: Sequence[str]) -> Any:
    return {name: read(kept[name]) for name in names}


def _ids(kept: Any) -> Ids:
    return frozenset(int(id_) for id_ in kept)


def _time(kept: str) -> time | None:
    return time.fromisoformat(kept) if kept else None


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, InteractionKind | InteractionState | Visibility):
        return value.value
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return value.isoformat() if isinstance(value, date) else value or ""


def _say(value: Any) -> str:
    if isinstance(value, Visibility):
        return value.words
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    return str(_plain(value))
