"""What is in the bin, and what keeps a record from going there."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.bin.models import Binned, BinnedHow, BinnedRow, BinnedStep
from app.bin.rules import deleted_before


def newest(session: Session, kind: str, record_id: int) -> Binned | None:
    """The deletion with which this record went, as itself or along with another; None if it is
    not deleted, or was restored. A deletion whose 30 days are over is found too."""
    itself = session.scalar(
        select(Binned)
        .where(
            *(Binned.kind == kind, Binned.record_id == record_id),
            *(Binned.restored_at.is_(None), Binned.how != BinnedHow.CHANGED),
        )
        .order_by(Binned.id.desc())
        .limit(1)
    )
    return itself or session.scalar(
        select(Binned)
        .join(BinnedRow, BinnedRow.binned_id == Binned.id)
        .where(
            BinnedRow.kind == kind,
            BinnedRow.record_id == record_id,
            BinnedRow.step == BinnedStep.TAKEN,
            Binned.restored_at.is_(None),
            Binned.how != BinnedHow.CHANGED,
        )
        .order_by(Binned.id.desc())
        .limit(1)
    )


def seen_by(session: Session, kind: str, record_id: int, reader: User) -> Binned | None:
    """The same, as far as this reader could have read the record."""
    binned = newest(session, kind, record_id)
    if binned is None or not may_see(binned, reader):
        return None
    kept = select(BinnedRow.id).where(
        BinnedRow.binned_id == binned.id,
        BinnedRow.kind == kind,
        BinnedRow.record_id == record_id,
        BinnedRow.readers.not_in(readers_with(reader)),
    )
    return None if session.scalar(kept.limit(1)) else binned


def steps_of(session: Session, binned: Binned) -> Sequence[BinnedRow]:
    """Its ledger, in the order in which it was written."""
    return session.scalars(
        select(BinnedRow).where(BinnedRow.binned_id == binned.id).order_by(BinnedRow.id)
    ).all()


def due_to_go(session: Session, today: date) -> Sequence[int]:
    """Those whose 30 days are over on that day, the first deleted first."""
    return session.scalars(
        select(Binned.id)
        .where(Binned.emptied_at.is_(None), Binned.at < deleted_before(today))
        .order_by(Binned.at, Binned.id)
    ).all()


def may_see(binned: Binned, reader: User) -> bool:
    """What was kept from others is kept from them in the bin."""
    return binned.readers in readers_with(reader)


def readers_with(reader: User) -> tuple[str, ...]:
    return ("", f"user:{reader.id}", f"member:{reader.member_organisation_id}")
