"""What merging two people means for mailings: those under way, and those that name them."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.bin.models import Binned
from app.bin.undo_log import change
from app.core.errors import DomainError
from app.directory.models import Person
from app.letters.delivery.queue import NOT_DONE
from app.letters.models import (
    Letter,
    LetterRecipient,
    LetterState,
    Mailing,
    MailingState,
    PostalState,
)
from app.letters.recipients.audience import Audience
from app.merging.moving import key_of_addressee

UNDER_WAY = {
    MailingState.AWAITING_APPROVAL: "waits for approval",
    MailingState.HOLDING: "is about to leave",
    MailingState.SENDING: "is being sent",
    MailingState.PAUSED: "is paused",
}
NOT_GONE = (LetterState.DRAFT, LetterState.READY, *NOT_DONE)
ON_PAPER_HERE = (PostalState.READY, PostalState.APPROVED)
# What the author decided row by row, by addressee.
DECISIONS = tuple(one.name for one in fields(Audience) if one.default_factory is dict)


class LetterUnderWay(DomainError):
    """A letter to them was approved, or waits for it: its words and its readers are fixed."""

    def __init__(self, person: Person, mailing: Mailing) -> None:
        super().__init__(
            f"A letter to {person.name} in “{mailing.name}” {UNDER_WAY[mailing.state]}. Merge them"
            " once it has been sent, or stop the mailing or take it back to draft first."
        )
        self.mailing_id = mailing.id


def refuse_under_way(session: Session, person: Person) -> None:
    """Nobody goes while a letter to them, or a copy, has still to leave as it was approved."""
    copied = select(LetterRecipient.letter_id).where(LetterRecipient.person_id == person.id)
    mailing = session.scalar(
        select(Mailing)
        .join(Letter, Letter.mailing_id == Mailing.id)
        .where(
            Mailing.state.in_(UNDER_WAY),
            or_(Letter.person_id == person.id, Letter.id.in_(copied)),
            or_(
                Letter.state.in_(NOT_GONE),
                (Letter.state == LetterState.BY_POST) & Letter.post_state.in_(ON_PAPER_HERE),
            ),
        )
        .order_by(Mailing.id)
        .limit(1)
    )
    if mailing is not None:
        raise LetterUnderWay(person, mailing)


def rename_in_audiences(session: Session, binned: Binned, goes: Person, stays: Person) -> None:
    """Whom mailings were chosen for, by hand or row by row; a chaser asks the first letter."""
    audiences = session.execute(select(Mailing.id, Mailing.audience).order_by(Mailing.id)).all()
    for mailing_id, audience in audiences:
        if _names(audience, goes):
            mailing = session.get_one(
                Mailing, mailing_id, with_for_update=True, populate_existing=True
            )
            change(session, binned, mailing, {"audience": _renamed(session, mailing, goes, stays)})
    session.flush()


def _names(audience: Mapping[str, Any], person: Person) -> bool:
    key = key_of_addressee(person)
    return person.id in audience.get("person_ids", ()) or any(
        key in audience.get(name, {}) for name in DECISIONS
    )


def _renamed(session: Session, mailing: Mailing, goes: Person, stays: Person) -> dict[str, Any]:
    kept = dict(mailing.audience)
    if goes.id in kept.get("person_ids", ()):
        ids = [stays.id if one == goes.id else one for one in kept["person_ids"]]
        kept["person_ids"] = list(dict.fromkeys(ids))
    mine, theirs = key_of_addressee(stays), key_of_addressee(goes)
    named = [name for name in DECISIONS if theirs in kept.get(name, {})]
    if named and not _is_addressee(session, mailing, mine):
        kept |= {name: _under(kept[name], theirs, mine) for name in named}
    return kept


def _is_addressee(session: Session, mailing: Mailing, key: str) -> bool:
    """What was decided about the one who goes is not meant for somebody with a row of their own."""
    of_theirs = select(Letter.id).where(
        Letter.mailing_id == mailing.id, Letter.addressee_key == key
    )
    return session.scalar(of_theirs.limit(1)) is not None


def _under(decided: Mapping[str, str], old: str, new: str) -> dict[str, str]:
    return {new if key == old else key: words for key, words in decided.items()}
