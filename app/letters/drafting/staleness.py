"""Whether the letters that were checked are still those that would be written today."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.models import AuditEvent
from app.core.clock import LONDON
from app.directory.addresses import address_key
from app.letters.drafting.checking import prepare
from app.letters.drafting.preparing import PreparedLetter
from app.letters.drafting.summary import WAYS
from app.letters.models import Letter, LetterRecipient, LetterState, Mailing

# A change of one of these can change what a letter says or where it goes.
FELT_IN_LETTERS = frozenset(
    {
        *("person", "person_email", "appointment", "post", "post_type", "organisation"),
        "post_observation",
        *("succession", "council_share", "ownership", "region", "signatory", "settings"),
        "letter_answer",
    }
)

# Whether the letter it follows arrived may be found out while a chaser is a draft.
FELT_IN_CHASERS = FELT_IN_LETTERS | {"letter"}


def changed_since(session: Session, mailing: Mailing, *, on: date, base_url: str) -> list[str]:
    """How the letters would differ if they were checked now, a sentence for each reader.

    Usually no record was touched since, and one look at the newest audit event says so.
    """
    if mailing.frozen_at is None:
        return []
    felt = FELT_IN_CHASERS if mailing.chases_id else FELT_IN_LETTERS
    touched = session.scalar(
        select(AuditEvent.id)
        .where(AuditEvent.id > (mailing.checked_event_id or 0), AuditEvent.kind.in_(felt))
        .limit(1)
    )
    if touched is None and mailing.frozen_at.astimezone(LONDON).date() == on:
        return []
    dated = mailing.frozen_at.astimezone(LONDON).date()
    now = prepare(session, mailing, on=on, base_url=base_url, written_on=dated)
    letters = session.scalars(select(Letter).where(Letter.mailing_id == mailing.id)).all()
    return _differences(letters, _copies(session, letters), now)


def _copies(session: Session, letters: Sequence[Letter]) -> dict[int, set[str]]:
    rows = session.execute(
        select(LetterRecipient.letter_id, LetterRecipient.address_key).where(
            LetterRecipient.letter_id.in_([letter.id for letter in letters]),
            LetterRecipient.is_cc.is_(True),
        )
    )
    found: dict[int, set[str]] = {}
    for letter_id, key in rows:
        found.setdefault(letter_id, set()).add(key)
    return found


def _differences(
    letters: Sequence[Letter], copies: Mapping[int, set[str]], now: Sequence[PreparedLetter]
) -> list[str]:
    kept = {letter.addressee_key: letter for letter in letters}
    found = []
    for one in now:
        letter = kept.pop(one.reader.addressee.key, None)
        name = one.reader.addressee.to_name or one.reader.addressee.full_name
        if letter is None and one.excluded:
            found.append(f"{name}: would be left out now. {one.excluded}")
        elif letter is None:
            found.append(f"{name} would be among the readers now.")
        elif words := _difference(letter, copies.get(letter.id, set()), one):
            found.append(f"{name}: {words}")
    found += [
        f"{gone.to_name} would no longer be among the readers."
        for gone in kept.values()
        if gone.state is not LetterState.EXCLUDED  # was not among them
    ]
    return found


def _difference(letter: Letter, copies: set[str], now: PreparedLetter) -> str:
    if letter.state is LetterState.EXCLUDED:
        return "" if now.excluded else "there is no longer a reason to leave this reader out."
    if now.excluded:
        return f"would be left out now. {now.excluded}"
    if now.problems:
        had = {problem["words"] for problem in letter.findings["problems"]}
        return next((one.words for one in now.problems if one.words not in had), "")
    if letter.state is LetterState.DRAFT:
        return "has been corrected."
    return _difference_of_words(letter, copies, now)


def _difference_of_words(letter: Letter, copies: set[str], now: PreparedLetter) -> str:
    rendered, addressee = now.rendered, now.reader.addressee
    if letter.channel != now.reader.channel.value:
        return f"would go {WAYS[now.reader.channel]} now."
    if letter.envelope != now.envelope.text:
        return "the envelope would show another address now."
    if letter.to_email != addressee.email:
        return f"the address is {addressee.email} now."
    if copies != {address_key(copy.address) for copy in now.reader.copies}:
        return "other people would get copies now."
    if rendered and (letter.subject, letter.text) != (rendered.subject, rendered.text):
        return "the letter would say something else now."
    return ""
