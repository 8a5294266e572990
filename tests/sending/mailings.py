"""Released mailings with the fewest words, and senders to send them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import create_engine, func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.audit import recorder
from app.core import clock
from app.core.db import prepare
from app.core.mail import mime_message
from app.core.mail.connection import Patience, mail_settings
from app.core.mail.mime_message import Mailbox, MessageParts
from app.core.mail.smtp_transport import Transport
from app.letters.delivery.leases import LeaseKeeper
from app.letters.delivery.sender import Sender
from app.letters.models import (
    Letter,
    LetterBoard,
    LetterRecipient,
    LetterState,
    LetterTemplate,
    Mailing,
    MailingState,
    TemplateVersion,
)
from app.settings.models import Settings
from tests.factories import make_organisation, make_person, make_user

IMPATIENT = Patience(connect=0.3, reply=0.3, after_final_dot=0.3)

recorder.listen(Session)


@contextmanager
def open_session(database_url: str) -> Iterator[Session]:
    """A session on a database of the test's own, as the jobs have one."""
    engine = create_engine(database_url)
    prepare(engine)
    try:
        with Session(engine, expire_on_commit=False) as session:
            yield session
    finally:
        engine.dispose()


def make_mailing(
    session: Session,
    *,
    name: str = "Offer of support",
    state: MailingState = MailingState.SENDING,
    author: User | None = None,
    approver: User | None = None,
    at: datetime | None = None,
    hold: timedelta = timedelta(0),
    pace: int = 0,
) -> Mailing:
    at = at or clock.now()
    author = author or make_user(session, "Avery Author")
    approver = approver or make_user(session, "Pat Approver")
    number = (session.scalar(select(func.count()).select_from(LetterTemplate)) or 0) + 1
    template = LetterTemplate(name=f"Template {number}")
    session.add(template)
    session.flush()
    version = TemplateVersion(
        template_id=template.id, number=1, subject="Our offer", body="Dear you", written_at=at
    )
    session.add(version)
    settings = session.get_one(Settings, 1)
    settings.letters_a_minute = pace
    session.flush()
    mailing = Mailing(
        name=name,
        template_version_id=version.id,
        state=state,
        created_at=at,
        created_by_id=author.id,
        asked_at=at,
        asked_by_id=author.id,
        released_at=at,
        released_by_id=approver.id,
        hold_until=at + hold,
        approval_lapses_at=at + hold + timedelta(hours=24),
        installation=settings.installation,
    )
    session.add(mailing)
    session.flush()
    return mailing


def add_letter(
    session: Session,
    mailing: Mailing,
    email: str,
    *,
    copies: tuple[str, ...] = (),
    state: LetterState = LetterState.QUEUED,
) -> Letter:
    person = make_person(session, "Sample", email=email)
    board = make_organisation(session, f"NHS {email.partition('@')[0].title()} ICB")
    message_id = mime_message.message_id("example.org", mailing.id, person.id)
    parts = MessageParts(
        from_name="Sample Coalition",
        from_email="letters@example.org",
        to=(Mailbox(person.name, email),),
        cc=tuple(Mailbox("", copy) for copy in copies),
        subject=f"Our offer to {board.name}",
        text=f"Dear {person.name},\n\n.a line with a dot\n" + "Words of the letter. " * 60 + "\n",
        html=f"<p>Dear {person.name},</p>",
        message_id=message_id,
    )
    raw = mime_message.build(parts)
    letter = Letter(
        mailing_id=mailing.id,
        addressee_key=f"person:{person.id}",
        person_id=person.id,
        to_name=person.name,
        to_email=email,
        subject=parts.subject,
        text=parts.text,
        html=parts.html,
        mime=raw,
        sha256=mime_message.sha256(raw),
        message_id=message_id,
        state=state,
    )
    session.add(letter)
    session.flush()
    session.add(LetterBoard(letter_id=letter.id, organisation_id=board.id))
    for address in (email, *copies):
        session.add(
            LetterRecipient(
                letter_id=letter.id,
                person_id=person.id if address == email else None,
                address=address,
                address_key=address.lower(),
                is_cc=address != email,
            )
        )
    mailing.letter_count += 1
    session.flush()
    return letter


def make_released(
    session: Session, letters: int = 3, **mailing_options: Any
) -> tuple[Mailing, list[Letter]]:
    """A mailing past its hold, with letters to lead1@…, lead2@…"""
    mailing = make_mailing(session, **mailing_options)
    made = [
        add_letter(session, mailing, f"m{mailing.id}lead{number}@example.com")
        for number in range(1, letters + 1)
    ]
    session.commit()
    return mailing, made


def config_to(port: int, **more: Any) -> Mapping[str, Any]:
    """As if no mail server were configured and the catcher listened on this port."""
    return {"MAIL_SERVER": "", "CATCHER_PORT": port, **more}


def live_config_to(session: Session, port: int) -> Mapping[str, Any]:
    """As if a mail server were configured on this port and switched on for outsiders."""
    settings = session.get_one(Settings, 1)
    settings.live_at, settings.live_server = clock.now(), "127.0.0.1"
    session.commit()
    return {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": port}


@dataclass
class FakeClock:
    """The real time, moved on by hand."""

    ahead: timedelta = timedelta(0)

    def now(self) -> datetime:
        return clock.now() + self.ahead

    def pass_(self, **spell: float) -> None:
        self.ahead += timedelta(**spell)


def sender_for(
    session: Session,
    config: Mapping[str, Any],
    *,
    now: Callable[[], datetime] = clock.now,
    wait: Callable[[float], object] | None = None,
    patience: Patience = IMPATIENT,
    messages_each: int = 50,
    recording_seconds: float = 5.0,
    **transport_options: Any,
) -> Sender:
    engine: Any = session.get_bind()
    return Sender(
        session,
        config,
        Transport(
            mail_settings(config), patience, messages_each=messages_each, **transport_options
        ),
        LeaseKeeper(engine, now),
        now=now,
        wait=wait or _no_wait,
        recording_seconds=recording_seconds,
    )


def send(session: Session, config: Mapping[str, Any], **options: Any) -> int:
    """One run of one sender to its end."""
    sender = sender_for(session, config, **options)
    try:
        return sender.run()
    finally:
        sender.close()


def _no_wait(_seconds: float) -> None:
    """The pace is not waited for."""


def states(session: Session, mailing: Mailing) -> list[LetterState]:
    session.expire_all()
    return list(
        session.scalars(
            select(Letter.state).where(Letter.mailing_id == mailing.id).order_by(Letter.id)
        )
    )


def set_state(session: Session, letter: Letter, state: LetterState, reason: str = "") -> None:
    session.execute(
        update(Letter)
        .where(Letter.id == letter.id)
        .values(
            state=state,
            state_reason=reason,
            sent_at=clock.now() if state is LetterState.SENT else None,
        )
    )
    session.commit()
