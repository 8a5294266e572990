"""Templates (versioned), mailings, and one letter per addressee with a state of its own."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    and_,
    or_,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.core.db import GOES_ALONG, NUMBERED_ONCE, Base, IntPk
from app.core.mail import caught
from app.directory.models import Appointment, Organisation, Person, Post


class LetterTemplate(Base):
    __tablename__ = "letter_template"
    __table_args__ = NUMBERED_ONCE
    __audit__ = "letter_template"

    id: Mapped[IntPk]
    name: Mapped[str] = mapped_column(unique=True)
    purpose: Mapped[str] = mapped_column(default="")  # what it is for, in a line
    is_starter: Mapped[bool] = mapped_column(default=False)  # ours, a draft until somebody edits it
    archived_at: Mapped[datetime | None]


class TemplateVersion(Base):
    """The words of a template at one time. Never changed once written; an edit makes the next."""

    __tablename__ = "template_version"
    __table_args__ = (UniqueConstraint("template_id", "number"), NUMBERED_ONCE)
    __audit__ = "template_version"

    id: Mapped[IntPk]
    template_id: Mapped[int] = mapped_column(ForeignKey("letter_template.id"), info=GOES_ALONG)
    number: Mapped[int]
    subject: Mapped[str]
    body: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    template: Mapped[LetterTemplate] = relationship(lazy="raise_on_sql")
    written_by: Mapped[User | None] = relationship(lazy="raise_on_sql")

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("letter_template", self.template_id)]


class LetterPicture(Base):
    """A logo or signature as letters show it. Kept by its content, and never changed."""

    __tablename__ = "letter_picture"

    id: Mapped[IntPk]
    sha256: Mapped[str] = mapped_column(unique=True)
    media_type: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Signatory(Base):
    """Who signs: name, what they are, for whom."""

    __tablename__ = "signatory"
    __audit__ = "signatory"

    id: Mapped[IntPk]
    name: Mapped[str]
    job_title: Mapped[str] = mapped_column(default="")
    organisation: Mapped[str] = mapped_column(default="")
    picture_id: Mapped[int | None] = mapped_column(ForeignKey("letter_picture.id"))
    archived_at: Mapped[datetime | None]


class MailingState(enum.Enum):
    """`holding` is released and within the hold; `awaiting approval` is asked for."""

    DRAFT = "draft"
    AWAITING_APPROVAL = "awaiting approval"
    HOLDING = "holding"
    SENDING = "sending"
    PAUSED = "paused"
    STOPPED = "stopped"
    FINISHED = "finished"
    EXPIRED = "expired"


class CcRule(enum.Enum):
    NOBODY = "nobody"
    CHAIR = "chair"
    CHIEF_EXECUTIVE = "chief executive"
    BOTH = "chair and chief executive"


class Mailing(Base):
    """One letter to many addressees: written, chosen, checked, released, sent."""

    __tablename__ = "mailing"
    __table_args__ = (Index(None, "state"), NUMBERED_ONCE)
    __audit__ = "mailing"

    id: Mapped[IntPk]
    name: Mapped[str]
    template_version_id: Mapped[int] = mapped_column(ForeignKey("template_version.id"))
    signatory_id: Mapped[int | None] = mapped_column(ForeignKey("signatory.id"))
    reply_to: Mapped[str] = mapped_column(default="")
    cc_rule: Mapped[CcRule] = mapped_column(default=CcRule.CHAIR)
    audience: Mapped[dict[str, Any]] = mapped_column(default=dict)  # audience.Audience as JSON
    state: Mapped[MailingState] = mapped_column(default=MailingState.DRAFT)
    state_reason: Mapped[str] = mapped_column(Text, default="")
    frozen_at: Mapped[datetime | None]  # the audience was fixed to named people
    # What its letters show on paper, as it was when they were checked.
    logo_picture_id: Mapped[int | None] = mapped_column(ForeignKey("letter_picture.id"))
    signature_picture_id: Mapped[int | None] = mapped_column(ForeignKey("letter_picture.id"))
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    author_ids: Mapped[list[str]] = mapped_column(default=list)  # all who had a hand in it
    checked_event_id: Mapped[int | None]  # the newest audit event when it was checked
    test_sha256: Mapped[str | None]  # which exact version was tested to the author
    test_waived: Mapped[str] = mapped_column(Text, default="")  # or why not
    asked_at: Mapped[datetime | None]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    manifest_sha256: Mapped[str | None]  # of all letters' hashes, as the approver saw them
    letter_count: Mapped[int] = mapped_column(default=0)
    released_at: Mapped[datetime | None]
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    hold_until: Mapped[datetime | None]
    approval_lapses_at: Mapped[datetime | None]
    installation: Mapped[
        str | None
    ]  # where it was released: a restored copy elsewhere sends nothing
    next_send_at: Mapped[datetime | None]  # pacing, kept here so that restarts do not burst
    failures_in_a_row: Mapped[int] = mapped_column(default=0)
    failure_kind: Mapped[str] = mapped_column(default="")
    pause_attempts: Mapped[int] = mapped_column(default=0)
    resume_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    is_demo: Mapped[bool] = mapped_column(default=False)
    form_token: Mapped[str | None] = mapped_column(unique=True)  # a double click makes one
    # So many working days without a reply, and a draft in the words of this template is prepared.
    chase_after_days: Mapped[int | None]
    chaser_template_id: Mapped[int | None] = mapped_column(ForeignKey("letter_template.id"))
    chase_set_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    # The day on which those days were over; a draft is prepared once, whatever becomes of it.
    chase_settled_on: Mapped[date | None]
    # A chaser is a mailing of its own. Of each mailing there is one, whoever asks for it first.
    chases_id: Mapped[int | None] = mapped_column(
        ForeignKey("mailing.id"), unique=True, info={"goes with it": True}
    )
    chases_since: Mapped[datetime | None]  # answers since then stop it: the first letter went

    template_version: Mapped[TemplateVersion] = relationship(lazy="raise_on_sql")
    signatory: Mapped[Signatory | None] = relationship(lazy="raise_on_sql")
    created_by: Mapped[User] = relationship(lazy="raise_on_sql", foreign_keys=[created_by_id])
    asked_by: Mapped[User | None] = relationship(lazy="raise_on_sql", foreign_keys=[asked_by_id])
    released_by: Mapped[User | None] = relationship(
        lazy="raise_on_sql", foreign_keys=[released_by_id]
    )

    @property
    def answers_count_from(self) -> datetime | None:
        """An answer written down since then keeps a letter of this mailing back. Earlier ones were
        there for whoever put it forward to see; a chaser has to look at all of them."""
        return self.chases_since or self.asked_at


class KeptFile:
    """A file of which the history keeps everything but its bytes."""

    __audit_masked__ = ("content",)

    file_name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class Attachment(KeptFile, Base):
    """A file that goes with every letter of a mailing."""

    __tablename__ = "attachment"
    __table_args__ = NUMBERED_ONCE
    __audit__ = "attachment"

    id: Mapped[IntPk]
    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id"), index=True, info=GOES_ALONG)

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("mailing", self.mailing_id)]


class LetterState(enum.Enum):
    """The one table of letter states; pages and tests use these words."""

    DRAFT = "draft"
    READY = "ready"
    BY_POST = "by post"  # nothing to send by mail: `post_state` says how far it is
    QUEUED = "queued"
    CLAIMED = "claimed"
    TRANSMITTING = "transmitting"
    SENT = "sent"
    REFUSED = "refused"
    WAITING_TO_RETRY = "waiting to retry"
    UNKNOWN = "unknown"
    EXCLUDED = "excluded"
    STOPPED = "stopped"
    EXPIRED = "expired"


class PostalState(enum.Enum):
    """How far a letter on paper has come. Its dates are kept beside it."""

    READY = "ready"
    APPROVED = "approved"
    PRINTED = "printed"
    POSTED = "posted"
    RETURNED = "returned"
    STOPPED = "stopped"  # before it was printed


class Channel(enum.Enum):
    """How a letter of a mailing goes. Of letters sent outside Liaise there are more ways."""

    EMAIL = "email"
    POST = "post"
    BOTH = "both"


class LetterOrigin(enum.Enum):
    MAILING = "mailing"
    OUTSIDE = "outside"  # sent outside Liaise, and recorded here


class LetterKind(enum.Enum):
    """What was sent outside Liaise. How it went, by email say, is its channel."""

    LETTER = "letter"
    OPEN_LETTER = "open letter"
    CONSULTATION_RESPONSE = "consultation response"
    WRITTEN_EVIDENCE = "written evidence"  # to a committee of Parliament, or an inquiry
    FOI_REQUEST = "freedom of information request"

    @property
    def words(self) -> str:
        return self.value.capitalize()


class Letter(Base):
    """What one addressee is sent: the merged words and the very bytes, not only the template."""

    __tablename__ = "letter"
    __table_args__ = (
        Index(None, "mailing_id", "state", "next_attempt_at"),
        Index(None, "state", "id"),  # whose turn it is next
        UniqueConstraint("mailing_id", "addressee_key", "series"),
    )
    __audit__ = "letter"
    __audit_masked__ = ("mime", "html", "text")

    id: Mapped[IntPk]
    origin: Mapped[LetterOrigin] = mapped_column(default=LetterOrigin.MAILING)
    kind: Mapped[LetterKind] = mapped_column(default=LetterKind.LETTER)
    mailing_id: Mapped[int | None] = mapped_column(ForeignKey("mailing.id"))
    addressee_key: Mapped[str | None]  # "person:12", or "office:7" where no lead is known
    series: Mapped[int] = mapped_column(default=1)  # 2, 3 … after a deliberate resend
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    to_name: Mapped[str] = mapped_column(default="")
    to_email: Mapped[str] = mapped_column(default="")
    salutation: Mapped[str] = mapped_column(default="")
    stands_in_as: Mapped[str] = mapped_column(default="")  # e.g. "office of the chair"
    subject: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(Text, default="")
    html: Mapped[str] = mapped_column(Text, default="")
    mime: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)  # without Date
    sha256: Mapped[str | None]  # of `mime`; of a draft, of what its check showed
    message_id: Mapped[str | None] = mapped_column(unique=True)
    reference: Mapped[str | None] = mapped_column(index=True)  # the visible [ref] token
    state: Mapped[LetterState] = mapped_column(default=LetterState.DRAFT)
    state_reason: Mapped[str] = mapped_column(Text, default="")
    # Problems, warnings and merged values as the check found them; empty for letters from outside.
    findings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    include_anyway: Mapped[str] = mapped_column(default="")  # why a recent letter is no bar
    claimed_by: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    server_reply: Mapped[str] = mapped_column(Text, default="")
    # The mail server took it, and later it came back to us.
    bounced_on: Mapped[date | None]
    bounced_why: Mapped[str] = mapped_column(Text, default="")
    channel: Mapped[str] = mapped_column(
        default="email"
    )  # a Channel, or how it went outside Liaise
    sent_on: Mapped[date | None]  # the day it went, by London's calendar
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    # Of letters that go by post, alone or besides the mail; none for those that do not.
    post_state: Mapped[PostalState | None] = mapped_column(index=True)
    envelope: Mapped[str] = mapped_column(Text, default="")  # the lines in the window, as approved
    printed_at: Mapped[datetime | None]  # first
    posted_on: Mapped[date | None]
    returned_on: Mapped[date | None]
    returned_why: Mapped[str] = mapped_column(Text, default="")

    mailing: Mapped[Mailing | None] = relationship(lazy="raise_on_sql")
    person: Mapped[Person | None] = relationship(lazy="raise_on_sql")

    @property
    def is_mailed(self) -> bool:
        """Of letters of a mailing: it goes by mail, alone or besides the post."""
        return self.channel != Channel.POST.value

    @property
    def is_posted(self) -> bool:
        """Of letters of a mailing: it goes on paper, alone or besides the mail."""
        return self.post_state is not None

    @property
    def is_caught(self) -> bool:
        """It reached the built-in catcher, and nobody outside."""
        return self.server_reply == caught.REPLY and self.post_state is not PostalState.POSTED

    @property
    def has_gone(self) -> bool:
        """By mail or by post, without coming back."""
        by_mail = self.state is LetterState.SENT and self.bounced_on is None
        return by_mail or self.post_state is PostalState.POSTED

    @classmethod
    def where_gone(cls) -> ColumnElement[bool]:
        """`has_gone`, said in SQL."""
        by_mail = and_(cls.state == LetterState.SENT, cls.bounced_on.is_(None))
        return or_(by_mail, cls.post_state == PostalState.POSTED)

    def audit_subjects(self) -> list[tuple[str, int]]:
        subjects = [("mailing", self.mailing_id), ("person", self.person_id)]
        return [(kind, id_) for kind, id_ in subjects if id_ is not None]


class PrintRunState(enum.Enum):
    ASKED = "asked"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"
    TAKEN_BACK = "taken back"  # it was never printed: the next file is no second print


class PrintRun(Base):
    """One file for the printer: which letters, in the order of the envelopes, how many pages.

    It is made by a job, `made_count` of `letter_count` letters so far.
    """

    __tablename__ = "print_run"
    __table_args__ = (UniqueConstraint("mailing_id", "number"), Index(None, "state"))
    __audit__ = "print_run"
    __audit_masked__ = ("content",)

    id: Mapped[IntPk]
    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id"))
    number: Mapped[int]
    both_sides: Mapped[bool]
    state: Mapped[PrintRunState] = mapped_column(default=PrintRunState.ASKED)
    state_reason: Mapped[str] = mapped_column(Text, default="")
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    lease_until: Mapped[datetime | None]  # a job is making it; if that is over, it died
    made_count: Mapped[int] = mapped_column(default=0)
    letter_count: Mapped[int] = mapped_column(default=0)
    cover_pages: Mapped[int] = mapped_column(default=0)
    page_count: Mapped[int] = mapped_column(default=0)  # of the letters, blank pages not counted
    made_at: Mapped[datetime | None]
    sha256: Mapped[str | None]
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    form_token: Mapped[str | None] = mapped_column(unique=True)  # a double click makes one

    mailing: Mapped[Mailing] = relationship(lazy="raise_on_sql")
    asked_by: Mapped[User] = relationship(lazy="raise_on_sql")

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("mailing", self.mailing_id)]


class PrintRunLetter(Base):
    """A letter in a print run. One that was in an earlier run is marked as a reprint."""

    __tablename__ = "print_run_letter"

    print_run_id: Mapped[int] = mapped_column(ForeignKey("print_run.id"), primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id"), primary_key=True, index=True)
    position: Mapped[int]
    page_count: Mapped[int] = mapped_column(default=0)
    is_reprint: Mapped[bool] = mapped_column(default=False)

    print_run: Mapped[PrintRun] = relationship(lazy="raise_on_sql")
    letter: Mapped[Letter] = relationship(lazy="raise_on_sql")


class LetterBoard(Base):
    """A body the letter names: one letter may name all the boards one person leads."""

    __tablename__ = "letter_board"

    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id"), primary_key=True, index=True
    )
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointment.id"))

    letter: Mapped[Letter] = relationship(lazy="raise_on_sql")
    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
    post: Mapped[Post | None] = relationship(lazy="raise_on_sql")
    appointment: Mapped[Appointment | None] = relationship(lazy="raise_on_sql")


class LetterRecipient(Base):
    """One envelope address of a letter, and what the server said of it."""

    __tablename__ = "letter_recipient"
    __table_args__ = (UniqueConstraint("letter_id", "address_key"),)

    id: Mapped[IntPk]
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(default="")
    address: Mapped[str]
    address_key: Mapped[str] = mapped_column(index=True)
    is_cc: Mapped[bool] = mapped_column(default=False)
    capacity: Mapped[str] = mapped_column(default="")  # "Chair, NHS Devon ICB"
    accepted: Mapped[bool | None]
    reply: Mapped[str] = mapped_column(default="")


class LetterEvent(Base):
    """Each step of a letter, in order: from which state to which, when, why, by whom."""

    __tablename__ = "letter_event"
    __table_args__ = (Index(None, "letter_id", "id"),)

    id: Mapped[IntPk]
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id"))
    at: Mapped[datetime]
    state: Mapped[LetterState]
    post_state: Mapped[PostalState | None]  # of steps on paper
    note: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


class LetterAnswer(Base):
    """Somebody answered a letter: when, who, and what they said, written down by hand."""

    __tablename__ = "letter_answer"
    __table_args__ = (Index(None, "letter_id"), Index(None, "recorded_at"))
    __audit__ = "letter_answer"

    id: Mapped[IntPk]
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id"))
    answered_on: Mapped[date]
    answered_by: Mapped[str]
    said: Mapped[str] = mapped_column(Text, default="")
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))

    letter: Mapped[Letter] = relationship(lazy="raise_on_sql")
    recorded_by: Mapped[User] = relationship(lazy="raise_on_sql")

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("letter", self.letter_id)]


class LetterFile(KeptFile, Base):
    """The scan or file of a letter sent outside Liaise."""

    __tablename__ = "letter_file"
    __audit__ = "letter_file"

    id: Mapped[IntPk]
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id"), index=True)

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("letter", self.letter_id)]
