"""Fixing a mailing's audience to named people, and finding whatever is not right yet."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.audit.models import AuditEvent
from app.audit.services import record
from app.core.clock import LONDON
from app.directory.addresses import address_key
from app.letters.authorship import had_a_hand, must_be_draft
from app.letters.content import attachments, images
from app.letters.content.rendering import renderer_for
from app.letters.drafting import letter_rows
from app.letters.drafting.letterhead import house_of_mailing, missing
from app.letters.drafting.preparing import Desk, PreparedLetter
from app.letters.findings import Finding
from app.letters.models import Attachment, LetterState, Mailing, TemplateVersion
from app.letters.recipients import chaser_recipients, choosing, recent_contact
from app.letters.recipients.audience import Audience
from app.letters.recipients.recipient import Recipient
from app.settings.services import settings_of

WHERE = {"subject": "The subject of the template", "body": "The template"}


def prepare(
    session: Session, mailing: Mailing, *, on: date, base_url: str, written_on: date | None = None
) -> list[PreparedLetter]:
    """Every letter as it would be on that day; nothing is kept."""
    audience = Audience.from_json(mailing.audience)
    settings = settings_of(session)
    version = session.get_one(TemplateVersion, mailing.template_version_id)
    desk = Desk(
        renderer=renderer_for(version.subject, version.body),
        house=house_of_mailing(session, mailing, base_url=base_url, written_on=written_on or on),
        installation=settings.installation,
        mailing_id=mailing.id,
        today=on,
        unchecked_days=settings.unchecked_warning_days,
        greeting_is_right=audience.greeting_is_right,
        to_vacant=audience.to_vacant,
    )
    found = _readers(session, mailing, audience, on)
    earlier = recent_contact.earlier_letters(
        session,
        besides=chaser_recipients.not_counted(session, mailing),
        template_version_id=mailing.template_version_id,
        readers=[one.addressee for one in found],
        since=recent_contact.window(on, settings.recent_days),
    )
    prepared = []
    for one in found:
        key = one.addressee.key
        had = earlier.of(one.addressee)
        reasons = [e.why_not(on, settings.recent_days, mailing.template_version_id) for e in had]
        why_not = next((reason for reason in reasons if reason), "")
        anyway = audience.include_anyway.get(key, "") if why_not else ""
        left_out = audience.left_out.get(key, "")
        excluded = f"Left out: {left_out}" if left_out else "" if anyway else why_not
        prepared.append(desk.prepare(one, excluded=excluded, include_anyway=anyway))
    return _twice(prepared)


def _readers(session: Session, mailing: Mailing, audience: Audience, on: date) -> list[Recipient]:
    """Whom the writer chose; of a chaser, who had the letter and has not answered."""
    if mailing.chases_id is not None:
        return chaser_recipients.readers(session, mailing, on=on)
    return choosing.readers(session, audience=audience, cc_rule=mailing.cc_rule, on=on)


def _twice(prepared: list[PreparedLetter]) -> list[PreparedLetter]:
    """Say so where one mailbox would get two letters: two records may be one person."""
    readers: dict[str, list[str]] = {}
    for one in prepared:
        if not one.excluded and one.reader.addressee.email:
            key = address_key(one.reader.addressee.email)
            readers.setdefault(key, []).append(one.reader.addressee.key)
    shared = {key for key, found in readers.items() if len(found) > 1}
    return [
        replace(
            one,
            warnings=(
                *one.warnings,
                f"Another letter of this mailing goes to {one.reader.addressee.email} too.",
            ),
        )
        if not one.excluded and address_key(one.reader.addressee.email) in shared
        else one
        for one in prepared
    ]


def check(
    session: Session, mailing: Mailing, *, by: User, at: datetime, base_url: str
) -> list[PreparedLetter]:
    """Fix the audience to named people and merge their letters. Later changes of a record do not
    reach these rows; they are shown as changed since, until somebody checks again."""
    must_be_draft(mailing)
    today = at.astimezone(LONDON).date()
    prepared = prepare(session, mailing, on=today, base_url=base_url)
    letter_rows.forget(session, mailing)
    letter_rows.write(session, mailing, prepared, by=by, at=at)
    had_a_hand(mailing, by)
    mailing.frozen_at = at
    images.freeze(session, mailing)
    session.flush()
    ready = sum(one.state is LetterState.READY for one in prepared)
    record(
        session,
        action="checked",
        subjects=[("mailing", mailing.id)],
        summary=f"{ready} of {mailing.letter_count} letters ready",
    )
    session.flush()
    mailing.checked_event_id = session.scalar(select(func.max(AuditEvent.id)))
    return prepared


def obstacles(
    session: Session,
    mailing: Mailing,
    *,
    attached: Sequence[Attachment],
    base_url: str,
    on: date,
) -> list[Finding]:
    """What stands in the way of the whole mailing with these files, whoever its readers are."""
    house = house_of_mailing(session, mailing, base_url=base_url, written_on=on)
    version = session.get_one(TemplateVersion, mailing.template_version_id)
    renderer = renderer_for(version.subject, version.body)
    words = [
        Finding(f"{WHERE[part]}: {problem}", "template")
        for part, problems in renderer.problems().items()
        for problem in problems
    ]
    return [
        *missing(house),
        *images.trouble_with_logo(session, mailing),
        *words,
        *attachments.too_large(session, attached),
    ]
