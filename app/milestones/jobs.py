"""What happens to milestones by themselves."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.clock import LONDON
from app.milestones.series import make_years


def lay_out_coming_years(session: Session, now: datetime) -> int:
    """The milestones a yearly duty lacks, each new year, and after a duty was added."""
    made = make_years(session, on=now.astimezone(LONDON).date(), at=now)
    session.commit()
    return made
