"""What the clock does for words on their way."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.interactions.drafts import autosave


def tidy(session: Session, now: datetime) -> None:
    """Forget what was discarded a month ago; what is offered for an entry made since goes to it."""
    autosave.forget_discarded(session, at=now)
    session.commit()
    for interaction in autosave.made_meanwhile(session):
        autosave.hand_over(session, interaction)
        session.commit()
