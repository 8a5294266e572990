"""Which rows the demo data added, and what it changed, so that it can be taken out again."""

from typing import Any

from sqlalchemy.orm import Mapped

from app.core.db import Base, IntPk


class DemoRow(Base):
    """One row the demo data added; or one it changed, with the old values of what changed."""

    __tablename__ = "demo_row"

    id: Mapped[IntPk]
    table: Mapped[str]
    key: Mapped[dict[str, Any]]
    old: Mapped[dict[str, Any] | None]
