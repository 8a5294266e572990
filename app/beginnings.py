"""What every Liaise begins with: England's bodies, five templates and the tree of themes."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.audit.services import Actor, act_as
from app.directory import reference
from app.directory.ledger import Loaded
from app.interactions import themes
from app.letters import starters
from app.settings.models import Settings

THE_FILES = Actor("Reference files")


@dataclass(frozen=True)
class Begun:
    bodies: Loaded
    templates: int
    themes: int


def load(session: Session, *, on: date, at: datetime) -> Begun:
    """Bring them up to what is shipped; whatever people changed stays as they made it."""
    act_as(session, THE_FILES)
    session.execute(update(Settings).values(reference_loaded_at=at))
    return Begun(
        reference.load(session, on=on),
        starters.load_starters(session, at=at),
        themes.load_starters(session),
    )


def load_if_new(session: Session, *, on: date, at: datetime) -> Begun | None:
    """The same on the very first start. Of several processes starting at once, one does it."""
    claimed = session.execute(
        update(Settings)
        .where(Settings.reference_loaded_at.is_(None))
        .values(reference_loaded_at=at)
        .returning(Settings.id)
    ).first()
    return load(session, on=on, at=at) if claimed else None
