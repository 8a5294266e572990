"""Finding bodies and people by what they are called."""

from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, or_

from app.directory.models import (
    Organisation,
    OrganisationCode,
    OrganisationName,
    Person,
    PersonEmail,
)


def like(text: str) -> str:
    """A pattern that means the words themselves, whatever signs they have in them."""
    plain = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{plain}%"


def contains(column: Any, text: str) -> ColumnElement[bool]:
    """In capitals or not, with either apostrophe. A PostgreSQL of the C locale knows only the
    capitals of plain letters, so what was typed exactly as it is kept is found there too."""
    kept, typed = func.replace(column, "’", "'"), text.replace("’", "'")
    return or_(
        func.lower(kept).like(like(typed.lower()), escape="\\"),
        kept.like(like(typed), escape="\\"),
    )


def spoken(person: type[Person]) -> ColumnElement[str]:
    """A person's name as one would say it, made by the database; the twin of `Person.name`."""
    given = case((person.known_as == "", person.given_name), else_=person.known_as)
    first = case((person.title == "", ""), else_=person.title + " ")
    second = case((given == "", ""), else_=given + " ")
    return func.trim(first + second + person.family_name)


def where_named(text: str) -> ColumnElement[bool]:
    """By any name or code it has or had."""
    also = exists().where(
        OrganisationName.organisation_id == Organisation.id, contains(OrganisationName.name, text)
    )
    code = exists().where(
        OrganisationCode.organisation_id == Organisation.id,
        func.lower(OrganisationCode.code) == text.lower(),
    )
    return or_(
        contains(Organisation.name, text),
        contains(Organisation.short_name, text),
        func.lower(Organisation.ods_code) == text.lower(),
        func.lower(Organisation.ons_code) == text.lower(),
        also,
        code,
    )


def where_person_named(text: str) -> ColumnElement[bool]:
    whole = Person.given_name + " " + Person.family_name
    known = Person.known_as + " " + Person.family_name
    mail = exists().where(PersonEmail.person_id == Person.id, contains(PersonEmail.address, text))
    return or_(contains(whole, text), contains(known, text), mail)
