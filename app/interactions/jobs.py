"""What the clock does for notes."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.interactions import drafts


def forget_discarded(session: Session, now: datetime) -> None:
    """Drafts that were discarded a month ago."""
    drafts.forget_discarded(session, at=now)
    session.commit()
