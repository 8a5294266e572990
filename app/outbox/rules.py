"""What a mail server's answer means for a message, and when to try again."""

import enum
import smtplib
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.outbox.models import MessageState

RETRY_AFTER = tuple(timedelta(minutes=m) for m in (1, 5, 15, 30))
LATER_RETRIES = timedelta(hours=2)
GIVE_UP_AFTER = timedelta(hours=24)
# The server and we disagree about ourselves, or it has no room: waiting can help.
NOT_ABOUT_THE_ADDRESS = frozenset({452, 552, 554})


class Step(enum.Enum):
    CONNECT = "connect"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"


@dataclass(frozen=True)
class Reply:
    """A server's answer, code and words."""

    code: int
    words: str

    @property
    def is_yes(self) -> bool:
        return 200 <= self.code < 300

    def __str__(self) -> str:
        return f"{self.code} {self.words}".strip()


def state_after(step: Step, reply: Reply) -> MessageState:
    """R9 and R11 for mail to our own users, where there is no mailing to pause."""
    if reply.is_yes:
        return MessageState.SENT
    if 500 <= reply.code < 600 and (
        step is Step.RCPT or (step is Step.DATA and reply.code not in NOT_ABOUT_THE_ADDRESS)
    ):
        return MessageState.REFUSED
    return MessageState.WAITING_TO_RETRY


def next_try(attempts: int, first_due: datetime, now: datetime) -> datetime | None:
    """When to try again after this many attempts; None when a day has gone by in vain."""
    wait = RETRY_AFTER[attempts - 1] if attempts <= len(RETRY_AFTER) else LATER_RETRIES
    return now + wait if now + wait <= first_due + GIVE_UP_AFTER else None


def words_of(error: OSError) -> str:
    """What went wrong on the way, for the Mail page."""
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        return f"{error.smtp_code} {words}"
    return f"{type(error).__name__}: {error}"
