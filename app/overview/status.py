"""How far we are with each system on a day: its step, its lead, when we last heard."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    CompoundSelect,
    String,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from app.accounts.models import User
from app.accounts.visibility import Reader
from app.core.db import AnySelect, remembered
from app.core.text.alphabet import alphabetical
from app.directory.models import (
    PERSON_NAME,
    Appointment,
    Organisation,
    OrganisationKind,
    Ownership,
    Person,
    Post,
    PostType,
    Region,
    spoken_name,
)
from app.directory.rules import DUE_AFTER_DAYS
from app.interactions.models import (
    Interaction,
    InteractionKind,
    InteractionOrganisation,
    InteractionState,
    Offer,
    OfferStep,
    Outcome,
    OutcomeKind,
    PromisedBy,
)
from app.interactions.offers.offers import ACCEPTED
from app.letters.caught import counts
from app.letters.models import Letter, LetterAnswer, LetterBoard
from app.overview.engagement import Engagement, EngagementStep, engagement
from app.overview.succession_tree import Families, families_on, family_of_system

CHILDREN = "children"
UNCHECKED_AFTER = timedelta(days=DUE_AFTER_DAYS)

STEPS = {
    "named": EngagementStep.LEAD_NAMED,
    "letter": EngagementStep.LETTER_SENT,
    "answer": EngagementStep.REPLIED,
    "met": EngagementStep.MET,
}
PROMISED = {PromisedBy.US: "ours", PromisedBy.THEM: "theirs"}
CONTACTS = ("letter", "answer", "met", "call")  # a note is ours, and no contact
MET = (InteractionKind.MEETING, InteractionKind.EVENT)
SPOKE = (InteractionKind.CALL, InteractionKind.EMAIL)


class BodyName(NamedTuple):
    """As much of a body as a list needs."""

    id: int
    name: str
    short_name: str
    ods_code: str | None


class Lead(NamedTuple):
    person_id: int
    name: str
    is_acting: bool
    checked_on: date | None
    objected_on: date | None


class SystemStatus(NamedTuple):
    """One row of the map, its table and its CSV."""

    system: BodyName
    board: BodyName
    region: str
    engagement: Engagement
    leads: tuple[Lead, ...]
    owner_id: int | None
    owner: str
    last_contact_on: date | None


def is_stale(row: SystemStatus, day: date) -> bool:
    """Whether a lead of this system was not checked for more than 90 days."""
    return any(
        lead.checked_on is None or lead.checked_on < day - UNCHECKED_AFTER for lead in row.leads
    )


class _Span(NamedTuple):
    first: date | None = None
    last: date | None = None


NEVER = _Span()
Spans = Mapping[str, _Span]  # by what happened


def standings(
    session: Session,
    day: date,
    everybody: Families | None = None,
    *,
    reader: User | None = None,
) -> list[SystemStatus]:
    """Every system of that day, by name, as far as this reader may know.

    Three statements, and two for families not yet known.
    """
    known = everybody or families_on(session, day)
    happened = session.execute(_happened(day, reader and Reader.of(reader)))
    spans = _spans(happened, lambda body_id: known.systems_of.get(body_id, ()))
    boards = session.execute(_boards(day).where(Organisation.id.in_(known.board_of.values())))
    return _standings(session, day, boards.all(), spans)


def standing_of(
    session: Session, system_id: int, day: date, *, reader: User | None = None
) -> SystemStatus | None:
    """One system's row; none on a day it does not exist. Three statements."""
    boards = session.execute(_boards_of(system_id, day)).all()
    if not boards:
        return None
    happened = session.execute(_happened_to(system_id, day, reader and Reader.of(reader)))
    spans = _spans(happened, lambda _: (system_id,))
    return max(_standings(session, day, boards, spans), key=lambda row: row.board.id)


def _standings(
    session: Session, day: date, boards: Sequence[Any], spans: Mapping[int, Spans]
) -> list[SystemStatus]:
    leads = _leads(session, day, tuple(row[4] for row in boards))
    rows = {}  # of several who look after one, the last one named
    for row in boards:
        region, owner_id, owner = row[8:11]
        named = BodyName(*row[4:8])
        held_by = leads.get(named.id, ())
        own = spans.get(row[0], {})
        rows[named.id] = SystemStatus(
            system=BodyName(*row[0:4]),
            board=named,
            region=region or "",
            engagement=engagement(
                {step: own.get(what, NEVER).first for what, step in STEPS.items()}
                | {EngagementStep.WORKING_TOGETHER: _together(own)},
                lead_known_now=bool(held_by),
            ),
            leads=held_by,
            owner_id=owner_id,
            owner=owner or "",
            last_contact_on=_last_contact(own),
        )
    return list(rows.values())


def _together(own: Spans) -> date | None:
    """Since an offer was accepted, or each side had promised the other something."""
    sides = [own.get(what, NEVER).first for what in PROMISED.values()]
    promised = [day for day in sides if day]
    both = max(promised) if len(promised) == len(sides) else None
    return min((day for day in (own.get("accepted", NEVER).first, both) if day), default=None)


def _last_contact(own: Spans) -> date | None:
    days = [own[what].last for what in CONTACTS if what in own]
    return max((day for day in days if day), default=None)


def _leads(session: Session, day: date, board_ids: tuple[int, ...]) -> dict[int, tuple[Lead, ...]]:
    rows = session.execute(_holders(day, board_ids))
    leads: dict[int, tuple[Lead, ...]] = {}
    for body_id, is_acting, checked_on, person_id, objected_on, *name in rows:
        lead = Lead(person_id, spoken_name(*name), is_acting, checked_on, objected_on)
        leads[body_id] = (*leads.get(body_id, ()), lead)
    return leads


