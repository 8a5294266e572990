"""What every Liaise begins with: England's bodies, what binds them, templates and themes."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.audit.services import Actor, act_as
from app.directory import reference
from app.directory.models import ReferenceFact
from app.directory.reference_reconciler import Loaded
from app.documents import reference as documents
from app.interactions import themes
from app.letters.drafting import starter_templates
from app.milestones import reference as milestones
from app.milestones.models import Milestone
from app.settings.models import Settings

THE_FILES = Actor("Reference files")


@dataclass(frozen=True)
class Begun:
    bodies: Loaded
    milestones: Loaded
    templates: int
    themes: int


def load(session: Session, *, on: date, at: datetime) -> Begun:
    """Bring them up to what is shipped; whatever people changed stays as they made it."""
    act_as(session, THE_FILES)
    session.execute(update(Settings).values(reference_loaded_at=at))
    return Begun(
        reference.load(session, on=on),
        _milestones(session, on=on, at=at),
        starter_templates.load_starters(session, at=at),
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


def load_milestones_if_new(session: Session, *, on: date, at: datetime) -> Loaded | None:
    """For a Liaise that began before there were milestones: on its first start with them."""
    session.execute(select(Settings.id).with_for_update())
    loaded_before = select(ReferenceFact.kind).where(ReferenceFact.kind == Milestone.__audit__)
    if session.execute(loaded_before.limit(1)).first():
        return None
    act_as(session, THE_FILES)
    return _milestones(session, on=on, at=at)


def _milestones(session: Session, *, on: date, at: datetime) -> Loaded:
    documents.load(session)
    return milestones.load(session, on=on, at=at)
