"""Where what was merged away is found now. This is kept for ever, as links to it are."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bin.models import Binned, BinnedHow


def merge_of(session: Session, kind: str, record_id: int) -> Binned | None:
    """The merge in which this record went away; None if it did not, or came back."""
    return session.scalar(
        select(Binned)
        .where(
            *(Binned.kind == kind, Binned.record_id == record_id),
            *(Binned.how == BinnedHow.MERGED, Binned.restored_at.is_(None)),
        )
        .order_by(Binned.id.desc())
        .limit(1)
    )


def found_now(session: Session, kind: str, record_id: int) -> int:
    """The record that this one became part of, however often that was merged again; else itself."""
    while merge := merge_of(session, kind, record_id):
        if merge.merged_into_id is None:
            break
        record_id = merge.merged_into_id
    return record_id


def all_found_now(session: Session, kind: str, ids: Sequence[int]) -> list[int]:
    """The same for what a form names that was opened before: each once, in its place."""
    away = set(
        session.scalars(
            select(Binned.record_id).where(
                *(Binned.kind == kind, Binned.record_id.in_(ids)),
                *(Binned.how == BinnedHow.MERGED, Binned.restored_at.is_(None)),
            )
        )
    )
    return list(dict.fromkeys(found_now(session, kind, id_) if id_ in away else id_ for id_ in ids))


def merged_into(session: Session, kind: str, record_id: int) -> Sequence[Binned]:
    """What has become part of this record, the latest first."""
    return session.scalars(
        select(Binned)
        .where(
            *(Binned.kind == kind, Binned.merged_into_id == record_id),
            *(Binned.how == BinnedHow.MERGED, Binned.restored_at.is_(None)),
        )
        .order_by(Binned.id.desc())
    ).all()
