"""What an author decides about a mailing: whom it is for, and row by row who stays in."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.audit.services import record
from app.core.errors import DomainError, NoReason
from app.core.web.filters import plural
from app.directory.models import Person
from app.letters import queries
from app.letters.authorship import had_a_hand, must_be_draft
from app.letters.content.sources import why_unfit
from app.letters.drafting import letter_rows
from app.letters.drafting.summary import WAYS, summarise
from app.letters.models import Channel, Letter, Mailing
from app.letters.recipients.audience import Audience

LONGEST_SOURCE = 1000


class NobodyChosen(DomainError):
    pass


class NoSource(DomainError):
    """Nothing that could be recorded as where details come from."""


def choose(session: Session, mailing: Mailing, audience: Audience, *, by: User) -> None:
    """Keep the choice. The rows of an earlier choice go: they were checked for other people."""
    must_be_draft(mailing)
    mailing.audience = audience.chosen_like(Audience.from_json(mailing.audience)).as_json()
    letter_rows.unfreeze(session, mailing)
    had_a_hand(mailing, by)


def decide(
    session: Session, mailing: Mailing, letter: Letter, decision: str, reason: str, *, by: User
) -> None:
    """Leave one reader out, take one back in, include one in spite of a recent letter, write to a
    post that is recorded vacant, or say that an unusual greeting is right. What was decided, and
    why, is on the mailing's history."""
    must_be_draft(mailing)
    audience = Audience.from_json(mailing.audience)
    key, reason = letter.addressee_key or "", " ".join(reason.split())
    if not reason and decision in ("leave out", "include anyway", "write to the office"):
        raise NoReason("Say why, in a few words. It is kept with the letter.")
    who = f"{reason} ({by.name})"
    left_out, anyway = dict(audience.left_out), dict(audience.include_anyway)
    greetings, to_vacant = dict(audience.greeting_is_right), dict(audience.to_vacant)
    if decision == "leave out":
        left_out[key] = who
    elif decision == "take back":
        left_out.pop(key, None)
        anyway.pop(key, None)
    elif decision == "include anyway":
        anyway[key] = who
    elif decision == "write to the office":
        to_vacant |= {str(body_id): who for body_id in letter.findings.get("vacant", [])}
    elif decision == "greeting is right":
        greetings[key] = next(
            (line.rstrip(" ,:") for line in letter.text.split("\n") if line.startswith("Dear ")), ""
        )
    mailing.audience = replace(
        audience,
        left_out=left_out,
        include_anyway=anyway,
        greeting_is_right=greetings,
        to_vacant=to_vacant,
    ).as_json()
    record(
        session,
        action=decision,
        subjects=[("mailing", mailing.id), *_person(letter)],
        summary=f"{letter.to_name}: {reason}" if reason else letter.to_name,
    )


def say_source(
    session: Session, mailing: Mailing, people: Collection[int], source: str, *, by: User
) -> int:
    """Record at once where the details of these readers come from; of how many it was recorded.

    Only of those who stopped for want of it, and never in place of what somebody else said of one
    of them meanwhile.
    """
    must_be_draft(mailing)
    said = " ".join(source.split())
    if not said:
        raise NoSource("Say where these details come from: a web address, or a few words.")
    if len(said) > LONGEST_SOURCE:
        raise NoSource(f"Keep this to {LONGEST_SOURCE:,} characters.")
    if why := why_unfit(said):
        raise NoSource(why)
    stopped = set(summarise(queries.rows(session, mailing)).without_source)
    lacking = session.scalars(
        select(Person)
        .where(Person.id.in_(sorted(stopped & {*people})), Person.details_source == "")
        .order_by(Person.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for person in lacking:
        person.details_source = said
    had_a_hand(mailing, by)
    record(
        session,
        action="said where details come from",
        subjects=[("mailing", mailing.id)],
        summary=f"{plural(len(lacking), 'person', 'people')}: {said}",
    )
    return len(lacking)


def send_by(
    session: Session,
    mailing: Mailing,
    letters: Sequence[Letter],
    channel: Channel | None,
    *,
    by: User,
) -> None:
    """These readers get it by this way, whatever the others do; None: as the rest."""
    must_be_draft(mailing)
    if not letters:
        raise NobodyChosen("Tick at least one reader first.")
    audience = Audience.from_json(mailing.audience)
    decided = dict(audience.sent_by)
    for letter in letters:
        decided.pop(letter.addressee_key or "", None)
        if channel is not None:
            decided[letter.addressee_key or ""] = channel.value
    mailing.audience = replace(audience, sent_by=decided).as_json()
    had_a_hand(mailing, by)
    way = WAYS[channel] if channel else "as the rest"
    readers = letters[0].to_name if len(letters) == 1 else f"{len(letters)} readers"
    record(
        session,
        action="chose the way",
        subjects=[("mailing", mailing.id)],
        summary=f"{way}: {readers}",
    )


def _person(letter: Letter) -> list[tuple[str, int]]:
    return [("person", letter.person_id)] if letter.person_id else []
