"""Slowing down whoever guesses passwords, without ever locking anybody out for good.

A bucket fills by one with each try and empties slowly. It lives in the database, so all
processes share it and a restart does not empty it. Two buckets stand in a row: the first few
tries are free, then they must be minutes apart, then an hour.
"""

import hashlib
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import Throttle


@dataclass(frozen=True)
class Limit:
    """So many tries at once, and one more each time `every` has passed."""

    name: str
    at_once: int
    every: timedelta

    def still_used(self, tokens: float, since: datetime, at: datetime) -> float:
        return max(0.0, tokens - max(timedelta(), at - since) / self.every)

    def wait(self, used: float) -> timedelta:
        """How long until one more try fits."""
        return max(0.0, used + 1 - self.at_once) * self.every


# Any five minutes hold at most ten tries: the eleventh has to wait six.
PASSWORD = (
    Limit("password", at_once=10, every=timedelta(minutes=6)),
    Limit("password-day", at_once=20, every=timedelta(hours=1)),
)
# An office shares one address, so this is wider.
PASSWORD_BY_IP = (Limit("password-ip", at_once=30, every=timedelta(minutes=2)),)
RESET = (Limit("reset", at_once=3, every=timedelta(minutes=20)),)
RESET_BY_IP = (Limit("reset-ip", at_once=20, every=timedelta(minutes=3)),)
ALARM = (Limit("alarm", at_once=1, every=timedelta(hours=12)),)

FORGOTTEN_AFTER = timedelta(days=2)  # longer than the slowest bucket takes to empty


@dataclass(frozen=True)
class Bucket:
    limit: Limit
    key: str


def for_account(limits: Iterable[Limit], email: str) -> list[Bucket]:
    """By the address as typed, whether or not we know it."""
    return [_bucket(limit, email) for limit in limits]


def for_ip(limits: Iterable[Limit], ip: str | None) -> list[Bucket]:
    return [_bucket(limit, _network(ip)) for limit in limits]


def take(session: Session, buckets: Iterable[Bucket], *, at: datetime) -> timedelta:
    """Count one try in every bucket; or, when one is full, count none and say how long to wait.

    The try is counted before it is made, so that many at the same moment cannot slip through.
    """
    rows = [(bucket, _row(session, bucket.key, at)) for bucket in sorted(buckets, key=_by_key)]
    used = [bucket.limit.still_used(row.tokens, row.refilled_at, at) for bucket, row in rows]
    wait = max(bucket.limit.wait(so_far) for (bucket, _), so_far in zip(rows, used, strict=True))
    if wait <= timedelta():
        for (_, row), so_far in zip(rows, used, strict=True):
            row.tokens, row.refilled_at = so_far + 1, at
    return wait


def is_full(session: Session, buckets: Iterable[Bucket], *, at: datetime) -> bool:
    """Whether the next try would have to wait."""
    for bucket in buckets:
        row = session.get(Throttle, bucket.key)
        if row and bucket.limit.wait(bucket.limit.still_used(row.tokens, row.refilled_at, at)):
            return True
    return False


def forgive(session: Session, buckets: Iterable[Bucket]) -> None:
    """The right password was given: whatever was counted before was the owner mistyping."""
    session.execute(delete(Throttle).where(Throttle.key.in_([bucket.key for bucket in buckets])))


def give_back(session: Session, buckets: Iterable[Bucket], *, at: datetime) -> None:
    """Uncount one try that turned out to be right."""
    for bucket in buckets:
        row = _row(session, bucket.key, at)
        row.tokens = max(0.0, row.tokens - 1)


def forget_old(session: Session, *, at: datetime) -> None:
    """Drop the buckets that have been empty for long."""
    session.execute(delete(Throttle).where(Throttle.refilled_at < at - FORGOTTEN_AFTER))


def _row(session: Session, key: str, at: datetime) -> Throttle:
    wanted = select(Throttle).where(Throttle.key == key).with_for_update()
    row = session.scalar(wanted)
    if row is None:
        try:
            with session.begin_nested():
                row = Throttle(key=key, tokens=0, refilled_at=at)
                session.add(row)
        except IntegrityError:  # another process was first by a moment
            row = session.scalars(wanted).one()
    return row


def _by_key(bucket: Bucket) -> str:
    """Always the same order, so that two tries never wait for each other."""
    return bucket.key


def _bucket(limit: Limit, whom: str) -> Bucket:
    digest = hashlib.sha256(whom.encode("utf-8", "surrogatepass")).hexdigest()
    return Bucket(limit, f"{limit.name}:{digest}")


def _network(ip: str | None) -> str:
    """One household or office: an IPv4 address, or the /64 an IPv6 address lies in."""
    try:
        address = ipaddress.ip_address(ip or "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
