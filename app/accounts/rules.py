"""How long a sign-in lasts, and how an address is written down."""

from collections.abc import Collection
from datetime import datetime, timedelta

from email_validator import EmailNotValidError, validate_email

from app.accounts.models import Permission
from app.core.errors import DomainError

AT_MOST = timedelta(hours=12)
IDLE = timedelta(hours=2)
IDLE_ADMINISTRATOR = timedelta(minutes=30)
FRESH = timedelta(minutes=15)
# "Last seen" is not written more often than this, so that reading pages seldom writes.
SEEN_EVERY = timedelta(minutes=5)

INVITATION_LASTS = timedelta(days=7)
RESET_LASTS = timedelta(minutes=60)
FIRST_ADMINISTRATOR_LASTS = timedelta(hours=24)
DEMO_LASTS = timedelta(hours=24)


def lapses_at(*, created_at: datetime, seen_at: datetime, is_administrator: bool) -> datetime:
    """When a browser must sign in again if nothing more happens in it."""
    idle = IDLE_ADMINISTRATOR if is_administrator else IDLE
    return min(created_at + AT_MOST, seen_at + idle)


def is_fresh(fresh_at: datetime | None, at: datetime) -> bool:
    """Whether the password was given recently enough for the acts that matter most."""
    return fresh_at is not None and at - fresh_at <= FRESH


def granted(ticked: Collection[Permission]) -> list[str]:
    """What a user may do, as it is kept. Nobody approves letters that they may not read."""
    given = {*ticked, Permission.VIEW} if Permission.APPROVE in ticked else set(ticked)
    return [permission.value for permission in Permission if permission in given]


def normal_email(typed: str) -> str:
    """One spelling per mailbox: people type their address with capitals and spaces."""
    return typed.strip().lower()


class NotAnEmail(DomainError):
    pass


def check_email(email: str) -> None:
    """Only the shape: whether the mailbox exists shows when somebody uses the link sent there."""
    try:
        validate_email(
            email, check_deliverability=False, allow_smtputf8=False, test_environment=True
        )
    except EmailNotValidError as error:
        raise NotAnEmail("Enter an email address, such as name@example.org.") from error
