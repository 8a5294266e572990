"""Reading and changing the group's settings, and switching outward mail on and off."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from app.core.db import AnySelect
from app.core.errors import DomainError
from app.core.pictures.checking import Picture
from app.settings import rules
from app.settings.models import DatabaseMark, Logo, MailCheck, Settings
from app.settings.rules import BY_NAME, CHECKS, OutwardMail

THE_ROW_ID = 1

SETTING_NAMES = frozenset(
    {
        "group_name",
        "postal_address",
        "from_name",
        "from_email",
        "reply_to",
        "privacy_notice",
        "privacy_url",
        "opt_out_line",
        "hold_minutes",
        "letters_a_minute",
        "approval_hours",
        "recent_days",
        "unchecked_warning_days",
        "single_letter_by_author",
        "replies_carry_reference",
        "max_attachment_kb",
    }
)

NO_SERVER = (
    "No mail server is set up, so there is nothing to check or switch on. "
    "Set MAIL_SERVER where Liaise is started, and start it again."
)


class NotReady(DomainError):
    """External email cannot be switched on, or a check cannot be ticked, as things stand."""


class ReasonMissing(DomainError):
    pass


def settings_of(session: Session) -> Settings:
    """The one row; the migration that makes the table puts it there.

    The session would forget it as soon as nobody holds it, and read it again for the next asker.
    """
    settings = session.get_one(Settings, THE_ROW_ID)
    session.info["settings"] = settings
    return settings


def outward_mail(session: Session, config: Mapping[str, Any]) -> OutwardMail:
    """Where external email goes now. The banner shows it and the sender obeys it."""
    settings = settings_of(session)
    return rules.outward_mail(
        mail_server=config.get("MAIL_SERVER") or "",
        live_at=settings.live_at,
        live_server=settings.live_server,
        quiet_reason=settings.quiet_reason,
        look_first=settings.look_first,
    )


@dataclass(frozen=True)
class Turn:
    """What a sender may do now. Whoever has it holds it until its transaction ends."""

    installation: str
    letters_a_minute: int
    may_send: bool


TURN = (
    Settings.installation,
    Settings.letters_a_minute,
    Settings.live_at,
    Settings.live_server,
    Settings.quiet_reason,
    Settings.look_first,
)
_TAKEN: AnySelect = select(*TURN).where(Settings.id == THE_ROW_ID).with_for_update()


def take_turn(session: Session, config: Mapping[str, Any]) -> Turn:
    """The row as it is this moment, locked, so that senders take their turns one at a time."""
    return turn_of(session.connection().execute(_TAKEN).one(), config)


_NEXT_BATCH = (
    update(DatabaseMark)
    .values(last_batch=DatabaseMark.last_batch + 1)
    .returning(DatabaseMark.last_batch)
)


def next_batch(session: Session) -> int:
    """The number of the batch that is being claimed; an older copy of the database gives numbers
    that were given before."""
    return session.connection().execute(_NEXT_BATCH).scalar_one()


def turn_of(settings: Row[Any], config: Mapping[str, Any]) -> Turn:
    """What a row that holds the columns of `TURN` lets a sender do."""
    mail = rules.outward_mail(
        mail_server=config.get("MAIL_SERVER") or "",
        live_at=settings.live_at,
        live_server=settings.live_server,
        quiet_reason=settings.quiet_reason,
        look_first=settings.look_first,
    )
    return Turn(settings.installation, settings.letters_a_minute, mail.may_send)


def change(session: Session, **values: Any) -> list[str]:
    """Set these settings; returns the labels of checks that have to be ticked again."""
    settings = settings_of(session)
    if unknown := values.keys() - SETTING_NAMES:
        raise KeyError(f"not a setting of this page: {sorted(unknown)}")
    changed = [name for name, value in values.items() if getattr(settings, name) != value]
    for name in changed:
        setattr(settings, name, values[name])
    return _take_back_checks(session, settings, changed)


def _take_back_checks(session: Session, settings: Settings, changed: list[str]) -> list[str]:
    """A tick vouches for what stood there; when that changes, the tick and live mail go."""
    undone = rules.checks_undone_by(changed)
    ticked = session.scalars(select(MailCheck).where(MailCheck.name.in_(undone))).all()
    for check in ticked:
        session.delete(check)
    if ticked and settings.live_at:
        _switch_off(settings)
    return [BY_NAME[check.name].label for check in ticked]


def checklist(session: Session, mail_server: str) -> dict[str, MailCheck]:
    """The checks that somebody has vouched for with this mail server."""
    ticked = session.scalars(select(MailCheck).where(MailCheck.mail_server == mail_server))
    return {check.name: check for check in ticked}


def tick(session: Session, name: str, *, mail_server: str, by_name: str, at: datetime) -> MailCheck:
    """Vouch for one line of the checklist."""
    if not mail_server:
        raise NotReady(NO_SERVER)
    settings = settings_of(session)
    for wanted, there, what in (
        ("postal_address", settings.postal_address, "postal address"),
        ("privacy_line", settings.privacy_notice or settings.privacy_url, "privacy notice"),
        ("reply_address", settings.reply_to, "Reply-To address"),
        ("spf_dkim", settings.from_email, "From address"),
        ("test_mail", settings.from_email, "From address"),
    ):
        if name == wanted and not there:
            raise NotReady(f"There is no {what} yet. Give it on the set-up page first.")
    if name == "privacy_line" and (reason := why_no_notice(settings)):
        raise NotReady(reason)
    check = session.get(MailCheck, name)
    if check is None:
        check = MailCheck(name=BY_NAME[name].name)
        session.add(check)
    elif check.mail_server == mail_server:
        return check  # whoever vouched first stays named
    check.mail_server, check.confirmed_at, check.confirmed_by = mail_server, at, by_name
    return check


def untick(session: Session, name: str) -> None:
    """Take a tick back; external email goes off with it."""
    check = session.get(MailCheck, name)
    if check is not None:
        session.delete(check)
        _switch_off(settings_of(session))


def why_no_notice(settings: Settings) -> str:
    """Why our own privacy notice cannot be read yet although there is one."""
    return "" if settings.privacy_url else rules.why_not_published(settings.privacy_notice)


def switch_on(session: Session, *, mail_server: str, at: datetime) -> None:
    """Let released mailings reach outsiders through this server."""
    settings = settings_of(session)
    if not mail_server:
        raise NotReady(NO_SERVER)
    if settings.is_demo:
        raise NotReady("This is demo data. External email cannot be switched on here.")
    ticked = checklist(session, mail_server)
    missing = [check.label for check in CHECKS if check.name not in ticked]
    if missing:
        raise NotReady(f"Not yet ticked: {'; '.join(missing)}.")
    if reason := why_no_notice(settings):
        raise NotReady(reason)
    settings.live_at = at
    settings.live_server = mail_server


def switch_off(session: Session) -> None:
    """Nothing reaches outsiders any more, from the next letter on."""
    _switch_off(settings_of(session))


def _switch_off(settings: Settings) -> None:
    settings.live_at = None
    settings.live_server = ""


def begin_quiet_period(session: Session, reason: str) -> None:
    """Hold all external email, for instance before an election."""
    if not reason.strip():
        raise ReasonMissing("Say why mail is held. Everybody who wants to send will read it.")
    settings_of(session).quiet_reason = reason.strip()


def end_quiet_period(session: Session) -> None:
    settings_of(session).quiet_reason = ""


def mention_set_up(session: Session, *, on_home: bool) -> None:
    """Whether Home goes on saying what is left of the setting up."""
    settings_of(session).set_up_hidden = not on_home


def logo_of(session: Session) -> Logo | None:
    return session.get(Logo, 1)


def put_up_logo(session: Session, picture: Picture, *, at: datetime) -> Logo:
    """Replace the logo."""
    logo = session.get(Logo, 1)
    if logo is None:
        logo = Logo(id=1)
        session.add(logo)
    logo.media_type, logo.content, logo.uploaded_at = picture.media_type, picture.content, at
    return logo


def take_down_logo(session: Session) -> None:
    logo = session.get(Logo, 1)
    if logo is not None:
        session.delete(logo)
