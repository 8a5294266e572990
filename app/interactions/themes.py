"""The small tree of themes: what everybody begins with, and how a coordinator changes it."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.errors import DomainError, NameTaken
from app.interactions.models import Theme

# The seven criteria by which plans are read, with what the group works on under each.
STARTERS: dict[str, tuple[str, ...]] = {
    "Population health": (),
    "Leadership": (),
    "Co-production": (),
    "Workforce": (),
    "Information and data": ("Information sharing between services", "Consistent identifier"),
    "Integration": ("SEND", "Moving on to adult services", "Family hubs and early help"),
    "Inequalities": ("Asthma", "Diabetes", "Epilepsy", "Oral health", "Mental health"),
    "Palliative and end-of-life care": (),
    "Safeguarding": (),
}


class TooDeep(DomainError):
    """The tree has two levels."""


def load_starters(session: Session) -> int:
    """Plant the tree where there is none yet; one that people have changed is theirs."""
    if session.scalar(select(Theme.id).limit(1)) is not None:
        return 0
    count = 0
    for name, under in STARTERS.items():
        parent = add(session, name=name)
        for below in under:
            add(session, name=below, parent=parent)
        count += 1 + len(under)
    return count


def add(session: Session, *, name: str, parent: Theme | None = None) -> Theme:
    """A theme at the end of its branch."""
    called = _checked(session, name, None)
    if parent and parent.parent_id:
        raise TooDeep("A theme stands under one of the first level, or under none.")
    theme = Theme(name=called, parent_id=parent.id if parent else None, position=_last(session) + 1)
    session.add(theme)
    session.flush()
    return theme


def change(session: Session, theme: Theme, *, name: str, parent: Theme | None) -> None:
    """Another name or place; what is about it stays about it."""
    called = _checked(session, name, theme)
    if parent:
        below = session.scalar(select(Theme.id).where(Theme.parent_id == theme.id).limit(1))
        if parent.parent_id or parent.id == theme.id or below is not None:
            raise TooDeep(
                "A theme stands under one of the first level, and one that has others under it "
                "stands under none."
            )
    theme.name = called
    theme.parent_id = parent.id if parent else None
    session.flush()


def retire(session: Session, theme: Theme, *, on: date) -> None:
    """It is offered no more, nor what stands under it; what is about it keeps it."""
    for one in [theme, *session.scalars(select(Theme).where(Theme.parent_id == theme.id))]:
        one.retired_on = one.retired_on or on
    session.flush()


def restore(session: Session, theme: Theme) -> None:
    theme.retired_on = None
    session.flush()


def in_order(themes: Sequence[Theme]) -> list[Theme]:
    """Each of the first level, followed by those under it (pure)."""
    ordered = sorted(themes, key=lambda theme: (theme.position, theme.id))
    tops = [theme for theme in ordered if theme.parent_id is None]
    return [
        one
        for top in tops
        for one in (top, *(theme for theme in ordered if theme.parent_id == top.id))
    ]


def _checked(session: Session, name: str, theme: Theme | None) -> str:
    called = " ".join(name.split())
    if not called:
        raise DomainError("Give the theme a name.")
    same = session.scalar(select(Theme).where(func.lower(Theme.name) == called.lower()))
    if same is not None and (theme is None or same.id != theme.id):
        retired = " It is retired; bring it back instead." if same.retired_on else ""
        raise NameTaken(f"There is a theme “{same.name}” already.{retired}")
    return called


def _last(session: Session) -> int:
    return session.scalar(select(func.max(Theme.position))) or 0
