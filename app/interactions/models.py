"""What happened between us and a body: for now notes and calls, written down by a person."""

import enum
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.core.db import Base, IntPk
from app.directory.models import Organisation, Person


class InteractionKind(enum.Enum):
    NOTE = "note"
    CALL = "call"


class Interaction(Base):
    """One entry on the timeline. `happened_on` can be any past day; `written_at` cannot."""

    __tablename__ = "interaction"
    __table_args__ = (Index(None, "happened_on"),)
    __audit__ = "interaction"

    id: Mapped[IntPk]
    kind: Mapped[InteractionKind]
    happened_on: Mapped[date]
    subject: Mapped[str] = mapped_column(default="")
    body: Mapped[str] = mapped_column(Text)  # Markdown
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    written_at: Mapped[datetime]
    form_token: Mapped[str | None] = mapped_column(unique=True)  # a double click writes once

    author: Mapped[User] = relationship(lazy="raise_on_sql")


class InteractionOrganisation(Base):
    __tablename__ = "interaction_organisation"
    __audit__ = "interaction_organisation"

    interaction_id: Mapped[int] = mapped_column(ForeignKey("interaction.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id"), primary_key=True, index=True
    )

    interaction: Mapped[Interaction] = relationship(lazy="raise_on_sql")
    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("interaction", self.interaction_id), ("organisation", self.organisation_id)]


class InteractionPerson(Base):
    __tablename__ = "interaction_person"
    __audit__ = "interaction_person"

    interaction_id: Mapped[int] = mapped_column(ForeignKey("interaction.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)

    interaction: Mapped[Interaction] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")

    def audit_subjects(self) -> list[tuple[str, int]]:
        return [("interaction", self.interaction_id), ("person", self.person_id)]
