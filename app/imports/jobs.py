"""What the clock does for imports."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.imports.services import forget_old_files


def forget_files(session: Session, now: datetime) -> int:
    """Files that were uploaded and never imported wait for a day, and not longer."""
    forgotten = forget_old_files(session, at=now)
    session.commit()
    return forgotten
