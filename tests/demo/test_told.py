"""The demo’s story is told to nobody: no bell rings for it, and no mail speaks of it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.notifications.models import Notification
from app.outbox.models import Message


def test_nobody_is_told_anew_of_what_is_made_up(demo: Session) -> None:
    told = demo.scalars(select(Notification).execution_options(populate_existing=True)).all()
    assert told
    assert all(one.seen_at and one.mailed_at for one in told)
    assert demo.scalars(select(Message)).all() == []