def _spans(
    happened: Iterable[Any], systems_of: Callable[[int], Iterable[int]]
) -> dict[int, dict[str, _Span]]:
    """What happened to bodies, first and last, gathered under the systems they belong to."""
    found: dict[int, dict[str, _Span]] = {}
    for what, body_id, first, last in happened:
        for system_id in systems_of(body_id):
            spans = found.setdefault(system_id, {})
            known = spans.get(what, NEVER)
            spans[what] = _Span(
                min((day for day in (known.first, first) if day), default=None),
                max((day for day in (known.last, last) if day), default=None),
            )
    return found


@remembered
def _boards(day: date) -> AnySelect:
    system, board = aliased(Organisation), Organisation
    owned = (Ownership.organisation_id == board.id) & Ownership.where_held_on(day)
    return (
        select(
            *(system.id, system.name, system.short_name, system.ods_code),
            *(board.id, board.name, board.short_name, board.ods_code),
            *(Region.name, User.id, User.name),
        )
        .join(board, board.part_of_id == system.id)
        .outerjoin(Region, Region.id == board.region_id)
        .outerjoin(Ownership, owned)
        .outerjoin(User, User.id == Ownership.user_id)
        .order_by(alphabetical(system.short_name), system.id, Ownership.id)
    )


@remembered
def _boards_of(system_id: int, day: date) -> AnySelect:
    return _boards(day).where(
        Organisation.kind == OrganisationKind.ICB,
        Organisation.part_of_id == system_id,
        Organisation.where_exists_on(day),
    )


@remembered
def _holders(day: date, board_ids: tuple[int, ...]) -> AnySelect:
    return (
        select(
            *(Post.organisation_id, Appointment.is_acting, Appointment.checked_on),
            *(Person.id, Person.objected_on, *PERSON_NAME),
        )
        .join(Post, Post.id == Appointment.post_id)
        .join(PostType, PostType.id == Post.post_type_id)
        .join(Person, Person.id == Appointment.person_id)
        .where(
            PostType.code == CHILDREN,
            Appointment.where_held_on(day),
            Post.organisation_id.in_(board_ids),
        )
        .order_by(Appointment.is_acting, alphabetical(Person.family_name), Person.id)
    )


def _first_and_last(what: str, body_id: Any, day: Any) -> AnySelect:
    return select(
        literal(what, String).label("what"),
        body_id.label("body_id"),
        func.min(day).label("first"),
        func.max(day).label("last"),
    ).group_by(body_id)


def _spoke(what: str, kinds: Sequence[InteractionKind]) -> AnySelect:
    """Held meetings, or calls: what is planned or cancelled brought nobody together."""
    about = InteractionOrganisation
    return (
        _first_and_last(what, about.organisation_id, Interaction.happened_on)
        .join(Interaction, Interaction.id == about.interaction_id)
        .where(Interaction.kind.in_(kinds), Interaction.state == InteractionState.HELD)
    )


# A lead counts as named from the day we can first show somebody in the post.
_SHOWN_ON = func.coalesce(Appointment.started_on, Appointment.known_since)
_NAMED = (
    _first_and_last("named", Post.organisation_id, _SHOWN_ON)
    .join(Appointment, Appointment.post_id == Post.id)
    .join(PostType, PostType.id == Post.post_type_id)
    .where(PostType.code == CHILDREN)
)
_LETTERS = (
    _first_and_last("letter", LetterBoard.organisation_id, Letter.sent_on)
    .join(Letter, Letter.id == LetterBoard.letter_id)
    .where(Letter.where_gone(), counts())
)
_ANSWERS = _first_and_last("answer", LetterBoard.organisation_id, LetterAnswer.answered_on).join(
    LetterAnswer, LetterAnswer.letter_id == LetterBoard.letter_id
)
_MEETINGS, _CALLS = _spoke("met", MET), _spoke("call", SPOKE)
_OFFERS = (
    _first_and_last("accepted", Offer.organisation_id, OfferStep.reached_on)
    .join(OfferStep, OfferStep.offer_id == Offer.id)
    .where(OfferStep.state.in_(ACCEPTED))
)


def _promised(side: PromisedBy) -> AnySelect:
    """By the body it names, or else by every body of its meeting: see outcomes.whom."""
    of_entry = InteractionOrganisation
    body_id = func.coalesce(Outcome.organisation_id, of_entry.organisation_id)
    return (
        _first_and_last(PROMISED[side], body_id, Outcome.made_on)
        .select_from(Outcome)
        .outerjoin(
            of_entry,
            Outcome.organisation_id.is_(None) & (of_entry.interaction_id == Outcome.interaction_id),
        )
        .where(Outcome.kind == OutcomeKind.COMMITMENT, Outcome.promised_by == side)
    )


_PROMISES = [_promised(side) for side in PROMISED]


@remembered
def _happened(on: date, reader: Reader | None) -> CompoundSelect[*tuple[Any, ...]]:
    """The first and last day of each kind of thing at each body."""
    is_for_reader = Interaction.where_read_by(reader)
    return union_all(
        _NAMED.where(on >= _SHOWN_ON),
        _LETTERS.where(Letter.sent_on <= on),
        _ANSWERS.where(LetterAnswer.answered_on <= on),
        _MEETINGS.where(Interaction.happened_on <= on, is_for_reader),
        _CALLS.where(Interaction.happened_on <= on, is_for_reader),
        _OFFERS.where(OfferStep.reached_on <= on),
        *(
            promises.where(Outcome.made_on <= on, Outcome.where_read_by(reader))
            for promises in _PROMISES
        ),
    )


@remembered
def _happened_to(system_id: int, on: date, reader: Reader | None) -> AnySelect:
    happened = _happened(on, reader).subquery()
    return select(happened).where(happened.c.body_id.in_(family_of_system(system_id, on)))
