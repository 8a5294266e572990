"""What we offered to a body, and what became of it, step by step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import User
from app.core.errors import DomainError
from app.directory.models import Organisation
from app.interactions.models import Interaction, Offer, OfferState, OfferStep, Theme

# From these on a body has taken what we offered: the last step of the map.
ACCEPTED = (OfferState.ACCEPTED, OfferState.UNDER_WAY, OfferState.DELIVERED)


class NothingOffered(DomainError):
    """An offer says what it is."""


class WrongDay(DomainError):
    """The steps of an offer follow one another, up to today."""


class NoStep(DomainError):
    """An offer that is what it was takes no step."""


@dataclass(frozen=True)
class OfferDetails:
    """What an offer says; the same for making one and for changing one."""

    what: str
    organisation: Organisation
    offered_on: date
    owner: User  # of ours, who sees to it
    theme: Theme | None = None
    details: str = ""


def make(
    session: Session,
    offered: OfferDetails,
    *,
    interaction: Interaction | None = None,
    by: User,
    on: date,
    form_token: str | None = None,
) -> Offer:
    """Write down an offer. The same form sent twice (a double click) makes one."""
    if form_token and (made := _made_by(session, form_token)):
        return made
    offer = Offer(interaction_id=interaction.id if interaction else None, form_token=form_token)
    _say(offer, offered, on)
    offer.state = OfferState.OFFERED
    session.add(offer)
    session.flush()
    _note_step(session, offer, OfferState.OFFERED, offered.offered_on, by=by)
    return offer


def change(session: Session, offer: Offer, offered: OfferDetails, *, on: date) -> None:
    """Correct what it says; the day it was offered is its first step’s."""
    steps = steps_of(session, offer.id)
    _say(offer, offered, on)
    if len(steps) > 1 and steps[1].reached_on < offered.offered_on:
        raise WrongDay(
            f"It was {steps[1].state.value} on {_day(steps[1].reached_on)}: "
            "it must have been offered by then."
        )
    steps[0].reached_on = offered.offered_on
    session.flush()


def take_step(
    session: Session,
    offer: Offer,
    state: OfferState,
    *,
    reached_on: date,
    note: str = "",
    by: User,
    on: date,
) -> OfferStep:
    """It is now accepted, under way, delivered, declined; or on offer again."""
    last = steps_of(session, offer.id)[-1]
    if state is offer.state:
        raise NoStep(f"It is {state.value} already.")
    _refuse_day(reached_on, last, on)
    offer.state = state
    return _note_step(session, offer, state, reached_on, note=note, by=by)


def take_back(session: Session, offer: Offer) -> None:
    """The last step was noted by mistake."""
    steps = steps_of(session, offer.id)
    if len(steps) < 2:
        raise NoStep("It was offered; there is no step to take back.")
    session.delete(steps[-1])
    offer.state = steps[-2].state
    session.flush()


def steps_of(session: Session, offer_id: int) -> Sequence[OfferStep]:
    """In the order they were taken."""
    return session.scalars(
        select(OfferStep)
        .where(OfferStep.offer_id == offer_id)
        .options(joinedload(OfferStep.by))
        .order_by(OfferStep.id)
    ).all()


def one_of(session: Session, offer_id: int, *, to_change: bool = False) -> Offer | None:
    statement = (
        select(Offer)
        .where(Offer.id == offer_id)
        .options(joinedload(Offer.organisation), joinedload(Offer.owner), joinedload(Offer.theme))
    )
    return session.scalar(statement.with_for_update(of=Offer) if to_change else statement)


_LATEST = select(Offer).order_by(Offer.offered_on.desc(), Offer.id.desc()).limit(20)


def to_bodies(session: Session, body_ids: Sequence[int]) -> Sequence[Offer]:
    """What was offered to these bodies, the latest first."""
    return session.scalars(_LATEST.where(Offer.organisation_id.in_(body_ids))).all()


def _note_step(
    session: Session,
    offer: Offer,
    state: OfferState,
    reached_on: date,
    *,
    note: str = "",
    by: User,
) -> OfferStep:
    step = OfferStep(
        offer_id=offer.id, state=state, reached_on=reached_on, note=note.strip(), by_id=by.id
    )
    session.add(step)
    session.flush()
    return step


def _say(offer: Offer, offered: OfferDetails, on: date) -> None:
    if not offered.what.strip():
        raise NothingOffered("Say what we offered, in a line.")
    if not offered.owner.is_active and offer.owner_id != offered.owner.id:
        raise NothingOffered(f"{offered.owner.name} no longer uses Liaise. Choose another owner.")
    _refuse_day(offered.offered_on, None, on)
    offer.what, offer.details = " ".join(offered.what.split()), offered.details.strip()
    offer.organisation_id, offer.owner_id = offered.organisation.id, offered.owner.id
    offer.theme_id = offered.theme.id if offered.theme else None
    offer.offered_on = offered.offered_on


def _refuse_day(day: date, last: OfferStep | None, on: date) -> None:
    if day > on:
        raise WrongDay("Give today’s date or an earlier one: this is for what has happened.")
    if last and day < last.reached_on:
        raise WrongDay(
            f"It was {last.state.value} on {_day(last.reached_on)}. Give that day or a later one."
        )


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _made_by(session: Session, form_token: str) -> Offer | None:
    return session.scalar(select(Offer).where(Offer.form_token == form_token))
