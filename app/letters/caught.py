"""Letters that reached the built-in catcher and nobody else."""

from sqlalchemy import ColumnElement, and_, func, or_, select

from app.core.mail import caught
from app.letters.models import Letter, PostalState
from app.settings.models import Settings


def counts() -> ColumnElement[bool]:
    """Whether a letter that was sent counts as one.

    While no mail server is set up, everything ends in the built-in catcher: a rehearsal, after
    which the real letter has still to be written. In demo data all letters are rehearsals, so
    there they count. So does a letter that was posted besides.
    """
    is_demo = select(Settings.is_demo).where(Settings.id == 1).scalar_subquery()
    return or_(
        Letter.server_reply != caught.REPLY, Letter.post_state == PostalState.POSTED, is_demo
    )


def is_caught() -> ColumnElement[bool]:
    """`Letter.is_caught`, said in SQL."""
    posted = func.coalesce(Letter.post_state == PostalState.POSTED, False)
    return and_(Letter.server_reply == caught.REPLY, ~posted)
