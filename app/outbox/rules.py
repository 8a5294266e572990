"""When a message that met a temporary no is tried again."""

from datetime import datetime, timedelta

RETRY_AFTER = tuple(timedelta(minutes=m) for m in (1, 5, 15, 30))
LATER_RETRIES = timedelta(hours=2)
GIVE_UP_AFTER = timedelta(hours=24)


def next_try(attempts: int, first_due: datetime, now: datetime) -> datetime | None:
    """When to try again after this many attempts; None when a day has gone by in vain."""
    wait = RETRY_AFTER[attempts - 1] if attempts <= len(RETRY_AFTER) else LATER_RETRIES
    return now + wait if now + wait <= first_due + GIVE_UP_AFTER else None
