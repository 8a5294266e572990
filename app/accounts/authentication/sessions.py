"""Browsers signed in: opened, found again by their token, renewed, ended."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, joinedload

from app.accounts import rules
from app.accounts.models import Permission, SignInSession, User
from app.audit import services as audit


@dataclass(frozen=True)
class SignedIn:
    """A browser that is signed in, as this request found it."""

    id: int
    user: User
    store: dict[str, Any]
    created_at: datetime
    seen_at: datetime
    fresh_at: datetime | None

    @property
    def lapses_at(self) -> datetime:
        return rules.lapses_at(
            created_at=self.created_at,
            seen_at=self.seen_at,
            is_administrator=self.user.may(Permission.ADMINISTER),
        )


def new_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What we keep of a token. It is random throughout, so a plain fast hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def start(
    session: Session, *, user: User, at: datetime, ip: str | None = None, agent: str = ""
) -> str:
    """Sign a browser in; returns the token for its cookie, which is kept nowhere else."""
    token = new_token()
    session.add(
        SignInSession(
            token_hash=token_hash(token),
            user_id=user.id,
            store={"csrf_token": secrets.token_hex(32)},
            created_at=at,
            seen_at=at,
            fresh_at=at,
            ip=ip,
            agent=agent[:200],
        )
    )
    session.flush()
    return token


_NOT_ENDED = (
    select(SignInSession, User)
    .join(User, User.id == SignInSession.user_id)
    .where(SignInSession.ended_at.is_(None))
    .options(joinedload(User.member_organisation))
)


def find(session: Session, *, token: str, at: datetime) -> SignedIn | None:
    """Who is signed in with this token, unless it was ended or has lapsed."""
    found = session.execute(
        _NOT_ENDED.where(SignInSession.token_hash == token_hash(token))
    ).one_or_none()
    if found is None:
        return None
    row, user = found
    signed_in = SignedIn(row.id, user, dict(row.store), row.created_at, row.seen_at, row.fresh_at)
    return signed_in if user.is_active and at < signed_in.lapses_at else None


def keep(session: Session, *, session_id: int, store: dict[str, Any], seen_at: datetime) -> None:
    session.execute(
        update(SignInSession)
        .where(SignInSession.id == session_id)
        .values(store=store, seen_at=seen_at)
    )


def renew(session: Session, *, session_id: int, at: datetime, is_fresh: bool = False) -> str:
    """Give the browser another token: what it may do has changed, so the old one dies."""
    token = new_token()
    values: dict[str, Any] = {"token_hash": token_hash(token), "seen_at": at}
    if is_fresh:
        values["fresh_at"] = at
    session.execute(update(SignInSession).where(SignInSession.id == session_id).values(values))
    return token


def active_of(session: Session, *, user: User, at: datetime) -> Sequence[SignInSession]:
    """The browsers this user is signed in with, the latest used first."""
    rows = session.scalars(
        select(SignInSession)
        .where(SignInSession.user_id == user.id, SignInSession.ended_at.is_(None))
        .order_by(SignInSession.seen_at.desc(), SignInSession.id.desc())
    )
    is_administrator = user.may(Permission.ADMINISTER)
    return [
        row
        for row in rows
        if at
        < rules.lapses_at(
            created_at=row.created_at, seen_at=row.seen_at, is_administrator=is_administrator
        )
    ]


def end(session: Session, *, session_id: int, user: User, at: datetime) -> bool:
    """End one browser of this user; False when it is not theirs or has ended already."""
    ended = session.scalar(
        update(SignInSession)
        .where(
            SignInSession.id == session_id,
            SignInSession.user_id == user.id,
            SignInSession.ended_at.is_(None),
        )
        .values(ended_at=at, store={})
        .returning(SignInSession.id)
    )
    return ended is not None


def end_all(
    session: Session, *, user: User, at: datetime, because: str, but: int | None = None
) -> int:
    """End every browser of this user, save the one that is doing it; returns how many."""
    ended = session.scalars(
        update(SignInSession)
        .where(
            SignInSession.user_id == user.id,
            SignInSession.ended_at.is_(None),
            SignInSession.id != (but or 0),
        )
        .values(ended_at=at, store={})
        .returning(SignInSession.id)
    ).all()
    if ended:
        audit.record(
            session,
            action="sessions ended",
            subjects=[("user", user.id)],
            summary=f"{len(ended)} ended: {because}",
        )
    return len(ended)


def end_everything(
    session: Session, *, user: User, at: datetime, because: str, but: int | None = None
) -> int:
    """End every browser but one, and every secret address that needs no signing in."""
    user.all_ended_at = at
    return end_all(session, user=user, at=at, because=because, but=but)


def forget_old(session: Session, *, before: datetime) -> None:
    """Drop the traces of browsers not seen since then, with their addresses."""
    session.execute(delete(SignInSession).where(SignInSession.seen_at < before))
