"""What the lists of follow-ups, promises and offers can be narrowed to and sorted by alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from app.accounts.models import User
from app.core.web.lists import Filter, FilterKind
from app.directory.models import Organisation, Region
from app.directory.queries.name_search import where_named
from app.followups.models import Priority


@dataclass(frozen=True)
class AboutBodies:
    """Whom the rows of a list are about: how it is narrowed to bodies, sorted and exported."""

    where: Callable[[ColumnElement[bool]], ColumnElement[bool]]  # a condition on a body
    name: Any  # for sorting, without a join
    words: Callable[[Any], str]


def of_its_own(model: Any) -> AboutBodies:
    """Each row names its body."""
    name = select(func.lower(Organisation.short_name))
    return AboutBodies(
        where=model.organisation.has,
        name=name.where(Organisation.id == model.organisation_id).scalar_subquery(),
        words=lambda row: called(row.organisation),
    )


def by_body(about: AboutBodies, key: str = "body") -> Filter:
    return Filter(
        key, "Organisation", FilterKind.TEXT, lambda words: about.where(where_named(words))
    )


def by_region(about: AboutBodies, regions: Sequence[Region]) -> Filter:
    return Filter(
        "region",
        "Region",
        FilterKind.CHOICE,
        lambda value: about.where(Organisation.region_id == int(value)),
        [(str(region.id), region.name) for region in regions],
    )


def by_owner(users: Sequence[User], owned_by: Callable[[int], ColumnElement[bool]]) -> Filter:
    return Filter(
        "owner",
        "Owner",
        FilterKind.CHOICE,
        lambda value: owned_by(int(value)),
        [(str(user.id), user.name) for user in users],
    )


def by_priority(model: Any) -> Filter:
    return Filter(
        "priority",
        "Priority",
        FilterKind.CHOICE,
        lambda value: model.priority == Priority(value),
        [(one.value, one.value.capitalize()) for one in Priority],
    )


def rank(model: Any) -> Any:
    """The most pressing first."""
    return case(
        (model.priority == Priority.HIGH, 0), (model.priority == Priority.NORMAL, 1), else_=2
    )


def name_of_owner(model: Any) -> Any:
    return select(func.lower(User.name)).where(User.id == model.owner_id).scalar_subquery()


def called(named: Any) -> str:
    """What a body, a person or a theme is called in a list; nothing where there is none."""
    return getattr(named, "short_name", "") or getattr(named, "name", "")
