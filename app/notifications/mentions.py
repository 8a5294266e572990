"""@mentions: finding the colleagues a text names, and telling those who may read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import MemberOrganisation, Permission, User
from app.accounts.visibility import Confidential
from app.core.text.alphabet import alphabetical
from app.notifications.models import Event
from app.notifications.rules import mentions_in, name_to_type, plain
from app.notifications.services import notify

OFFERED = 8


@dataclass(frozen=True)
class Mentioned:
    """Whom a text names: those who may read it, those who may not, and names of several people."""

    readers: tuple[User, ...] = ()
    others: tuple[User, ...] = ()
    unclear: tuple[str, ...] = ()

    @property
    def warnings(self) -> list[str]:
        """What whoever wrote it should know, in sentences."""
        return [
            f"{user.name} may not read this, so they were not told that you mentioned them."
            for user in self.others
        ] + [
            f"Several colleagues are called {name}, so none of them was told. "
            f"Write @{name} with their organisation in brackets behind."
            for name in self.unclear
        ]


def mentioned_in(session: Session, text: str, entry: Confidential) -> Mentioned:
    """Whom a text that belongs to this entry names; no statement when it names nobody."""
    if "@" not in text:
        return Mentioned()
    found = mentions_in(text, _names(session))
    wanted = select(User).where(User.id.in_(found.user_ids))
    users = {user.id: user for user in session.scalars(wanted)} if found.user_ids else {}
    named = [users[id_] for id_ in found.user_ids if id_ in users]
    readers = tuple(user for user in named if may_read(user, entry))
    others = tuple(user for user in named if not may_read(user, entry))
    return Mentioned(readers, others, found.unclear)


def tell_mentioned(
    session: Session,
    *,
    text: str,
    entry: Confidential,
    key: str,
    where: str,
    path: str,
    by: User,
    at: datetime,
) -> Mentioned:
    """Tell whoever this text names and may read it, once for each entry however often it is saved.

    `key` is the entry ("interaction:12"), `where` how a sentence calls it without any of its words
    ("the notes of a meeting on 6 November 2026"), `path` its page. Call it wherever such a text or
    its visibility is saved, and show `warnings` to whoever saved it.
    """
    mentioned = mentioned_in(session, text, entry)
    for user in mentioned.readers:
        if user.id != by.id:
            notify(
                session,
                user=user,
                event=Event.MENTION,
                key=f"mention:{key}",
                text=f"{by.name} mentioned you in {where}.",
                path=path,
                at=at,
            )
    return mentioned


def may_read(user: User, entry: Confidential) -> bool:
    return user.may(Permission.VIEW) and entry.may_be_read_by(user)


@dataclass(frozen=True)
class MentionCandidate:
    """A colleague one may want to mention."""

    user: User
    to_type: str


def colleagues(session: Session, typed: str) -> list[MentionCandidate]:
    """Whose first, last or full name begins so; the first few by name."""
    start = plain(typed)
    if not start:
        return []
    name = func.lower(func.replace(User.name, "’", "'"))
    users = session.scalars(
        select(User)
        .where(
            User.disabled_at.is_(None),
            or_(
                name.startswith(start, autoescape=True), name.contains(f" {start}", autoescape=True)
            ),
        )
        .options(joinedload(User.member_organisation))
        .order_by(name.startswith(start, autoescape=True).desc(), alphabetical(User.name), User.id)
        .limit(OFFERED)
    ).all()
    shared = _shared_names(session, users)
    return [
        MentionCandidate(
            user,
            name_to_type(
                user.name, user.member_organisation.name, is_shared=plain(user.name) in shared
            ),
        )
        for user in users
    ]


def _shared_names(session: Session, users: Sequence[User]) -> set[str]:
    if not users:
        return set()
    lower = func.lower(User.name)
    names = session.scalars(
        select(lower)
        .where(User.disabled_at.is_(None), lower.in_([user.name.lower() for user in users]))
        .group_by(lower)
        .having(func.count() > 1)
    )
    return {plain(name) for name in names}


def _names(session: Session) -> dict[str, list[int]]:
    """What each active colleague may be called: their name, and their name with their member."""
    names: dict[str, list[int]] = {}
    rows = session.execute(
        select(User.id, User.name, MemberOrganisation.name)
        .join(MemberOrganisation, MemberOrganisation.id == User.member_organisation_id)
        .where(User.disabled_at.is_(None))
        .order_by(User.id)
    )
    for id_, name, member in rows:
        names.setdefault(name, []).append(id_)
        names.setdefault(f"{name} ({member})", []).append(id_)
    return names
