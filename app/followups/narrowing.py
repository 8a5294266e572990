"""What the lists of follow-ups, promises and offers can be narrowed to and sorted by alike."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from app.accounts.models import User
from app.core.web.lists import Filter, FilterKind
from app.directory.models import Organisation, Region
from app.directory.queries.name_search import where_named
from app.followups.models import Priority


def by_body(model: Any, key: str = "body") -> Filter:
    return Filter(
        key,
        "Organisation",
        FilterKind.TEXT,
        lambda words: model.organisation.has(where_named(words)),
    )


def by_region(model: Any, regions: Sequence[Region]) -> Filter:
    return Filter(
        "region",
        "Region",
        FilterKind.CHOICE,
        lambda value: model.organisation.has(Organisation.region_id == int(value)),
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


def name_of_body(model: Any) -> Any:
    """For sorting by it, without a join."""
    name = select(func.lower(Organisation.short_name))
    return name.where(Organisation.id == model.organisation_id).scalar_subquery()


def name_of_owner(model: Any) -> Any:
    return select(func.lower(User.name)).where(User.id == model.owner_id).scalar_subquery()


def called(named: Any) -> str:
    """What a body, a person or a theme is called in a list; nothing where there is none."""
    return getattr(named, "short_name", "") or getattr(named, "name", "")
