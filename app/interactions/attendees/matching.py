"""Finding those of a pasted list among the people known and among our own (never by guessing)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.text.alphabet import alphabetical
from app.directory.addresses import address_key
from app.directory.models import Person, PersonEmail
from app.directory.name_matching import are_alike, name_of
from app.directory.queries.duplicates import Called
from app.directory.queries.people import told_apart
from app.interactions import queries
from app.interactions.attendees import typeahead
from app.interactions.attendees.pasted_text import PastedAttendee


@dataclass
class Match:
    """One of the list, with who it may be. `likely` is the choice that is ticked to begin with."""

    named: PastedAttendee
    people: dict[int, str] = field(default_factory=dict)
    user: User | None = None
    likely: str = "text"
    given_name: str = ""
    family_name: str = ""

    def __post_init__(self) -> None:
        """What a new person of that name would be called."""
        self.given_name, _, self.family_name = self.named.name.rpartition(" ")


def match(
    session: Session, named: Sequence[PastedAttendee], day: date, bodies: Collection[int]
) -> list[Match]:
    """By address, then by name at the bodies of a meeting; other namesakes are only offered."""
    by_email = _by_email(session, named)
    by_name = _by_name(session, named)
    here = {one.id for one in typeahead.people_known_at(session, bodies, day)}
    around = session.scalars(select(Person).where(Person.id.in_(here)).order_by(Person.id)).all()
    known = {p.id: p for found in (*by_email.values(), *by_name.values(), around) for p in found}
    words = told_apart(session, list(known.values()), day)
    users = queries.ours(session)
    matches = []
    for one in named:
        user = _our_own(users, one)
        found = by_email.get(address_key(one.email), []) if one.email else []
        sure = len(found) == 1
        if not found:
            found = by_name.get(_plain(one.name), []) if one.name else []
            at_bodies = [person for person in found if person.id in here]
            sure = len(at_bodies) == 1
            found = [*at_bodies, *(person for person in found if person.id not in here)]
            found += [person for person in _alike(one, around) if person not in found]
        likely = f"person:{found[0].id}" if sure else "text"
        matches.append(
            Match(
                one,
                {person.id: words[person.id] for person in found},
                user,
                f"user:{user.id}" if user else likely,
            )
        )
    return matches


def _by_email(session: Session, named: Sequence[PastedAttendee]) -> dict[str, list[Person]]:
    keys = {address_key(one.email) for one in named if one.email}
    rows = session.execute(
        select(PersonEmail.address_key, Person)
        .join(Person, Person.id == PersonEmail.person_id)
        .where(PersonEmail.address_key.in_(keys))
        .order_by(Person.id)
    )
    found: dict[str, list[Person]] = {}
    for key, person in rows:
        found.setdefault(key, []).append(person)
    return found


def _by_name(session: Session, named: Sequence[PastedAttendee]) -> dict[str, list[Person]]:
    """Of exactly that name, with or without a title before it."""
    wanted = {_plain(one.name) for one in named if one.name}
    families = {name.rpartition(" ")[2] for name in wanted}
    rows = session.scalars(
        select(Person)
        .where(
            or_(
                func.lower(Person.family_name).in_(families),
                Person.family_name.in_({one.name.rpartition(" ")[2] for one in named if one.name}),
            )
        )
        .order_by(alphabetical(Person.family_name), alphabetical(Person.given_name), Person.id)
    )
    found: dict[str, list[Person]] = {}
    for person in rows:
        for first in {person.given_name, person.known_as} - {""}:
            plain = f"{first} {person.family_name}"
            for name in (_plain(plain), _plain(f"{person.title} {plain}")):
                if name in wanted:
                    found.setdefault(name, []).append(person)
    return {name: list(dict.fromkeys(people)) for name, people in found.items()}


def _alike(one: PastedAttendee, around: Sequence[Person]) -> list[Person]:
    """Of nearly that name at the bodies of the meeting: offered, and never ticked by itself."""
    given, _, family = one.name.rpartition(" ")
    name = name_of(Called(given, family))
    return [person for person in around if one.name and are_alike(name, name_of(person))]


def _our_own(users: Sequence[User], one: PastedAttendee) -> User | None:
    """One of our users: by their address, or else by their whole name if no address is given."""
    if one.email:
        return next((user for user in users if user.email == address_key(one.email)), None)
    return next((user for user in users if _plain(user.name) == _plain(one.name)), None)


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


@dataclass(frozen=True)
class Decision:
    """What a person decided about one of the list."""

    choice: str  # person:12, user:3, new, text or skip
    given_name: str = ""
    family_name: str = ""
