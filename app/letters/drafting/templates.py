"""Templates and their versions, signatories, and beginning a mailing."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.errors import DomainError, NameTaken
from app.core.text.placeholders import first_gap
from app.letters.authorship import had_a_hand, must_be_draft
from app.letters.content.rendering import Renderer
from app.letters.drafting import letter_rows
from app.letters.models import (
    CcRule,
    LetterTemplate,
    Mailing,
    Signatory,
    TemplateVersion,
)
from app.letters.recipients.audience import Audience


class BadWords(DomainError):
    """These words cannot be sent; `problems` says why, by the field of the form."""

    def __init__(self, problems: Mapping[str, list[str]]) -> None:
        super().__init__("; ".join(words for found in problems.values() for words in found))
        self.problems = problems


class BadTemplate(BadWords):
    pass


class BadSignature(BadWords):
    pass


def latest_version(session: Session, template: LetterTemplate) -> TemplateVersion:
    return session.scalars(
        select(TemplateVersion)
        .where(TemplateVersion.template_id == template.id)
        .order_by(TemplateVersion.number.desc())
        .limit(1)
    ).one()


def write_template(
    session: Session,
    *,
    name: str,
    purpose: str,
    subject: str,
    body: str,
    by: User | None,
    at: datetime,
    is_starter: bool = False,
) -> LetterTemplate:
    """A template with its first version."""
    _refuse_bad_words(subject, body)
    return _new_template(
        session,
        name=name,
        purpose=purpose,
        subject=subject,
        body=body,
        by=by,
        at=at,
        is_starter=is_starter,
    )


def _new_template(
    session: Session,
    *,
    name: str,
    purpose: str,
    subject: str,
    body: str,
    by: User | None,
    at: datetime,
    is_starter: bool = False,
) -> LetterTemplate:
    template = LetterTemplate(
        name=_free_name(session, name), purpose=purpose.strip(), is_starter=is_starter
    )
    session.add(template)
    session.flush()
    _add_version(session, template, 1, subject=subject, body=body, by=by, at=at)
    return template


def edit_template(
    session: Session,
    template: LetterTemplate,
    *,
    name: str,
    purpose: str,
    subject: str,
    body: str,
    by: User,
    at: datetime,
) -> TemplateVersion:
    """Other words make the next version; mailings keep the version they were begun with."""
    _refuse_bad_words(subject, body)
    template.name = _free_name(session, name, but=template)
    template.purpose = purpose.strip()
    latest = latest_version(session, template)
    if (latest.subject, latest.body) == (_line(subject), _text(body)):
        return latest
    template.is_starter = False
    return _add_version(
        session, template, latest.number + 1, subject=subject, body=body, by=by, at=at
    )


def new_fields(session: Session, template: LetterTemplate, subject: str, body: str) -> list[str]:
    """Fields these words use and the latest version does not: each needs a value in every row."""
    latest = latest_version(session, template)
    before, after = Renderer(latest.subject, latest.body), Renderer(subject, body)
    return [name for name in after.field_names() if name not in before.field_names()]


def duplicate_template(
    session: Session, template: LetterTemplate, *, by: User, at: datetime
) -> LetterTemplate:
    """Words that would be refused today are copied as they are: a copy is there to be edited."""
    latest = latest_version(session, template)
    name, number = f"{template.name} (copy)", 2
    while _holder(session, name) is not None:
        name, number = f"{template.name} (copy {number})", number + 1
    return _new_template(
        session,
        name=name,
        purpose=template.purpose,
        subject=latest.subject,
        body=latest.body,
        by=by,
        at=at,
    )


def archive_template(template: LetterTemplate, *, at: datetime | None) -> None:
    """Out of the list of what to write with; its mailings keep it. None brings it back."""
    template.archived_at = at


def _add_version(
    session: Session,
    template: LetterTemplate,
    number: int,
    *,
    subject: str,
    body: str,
    by: User | None,
    at: datetime,
) -> TemplateVersion:
    version = TemplateVersion(
        template_id=template.id,
        number=number,
        subject=_line(subject),
        body=_text(body),
        written_at=at,
        written_by_id=by.id if by else None,
    )
    session.add(version)
    session.flush()
    return version


def _line(subject: str) -> str:
    return " ".join(subject.split())


def _text(body: str) -> str:
    return body.replace("\r\n", "\n").replace("\r", "\n").strip() + "\n"


def _refuse_bad_words(subject: str, body: str) -> None:
    if problems := Renderer(subject, body).problems():
        raise BadTemplate(problems)


def _holder(session: Session, name: str) -> LetterTemplate | None:
    return session.scalar(
        select(LetterTemplate).where(func.lower(LetterTemplate.name) == name.lower())
    )


def _free_name(session: Session, name: str, but: LetterTemplate | None = None) -> str:
    name = _line(name)
    holder = _holder(session, name)
    if holder is not None and holder is not but:
        where = " It is among the archived ones." if holder.archived_at else ""
        raise NameTaken(f"There is a template called “{holder.name}” already.{where}")
    return name


def _gap_in(words: str) -> str:
    gap = first_gap(words)
    return f"“{gap}” is still to be filled in. Write it as it goes below a letter." if gap else ""


def keep_signatory(
    session: Session,
    signatory: Signatory | None,
    *,
    name: str,
    job_title: str,
    organisation: str,
) -> Signatory:
    """Add somebody who signs, or change what stands below the letter."""
    lines = {
        "name": _line(name),
        "job_title": _line(job_title),
        "organisation": _line(organisation),
    }
    if problems := {part: [gap] for part, words in lines.items() if (gap := _gap_in(words))}:
        raise BadSignature(problems)
    signatory = signatory or Signatory()
    for part, words in lines.items():
        setattr(signatory, part, words)
    session.add(signatory)
    session.flush()
    return signatory


def begin_mailing(
    session: Session,
    *,
    name: str,
    template: LetterTemplate,
    signatory: Signatory | None,
    reply_to: str,
    cc_rule: CcRule,
    form_token: str,
    by: User,
    at: datetime,
) -> Mailing:
    """A new mailing in draft. The same form sent twice begins one."""
    begun = session.scalar(select(Mailing).where(Mailing.form_token == form_token))
    if begun is not None:
        return begun
    mailing = Mailing(
        name=_line(name),
        template_version=latest_version(session, template),
        signatory=signatory,
        reply_to=reply_to.strip(),
        cc_rule=cc_rule,
        audience=Audience().as_json(),
        created_at=at,
        created_by_id=by.id,
        author_ids=[str(by.id)],
        form_token=form_token,
    )
    session.add(mailing)
    session.flush()
    return mailing


def newer_words(session: Session, mailing: Mailing) -> TemplateVersion | None:
    """The newest version of a mailing's template, where that is not the one it has."""
    has = mailing.template_version
    return session.scalar(
        select(TemplateVersion)
        .where(TemplateVersion.template_id == has.template_id, TemplateVersion.number > has.number)
        .order_by(TemplateVersion.number.desc())
        .limit(1)
    )


