"""The group's own settings: one row, changed on one page by an administrator."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, IntPk


class Settings(Base):
    """The one row. `installation` makes Message-IDs ours and tells a restored copy from us."""

    __tablename__ = "settings"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
    __audit__ = "settings"

    id: Mapped[IntPk]
    installation: Mapped[str]
    group_name: Mapped[str] = mapped_column(default="")
    postal_address: Mapped[str] = mapped_column(Text, default="")
    from_name: Mapped[str] = mapped_column(default="")
    from_email: Mapped[str] = mapped_column(default="")
    reply_to: Mapped[str] = mapped_column(default="")
    replies_carry_reference: Mapped[bool] = mapped_column(default=True)  # replies+abcde@…
    privacy_notice: Mapped[str] = mapped_column(Text, default="")  # Markdown, hosted at /privacy
    privacy_url: Mapped[str] = mapped_column(default="")  # instead of the hosted notice
    opt_out_line: Mapped[str] = mapped_column(Text, default="")
    live_at: Mapped[datetime | None]  # external email through a configured server is on since
    live_server: Mapped[str] = mapped_column(default="")  # the server that was switched on
    quiet_reason: Mapped[str] = mapped_column(default="")  # pre-election period: holds outward mail
    # Why no letter leaves until somebody has looked at what people got, and when that was found.
    look_first: Mapped[str] = mapped_column(Text, default="")
    look_first_at: Mapped[datetime | None]
    hold_minutes: Mapped[int] = mapped_column(default=5)
    letters_a_minute: Mapped[int] = mapped_column(default=20)
    approval_hours: Mapped[int] = mapped_column(default=24)
    recent_days: Mapped[int] = mapped_column(default=28)
    unchecked_warning_days: Mapped[int] = mapped_column(default=180)
    single_letter_by_author: Mapped[bool] = mapped_column(default=False)
    max_attachment_kb: Mapped[int] = mapped_column(default=7168)
    is_demo: Mapped[bool] = mapped_column(default=False)
    # Where the window of the envelope shows the page, in millimetres from its left and top edges.
    window_left_mm: Mapped[float] = mapped_column(default=24.6)
    window_top_mm: Mapped[float] = mapped_column(default=39.5)
    window_width_mm: Mapped[float] = mapped_column(default=95.4)
    window_height_mm: Mapped[float] = mapped_column(default=26.8)
    reference_loaded_at: Mapped[datetime | None]
    # Home is not to mention what is left of the setting up.
    set_up_hidden: Mapped[bool] = mapped_column(default=False)


class Heartbeat(Base):
    """When the jobs last ran; the home page and /readyz go red when it is old."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class DatabaseMark(Base):
    """The one row by which this database is told from copies of it."""

    __tablename__ = "database_mark"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[IntPk]
    last_batch: Mapped[int] = mapped_column(BigInteger, default=0)  # of letters, counted
    server: Mapped[str | None]  # the PostgreSQL server that had it last; nothing before the first
    server_started: Mapped[str] = mapped_column(default="")


class ClosedDay(Base):
    """A day on which this group's offices are shut, besides weekends and bank holidays."""

    __tablename__ = "closed_day"
    __audit__ = "closed_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    why: Mapped[str]

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("settings", 1)]


class MailCheck(Base):
    """One line of the checklist an administrator goes through before switching on live mail."""

    __tablename__ = "mail_check"
    __audit__ = "mail_check"

    name: Mapped[str] = mapped_column(primary_key=True)
    mail_server: Mapped[str]  # the server it was seen with; with another one it says nothing
    confirmed_at: Mapped[datetime]
    confirmed_by: Mapped[str]

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("settings", 1)]


class Logo(Base):
    """The group's picture, at most one. Kept here so that a backup holds it."""

    __tablename__ = "logo"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
    __audit__ = "logo"
    __audit_masked__ = ("content",)

    id: Mapped[IntPk]
    media_type: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    uploaded_at: Mapped[datetime]

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("settings", 1)]


class FailingPiece(Base):
    """A piece of a job's work that failed when it was last tried; it goes when it succeeds."""

    __tablename__ = "failing_piece"

    key: Mapped[str] = mapped_column(primary_key=True)  # "reminders:3:12"
    kind: Mapped[str]  # "Reminders": fit for anybody's eyes
    name: Mapped[str]  # "Reminders of “Joint forward plan 2027/28 due”"
    for_coordinators: Mapped[bool] = mapped_column(default=False)  # not for administrators alone
    since: Mapped[datetime]  # the first time it failed without having succeeded since
    tried_at: Mapped[datetime]
    times: Mapped[int] = mapped_column(default=1)
