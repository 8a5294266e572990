"""Forgetting what is no longer needed about signing in."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.accounts.authentication import secret_links, sessions, throttling

KEPT = timedelta(days=90)  # network addresses of sign-ins are not kept longer


def forget_old(session: Session, now: datetime) -> None:
    """Safe to run at any time, and twice."""
    throttling.forget_old(session, at=now)
    sessions.forget_old(session, before=now - KEPT)
    secret_links.forget_old(session, before=now - KEPT)
    session.commit()