def use_newest_words(session: Session, mailing: Mailing, *, by: User) -> None:
    """What was checked has to be checked again."""
    must_be_draft(mailing)
    if newer := newer_words(session, mailing):
        mailing.template_version = newer
        session.flush()
        letter_rows.unfreeze(session, mailing)
        had_a_hand(mailing, by)


def change_mailing(
    session: Session,
    mailing: Mailing,
    *,
    name: str,
    template: LetterTemplate,
    newest_words: bool,
    signatory: Signatory | None,
    reply_to: str,
    cc_rule: CcRule,
    by: User,
) -> None:
    """Other words, another signatory or other copies: what was checked has to be checked again."""
    must_be_draft(mailing)
    version = session.get_one(TemplateVersion, mailing.template_version_id)
    if newest_words or version.template_id != template.id:
        version = latest_version(session, template)
    before = (mailing.template_version_id, mailing.signatory_id, mailing.reply_to, mailing.cc_rule)
    mailing.name = _line(name)
    mailing.template_version, mailing.signatory = version, signatory
    mailing.reply_to, mailing.cc_rule = reply_to.strip(), cc_rule
    session.flush()
    after = (mailing.template_version_id, mailing.signatory_id, mailing.reply_to, mailing.cc_rule)
    if before != after and mailing.frozen_at is not None:
        letter_rows.unfreeze(session, mailing)
    had_a_hand(mailing, by)
