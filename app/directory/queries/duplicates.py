"""People who may be in the register twice: found by their mailbox, or by name and body."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from app.core.text.alphabet import alphabetical, folded
from app.directory.addresses import address_key, mailbox
from app.directory.models import (
    Appointment,
    NotTheSame,
    Organisation,
    Person,
    PersonEmail,
    Post,
    Succession,
)
from app.directory.name_matching import Name, Named, are_alike, are_the_same, name_of
from app.directory.queries.name_search import like

SAME_ADDRESS = "the same email address"
MOST = 10
_CALLED = (Person.given_name, Person.family_name, Person.known_as)


class Called(NamedTuple):
    """The parts of a name, as they were typed or are kept."""

    given_name: str
    family_name: str
    known_as: str = ""


@dataclass(frozen=True)
class Likely:
    """Somebody who may be the person asked about, and what makes us ask."""

    person: Person
    why: str


@dataclass(frozen=True)
class Pair:
    """Two people who may be one; the older record first."""

    one: int
    other: int
    why: str


def likely(
    session: Session,
    name: Named,
    *,
    emails: Collection[str] = (),
    bodies: Collection[int] = (),
    but: int = 0,
) -> list[Likely]:
    """Whom somebody about to be written down, or changed, may be. Those said to be somebody else
    than `but`, whose own record it is, are left out.

    Where nothing says which body one of them belongs to, nearly the same name is enough to ask.
    """
    asked = name_of(name)
    why: dict[int, list[str]] = defaultdict(list)
    for person_id in _with_mailbox(session, emails):
        why[person_id].append(SAME_ADDRESS)
    alike = {
        person_id: other
        for person_id, other in _everybody(session)
        if person_id != but and are_alike(asked, other)
    }
    where = _Whereabouts(session, alike)
    mine = where.kin(bodies)
    for person_id, other in alike.items():
        if words := _why_alike(asked, other, mine, person_id, where):
            why[person_id].append(words)
    told_apart = _told_apart_from(session, but) | {but} if but else frozenset()
    return _likely(session, why, told_apart)


def likely_twins(session: Session, person: Person, emails: Iterable[str]) -> list[Likely]:
    """Whom somebody in the register may be, among those at the same bodies and mailboxes: a few
    statements for a page that is opened often."""
    why: dict[int, list[str]] = defaultdict(list)
    for other_id in _with_mailbox(session, list(emails)):
        if other_id != person.id:
            why[other_id].append(SAME_ADDRESS)
    mine = name_of(person)
    for other_id, body, other in _colleagues(session, person):
        if are_alike(mine, other):
            words = _nearly(mine, other, body)
            if words not in why[other_id]:
                why[other_id].append(words)
    return _likely(session, why, _told_apart_from(session, person.id)) if why else []


def pairs(session: Session) -> list[Pair]:
    """Everybody who may be recorded twice, with somebody who may be the same; the newest first."""
    people = dict(_everybody(session))
    where = _Whereabouts(session, None)
    why: dict[tuple[int, int], list[str]] = defaultdict(list)
    for pair in _sharing_a_mailbox(session):
        why[pair].append(SAME_ADDRESS)
    for pair, words in _alike_somewhere(people, where):
        if words not in why[pair]:
            why[pair].append(words)
    for pair in session.execute(select(NotTheSame.person_id, NotTheSame.other_id)):
        why.pop((pair[0], pair[1]), None)
    found = [Pair(*pair, " and ".join(words)) for pair, words in why.items()]
    return sorted(found, key=lambda pair: (-pair.other, -pair.one))


def people_of(
    session: Session, found: Iterable[Pair], apart: Iterable[NotTheSame] = ()
) -> dict[int, Person]:
    """Everybody these are about."""
    ids = {person_id for pair in found for person_id in (pair.one, pair.other)}
    ids |= {person_id for said in apart for person_id in (said.person_id, said.other_id)}
    return {one.id: one for one in session.scalars(select(Person).where(Person.id.in_(ids)))}


def told_apart(session: Session) -> Sequence[NotTheSame]:
    """Pairs somebody said are two people, the newest first."""
    return session.scalars(
        select(NotTheSame)
        .options(joinedload(NotTheSame.said_by))
        .order_by(NotTheSame.said_at.desc(), NotTheSame.other_id.desc())
    ).all()


class _Whereabouts:
    """The bodies each of some people ever belonged to. A body and those that took over from it
    are one here, as its people often went along."""

    def __init__(self, session: Session, people: Collection[int] | None) -> None:
        self._leader: dict[int, int] = {}
        # By body and person: which of the bodies that are one here they belonged to, and its name.
        self._names: dict[tuple[int, int], dict[int, str]] = defaultdict(dict)
        self._of: dict[int, set[int]] = defaultdict(set)
        if people is not None and not people:
            return
        passed_on = select(Succession.predecessor_id, Succession.successor_id)
        for before, after in session.execute(passed_on):
            self._leader[self._find(before)] = self._find(after)
        wanted = (
            select(Appointment.person_id, Organisation.id, Organisation.short_name)
            .join(Post, Post.id == Appointment.post_id)
            .join(Organisation, Organisation.id == Post.organisation_id)
            .distinct()
        )
        if people is not None:
            wanted = wanted.where(Appointment.person_id.in_(people))
        for person_id, body_id, name in session.execute(wanted):
            leader = self._find(body_id)
            self._of[person_id].add(leader)
            self._names[leader, person_id][body_id] = name

    def of(self, person_id: int) -> set[int]:
        return self._of.get(person_id, set())

    def kin(self, bodies: Iterable[int]) -> set[int]:
        return {self._find(body) for body in bodies}

    def name(self, body: int, *people: int) -> str:
        """Where these met: the last body they shared, or else the last of each."""
        theirs = [self._names[body, one] for one in people]
        shared = set.intersection(*(set(names) for names in theirs))
        if shared:
            return theirs[0][max(shared)]
        return " and ".join(names[max(names)] for names in theirs)

    def crowds(self) -> Iterator[tuple[int, list[int]]]:
        """The people of each body together."""
        people: dict[int, list[int]] = defaultdict(list)
        for person_id, bodies in self._of.items():
            for body in bodies:
                people[body].append(person_id)
        for body, crowd in people.items():
            yield body, sorted(crowd)

    def _find(self, body: int) -> int:
        while (leader := self._leader.get(body, body)) != body:
            body = leader
        return body


def _why_alike(one: Name, other: Name, mine: set[int], other_id: int, where: _Whereabouts) -> str:
    theirs = where.of(other_id)
    if not (mine and theirs):
        return _nearly(one, other)
    shared = sorted((where.name(body, other_id) for body in mine & theirs), key=folded)
    return _nearly(one, other, shared[0]) if shared else ""


def _nearly(one: Name, other: Name, body: str = "") -> str:
    how = "the same name" if are_the_same(one, other) else "nearly the same name"
    return f"{how} at {body}" if body else how


def _alike_somewhere(
    people: Mapping[int, Name], where: _Whereabouts
) -> Iterator[tuple[tuple[int, int], str]]:
    for body, crowd in where.crowds():
        for one, other in combinations(crowd, 2):
            mine, theirs = people[one], people[other]
            if _share_letters(mine, theirs) and are_alike(mine, theirs):
                yield (one, other), _nearly(mine, theirs, where.name(body, one, other))
    by_whole: dict[str, list[int]] = defaultdict(list)
    for person_id, name in people.items():
        for whole in name.wholes if name.is_whole else ():
            by_whole[whole].append(person_id)
    for same in by_whole.values():
        for one, other in combinations(sorted(same), 2):
            if not (where.of(one) and where.of(other)):
                yield (one, other), _nearly(people[one], people[other])


def _share_letters(one: Name, other: Name) -> bool:
    """A quick look before the closer one: their words begin with the same letters."""
    mine, theirs = _initials(one), _initials(other)
    return len(mine & theirs) >= min(2, len(mine), len(theirs))


@lru_cache(maxsize=20_000)
def _initials(name: Name) -> frozenset[str]:
    return frozenset(word[0] for word in (*name.given, *name.known, *name.family))


@lru_cache(maxsize=20_000)
def _read(given_name: str, family_name: str, known_as: str) -> Name:
    return name_of(Called(given_name, family_name, known_as))


def _sharing_a_mailbox(session: Session) -> Iterator[tuple[int, int]]:
    by_mailbox: dict[str, set[int]] = defaultdict(set)
    for person_id, key in session.execute(select(PersonEmail.person_id, PersonEmail.address_key)):
        by_mailbox[mailbox(key)].add(person_id)
    for people in by_mailbox.values():
        yield from combinations(sorted(people), 2)


def _with_mailbox(session: Session, emails: Collection[str]) -> list[int]:
    """Who reads one of these mailboxes, however it is spelt."""
    boxes = {mailbox(address_key(email)) for email in emails if "@" in email}
    if not boxes:
        return []
    bare = func.replace(PersonEmail.address_key, ".", "")
    spelt = [
        condition
        for local, _, domain in (box.replace(".", "").rpartition("@") for box in boxes)
        for condition in (
            bare == f"{local}@{domain}",
            bare.like(f"{like(local)[1:-1]}+%@{like(domain)[1:-1]}", escape="\\"),
        )
    ]
    rows = session.execute(
        select(PersonEmail.person_id, PersonEmail.address_key)
        .where(or_(*spelt))
        .order_by(PersonEmail.person_id)
    )
    return list(dict.fromkeys(person_id for person_id, key in rows if mailbox(key) in boxes))


def _told_apart_from(session: Session, person_id: int) -> frozenset[int]:
    rows = session.execute(
        select(NotTheSame.person_id, NotTheSame.other_id).where(
            or_(NotTheSame.person_id == person_id, NotTheSame.other_id == person_id)
        )
    )
    return frozenset(other for row in rows for other in row if other != person_id)


def _likely(
    session: Session, why: Mapping[int, list[str]], told_apart: frozenset[int]
) -> list[Likely]:
    wanted = [person_id for person_id in why if person_id not in told_apart]
    people = session.scalars(
        select(Person)
        .where(Person.id.in_(wanted))
        .order_by(alphabetical(Person.family_name), alphabetical(Person.given_name), Person.id)
    )
    found = [Likely(one, " and ".join(why[one.id])) for one in people]
    return sorted(found, key=lambda one: SAME_ADDRESS not in one.why)[:MOST]


def _everybody(session: Session) -> Iterator[tuple[int, Name]]:
    rows = session.execute(select(Person.id, *_CALLED))
    return ((person_id, _read(*parts)) for person_id, *parts in rows)


def _colleagues(session: Session, person: Person) -> Iterator[tuple[int, str, Name]]:
    """Everybody who ever held a post at a body where this person ever held one."""
    my_post, mine = aliased(Post), aliased(Appointment)
    bodies = (
        select(my_post.organisation_id)
        .join(mine, mine.post_id == my_post.id)
        .where(mine.person_id == person.id)
    )
    rows = session.execute(
        select(Person.id, Organisation.short_name, *_CALLED)
        .join(Appointment, Appointment.person_id == Person.id)
        .join(Post, Post.id == Appointment.post_id)
        .join(Organisation, Organisation.id == Post.organisation_id)
        .where(Post.organisation_id.in_(bodies), Person.id != person.id)
        .group_by(Person.id, Organisation.short_name)
        .order_by(alphabetical(Organisation.short_name), Person.id)
    )
    return ((other_id, body, _read(*parts)) for other_id, body, *parts in rows)
