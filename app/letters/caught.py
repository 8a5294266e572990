"""Letters that reached the built-in catcher and nobody else."""

from sqlalchemy import ColumnElement, or_, select

from app.core import caught
from app.letters.models import Letter
from app.settings.models import Settings


def counts() -> ColumnElement[bool]:
    """Whether a letter that was sent counts as one.

    While no mail server is set up, everything ends in the built-in catcher: a rehearsal, after
    which the real letter has still to be written. In demo data all letters are rehearsals, so
    there they count.
    """
    is_demo = select(Settings.is_demo).where(Settings.id == 1).scalar_subquery()
    return or_(Letter.server_reply != caught.REPLY, is_demo)


def is_caught() -> ColumnElement[bool]:
    """`Letter.is_caught`, said in SQL."""
    return Letter.server_reply == caught.REPLY
