"""Reading what a briefing chooses from: never more than a page could hold, and only what its
reader may read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, defer, joinedload

from app.accounts.models import User
from app.accounts.visibility import Confidential
from app.core.text.alphabet import alphabetical
from app.directory.models import Person
from app.followups.models import FollowUp, FollowUpState
from app.interactions.models import (
    Interaction,
    InteractionKind,
    InteractionOrganisation,
    InteractionPerson,
    InteractionState,
    Offer,
    OfferState,
    Outcome,
    OutcomeKind,
    PointState,
)
from app.interactions.outcomes.whom import where_about
from app.letters import caught
from app.letters.models import Letter, LetterAnswer, LetterBoard, LetterState, PostalState

AT_MOST = 40
TOLD = (LetterState.SENT, LetterState.REFUSED, LetterState.UNKNOWN)
WAS_POSTED = (PostalState.POSTED, PostalState.RETURNED)


@dataclass(frozen=True)
class BriefingScope:
    """Of which bodies, for whom, on which day."""

    body_ids: Sequence[int]
    user: User
    day: date
    is_shared: bool = False  # by several bodies: each line says whom it is about
    meeting_id: int | None = None  # the one a joint briefing is for, which has its own page

    def may_read(self, model: type[Confidential]) -> ColumnElement[bool]:
        return model.where_read_by(self.user)


@dataclass(frozen=True)
class Contact:
    interaction: Interaction
    people: str
    ours: str


@dataclass(frozen=True)
class Sent:
    letter: Letter
    answered_on: date | None
    answered_by: str
    said: str


def open_promises(session: Session, who: BriefingScope) -> Sequence[Outcome]:
    """On both sides: the overdue and the urgent first, those without a date last."""
    promises = _open_points(who, OutcomeKind.COMMITMENT)
    late = (Outcome.due_on < who.day).desc().nulls_last()
    return session.scalars(promises.order_by(late, Outcome.due_on.nulls_last(), Outcome.id)).all()


def open_questions(session: Session, who: BriefingScope) -> Sequence[Outcome]:
    """What was asked and not answered yet, the newest first."""
    questions = _open_points(who, OutcomeKind.QUESTION)
    return session.scalars(questions.order_by(Outcome.made_on.desc(), Outcome.id.desc())).all()


def to_do(session: Session, who: BriefingScope) -> tuple[Sequence[FollowUp], int]:
    """What else is to be done about these bodies by day, and how much that is in all.

    A promise, or a question, that is on somebody's list stands under its own heading; what was
    put off stays out of sight until its day.
    """
    elsewhere = select(Outcome.follow_up_id).where(
        Outcome.follow_up_id.is_not(None),
        Outcome.kind.in_((OutcomeKind.COMMITMENT, OutcomeKind.QUESTION)),
    )
    from_entry = FollowUp.record_kind == "interaction"
    wanted = (
        where_about(FollowUp, who.body_ids),
        FollowUp.state == FollowUpState.OPEN,
        or_(FollowUp.asleep_until.is_(None), FollowUp.asleep_until <= who.day),
        FollowUp.id.not_in(elsewhere),
        who.may_read(FollowUp),
        or_(~from_entry, FollowUp.record_id.in_(_readable(who))),
    )
    found = session.scalars(
        select(FollowUp)
        .where(*wanted)
        .options(joinedload(FollowUp.owner), joinedload(FollowUp.organisation))
        .order_by(FollowUp.due_on, FollowUp.id)
        .limit(AT_MOST)
    ).all()
    return found, session.scalar(select(func.count(FollowUp.id)).where(*wanted)) or 0


def offers(session: Session, who: BriefingScope) -> Sequence[Offer]:
    """Those under way first; what was declined is left out."""
    return session.scalars(
        select(Offer)
        .where(Offer.organisation_id.in_(who.body_ids), Offer.state != OfferState.DECLINED)
        .order_by((Offer.state == OfferState.DELIVERED), Offer.offered_on.desc(), Offer.id.desc())
        .limit(AT_MOST)
    ).all()


def contacts(session: Session, who: BriefingScope) -> tuple[list[Contact], list[Contact], int]:
    """What is planned next, what was last, and how many there are in all. A note is no contact."""
    wanted = [
        Interaction.id.in_(_involving(who)),
        Interaction.kind != InteractionKind.NOTE,
        Interaction.state != InteractionState.CANCELLED,
        who.may_read(Interaction),
    ]
    if who.meeting_id is not None:
        wanted.append(Interaction.id != who.meeting_id)
    is_planned = (Interaction.state == InteractionState.PLANNED) & (
        Interaction.happened_on >= who.day
    )
    held = Interaction.state == InteractionState.HELD
    found = select(Interaction).where(*wanted).options(joinedload(Interaction.author))
    found = found.options(defer(Interaction.body), defer(Interaction.agenda))
    soonest = found.where(is_planned).order_by(Interaction.happened_on, Interaction.id).limit(1)
    newest = (
        found.where(held)
        .order_by(Interaction.happened_on.desc(), Interaction.id.desc())
        .limit(AT_MOST)
    )
    planned, last = session.scalars(soonest).all(), session.scalars(newest).all()
    counted = select(func.count(Interaction.id)).where(*wanted, or_(is_planned, held))
    people = _people(session, [one.id for one in (*planned, *last)])

    def contact(one: Interaction) -> Contact:
        return Contact(one, people.get(one.id, ""), one.author.name)

    total = session.scalar(counted) or 0
    return [contact(one) for one in planned], [contact(one) for one in last], total


def letters(session: Session, who: BriefingScope) -> tuple[list[Sent], int]:
    """The last letters, each with its first reply."""
    named = select(LetterBoard.letter_id).where(LetterBoard.organisation_id.in_(who.body_ids))
    wanted = (
        Letter.id.in_(named),
        or_(Letter.state.in_(TOLD), Letter.post_state.in_(WAS_POSTED)),
        Letter.sent_on <= who.day,
        caught.counts(),
    )
    found = session.scalars(
        select(Letter)
        .where(*wanted)
        .options(defer(Letter.text), defer(Letter.html), defer(Letter.findings))
        .order_by(Letter.sent_on.desc(), Letter.id.desc())
        .limit(AT_MOST)
    ).all()
    answers: dict[int, LetterAnswer] = {}
    for answer in session.scalars(
        select(LetterAnswer)
        .where(LetterAnswer.letter_id.in_([letter.id for letter in found]))
        .order_by(LetterAnswer.answered_on.desc(), LetterAnswer.id.desc())
    ):
        answers[answer.letter_id] = answer
    total = session.scalar(select(func.count(Letter.id)).where(*wanted)) or 0
    return [_sent(letter, answers.get(letter.id)) for letter in found], total


def _sent(letter: Letter, answer: LetterAnswer | None) -> Sent:
    if answer is None:
        return Sent(letter, None, "", "")
    return Sent(letter, answer.answered_on, answer.answered_by, answer.said)


def _open_points(who: BriefingScope, kind: OutcomeKind) -> Select[Outcome]:
    return (
        select(Outcome)
        .where(
            Outcome.kind == kind,
            Outcome.state == PointState.OPEN,
            where_about(Outcome, who.body_ids),
            who.may_read(Outcome),
            or_(Outcome.interaction_id.is_(None), Outcome.interaction_id.in_(_readable(who))),
        )
        .options(joinedload(Outcome.person), joinedload(Outcome.organisation))
    )


def _readable(who: BriefingScope) -> Select[int]:
    return select(Interaction.id).where(who.may_read(Interaction))


def _involving(who: BriefingScope) -> Select[int]:
    return select(InteractionOrganisation.interaction_id).where(
        InteractionOrganisation.organisation_id.in_(who.body_ids)
    )


def _people(session: Session, ids: Sequence[int]) -> dict[int, str]:
    rows = session.execute(
        select(InteractionPerson.interaction_id, Person)
        .join(Person, Person.id == InteractionPerson.person_id)
        .where(InteractionPerson.interaction_id.in_(ids))
        .order_by(alphabetical(Person.family_name), Person.id)
    )
    named: dict[int, list[str]] = {}
    for interaction_id, person in rows:
        named.setdefault(interaction_id, []).append(person.name)
    return {id_: some(names) for id_, names in named.items()}


def some(names: Sequence[str]) -> str:
    """The first two by name, and how many more."""
    more = len(names) - 2
    return ", ".join(names[:2]) + (f" and {more} more" if more > 0 else "")
