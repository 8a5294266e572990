"""What the clock does for notes."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.interactions.drafts import autosave


def forget_discarded(session: Session, now: datetime) -> None:
    """Drafts that were discarded a month ago."""
    autosave.forget_discarded(session, at=now)
    session.commit()
