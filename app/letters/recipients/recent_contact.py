"""What these readers already had from us: the reason not to write again so soon."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.core.clock import LONDON
from app.directory.addresses import address_key
from app.letters import caught
from app.letters.content.fields import Addressee
from app.letters.models import (
    Channel,
    Letter,
    LetterAnswer,
    LetterRecipient,
    LetterState,
    Mailing,
    MailingState,
    PostalState,
)

ON_ITS_WAY = (
    LetterState.QUEUED,
    LetterState.CLAIMED,
    LetterState.TRANSMITTING,
    LetterState.WAITING_TO_RETRY,
)
COUNTED = (LetterState.SENT, LetterState.UNKNOWN, *ON_ITS_WAY)
# On paper. One that came back was written for nothing, and is no reason not to write again; nor
# is one that bounced.
POSTED = PostalState.POSTED
TO_BE_POSTED = (PostalState.APPROVED, PostalState.PRINTED)


@dataclass(frozen=True)
class Earlier:
    """A letter this reader had, or is about to have."""

    about: str
    on: date | None  # None: not gone yet
    template_version_id: int | None
    answered_on: date | None
    answered_by: str

    def why_not(self, today: date, recent_days: int, template_version_id: int) -> str:
        """The reason to leave this reader out; empty when the letter was long ago."""
        if self.on is None:
            return f"Another letter is on its way: “{self.about}”."
        days = (today - self.on).days
        ago = {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")
        if self.template_version_id == template_version_id:
            return f"Had these very words {ago}, in “{self.about}”."
        if days >= recent_days:
            return ""
        if self.answered_on:
            when = f"{self.answered_on.day} {self.answered_on:%b %Y}"
            return f"Answered “{self.about}” on {when} ({self.answered_by})."
        return f"Wrote to this reader {ago}: “{self.about}”."


@dataclass(frozen=True)
class EarlierLetters:
    by_person: dict[int, list[Earlier]]
    by_address: dict[str, list[Earlier]]
    by_key: dict[str, list[Earlier]]  # of offices

    def of(self, addressee: Addressee) -> list[Earlier]:
        if addressee.person_id:
            found = self.by_person.get(addressee.person_id, [])
        else:
            found = self.by_key.get(addressee.key, [])
        return [*found, *self.by_address.get(address_key(addressee.email) or "-", [])]


def earlier_letters(
    session: Session,
    *,
    besides: Collection[int],
    template_version_id: int,
    readers: Collection[Addressee],
    since: date,
) -> EarlierLetters:
    """Letters to any of these readers since that day, in the same words, or on their way.

    Those of the mailings `besides` do not count, unless they said the very same.
    """
    person_ids = [one.person_id for one in readers if one.person_id]
    office_keys = [one.key for one in readers if one.is_office]
    address_keys = [address_key(one.email) for one in readers if one.email]
    midnight = datetime.combine(since, datetime.min.time(), LONDON)
    waits = and_(Letter.state == LetterState.READY, Mailing.state == MailingState.AWAITING_APPROVAL)
    rows = session.execute(
        select(Letter, Mailing, LetterAnswer, LetterRecipient.address_key)
        .outerjoin(Mailing, Letter.mailing_id == Mailing.id)
        .outerjoin(LetterAnswer, LetterAnswer.letter_id == Letter.id)
        .outerjoin(
            LetterRecipient,
            and_(LetterRecipient.letter_id == Letter.id, LetterRecipient.is_cc.is_(False)),
        )
        .where(
            or_(Letter.mailing_id.is_(None), Letter.mailing_id.not_in(list(besides))),
            or_(
                and_(
                    or_(Letter.state.in_(COUNTED), waits),
                    Letter.bounced_on.is_(None),
                    caught.counts(),
                ),
                Letter.post_state.in_((POSTED, *TO_BE_POSTED)),
            ),
            or_(
                Letter.sent_at >= midnight,
                Letter.sent_on >= since,
                Letter.state.in_(ON_ITS_WAY),
                Letter.posted_on >= since,
                Letter.post_state.in_(TO_BE_POSTED),
                waits,
                Mailing.template_version_id == template_version_id,
            ),
            or_(
                Letter.person_id.in_(person_ids),
                LetterRecipient.address_key.in_(address_keys),
                and_(
                    Letter.addressee_key.in_(office_keys),
                    Letter.channel == Channel.POST.value,  # of the others the address tells
                ),
            ),
        )
        .order_by(Letter.id.desc())
    )
    by_person: dict[int, list[Earlier]] = defaultdict(list)
    by_address: dict[str, list[Earlier]] = defaultdict(list)
    by_key: dict[str, list[Earlier]] = defaultdict(list)
    for letter, mailing, answer, key in rows:
        earlier = _earlier(letter, mailing, answer)
        if letter.person_id:
            by_person[letter.person_id].append(earlier)
        elif letter.addressee_key and letter.channel == Channel.POST.value:
            by_key[letter.addressee_key].append(earlier)
        if key:
            by_address[key].append(earlier)
    return EarlierLetters(dict(by_person), dict(by_address), dict(by_key))


def _earlier(letter: Letter, mailing: Mailing | None, answer: LetterAnswer | None) -> Earlier:
    went = (
        letter.sent_on
        or letter.posted_on
        or (letter.sent_at.astimezone(LONDON).date() if letter.sent_at else None)
    )
    return Earlier(
        about=mailing.name if mailing else letter.subject,
        on=went,
        template_version_id=mailing.template_version_id if mailing else None,
        answered_on=answer.answered_on if answer else None,
        answered_by=answer.answered_by if answer else "",
    )


def window(today: date, recent_days: int) -> date:
    return today - timedelta(days=recent_days)
