"""The directory's lists: which columns and filters each has."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.core.web.lists import Column, Filter, FilterKind, ListView
from app.directory.labels import KIND_WORDS
from app.directory.models import (
    Appointment,
    Organisation,
    OrganisationKind,
    Ownership,
    Person,
    PersonEmail,
    Post,
    PostType,
    Region,
)
from app.directory.queries.holdings import Holdings
from app.directory.queries.name_search import where_named, where_person_named
from app.directory.queries.owners import where_owned_on
from app.directory.rules import STALE_AFTER_DAYS, due_before

# -- organisations --------------------------------------------------------------------------------


def organisations(day: date, *, with_ended: bool) -> Select[Any]:
    """Each body with the name of its owner on that day."""
    owner = (
        select(func.max(User.name))
        .join(Ownership, Ownership.user_id == User.id)
        .where(Ownership.organisation_id == Organisation.id, Ownership.where_held_on(day))
        .correlate(Organisation)
        .scalar_subquery()
    )
    wanted = (
        select(Organisation, owner.label("owner"))
        .outerjoin(Organisation.region)
        .options(joinedload(Organisation.region))
    )
    if with_ended:
        return wanted.where(
            or_(Organisation.established_on.is_(None), Organisation.established_on <= day)
        )
    return wanted.where(Organisation.where_exists_on(day))


def organisations_view(
    day: date, regions: Sequence[Region], users: Sequence[User], name: str = "Organisations"
) -> ListView:
    def body(read: Callable[[Organisation], object]) -> Callable[[Any], object]:
        return lambda row: read(row.Organisation)

    return ListView(
        name=name,
        columns=(
            Column(
                "name", "Name", body(lambda o: o.short_name), func.lower(Organisation.short_name)
            ),
            Column("official", "Official name", body(lambda o: o.name), on_page=False),
            Column("kind", "Kind", body(lambda o: KIND_WORDS[o.kind]), Organisation.kind),
            Column(
                "region", "Region", body(lambda o: o.region.name if o.region else ""), Region.name
            ),
            Column("ods", "ODS code", body(lambda o: o.ods_code), Organisation.ods_code),
            Column("ons", "ONS code", body(lambda o: o.ons_code), on_page=False),
            Column("from", "From", body(lambda o: o.established_on), Organisation.established_on),
            Column("until", "Ended", body(lambda o: o.dissolved_on), Organisation.dissolved_on),
            Column("owner", "Owner", lambda row: row.owner),
        ),
        filters=(
            Filter("name", "Name or code", FilterKind.TEXT, where_named),
            Filter(
                "kind",
                "Kind",
                FilterKind.CHOICE,
                lambda value: Organisation.kind == OrganisationKind(value),
                [(kind.value, words) for kind, words in KIND_WORDS.items()],
            ),
            _region_filter(regions),
            _owner_filter(day, users),
            Filter(
                "returned",
                "Post came back",
                FilterKind.BOOL,
                lambda _: Organisation.post_returned_on.is_not(None),
            ),
        ),
        tie_break=Organisation.id,
        default_sort="name",
        keep=("on", "ended"),
    )


def _region_filter(regions: Sequence[Region]) -> Filter:
    return Filter(
        "region",
        "Region",
        FilterKind.CHOICE,
        lambda value: Organisation.region_id == int(value),
        [(str(region.id), region.name) for region in regions],
    )


def _owner_filter(day: date, users: Sequence[User]) -> Filter:
    def owned(value: str) -> ColumnElement[bool]:
        if value == "none":
            return ~where_owned_on(day)
        return exists().where(
            Ownership.organisation_id == Organisation.id,
            Ownership.user_id == int(value),
            Ownership.where_held_on(day),
        )

    people = [(str(user.id), user.name) for user in users]
    return Filter("owner", "Owner", FilterKind.CHOICE, owned, [("none", "Nobody"), *people])


def owners_view(day: date, regions: Sequence[Region], users: Sequence[User]) -> ListView:
    """The same, for ticking many: all boards on one page."""
    whole = organisations_view(day, regions, users, name="Owners")
    shown = [column for column in whole.columns if column.key not in {"from", "until"}]
    filters = [
        replace(one, any_label="Integrated care boards") if one.key == "kind" else one
        for one in whole.filters
    ]
    return replace(whole, columns=shown, filters=filters, keep=(), per_page=100)


# -- people ---------------------------------------------------------------------------------------


# Two blanks come before any letter, so that whoever shares a family name is in order, too.
WHOLE_NAME = Person.family_name + "  " + Person.given_name


def people() -> Select[Any]:
    return select(Person)


def people_view(
    day: date,
    post_types: Sequence[PostType],
    regions: Sequence[Region],
    holdings: Holdings,
) -> ListView:
    """What somebody holds, their address and the last check are looked up for one page at once."""
    return ListView(
        name="People",
        columns=(
            Column("name", "Name", lambda p: p.name, WHOLE_NAME),
            Column("holds", "Posts", holdings.words),
            Column("email", "Email", holdings.address),
            Column("checked", "Checked", holdings.checked_on),
            Column("objected", "Objected", lambda p: p.objected_on, Person.objected_on),
            Column("source", "Details from", lambda p: p.details_source, on_page=False),
        ),
        filters=(
            Filter("name", "Name or email", FilterKind.TEXT, where_person_named),
            Filter(
                "post",
                "Post",
                FilterKind.CHOICE,
                lambda code: _holding(day, PostType.code == code),
                [(one.code, one.name) for one in post_types],
            ),
            Filter(
                "region",
                "Region",
                FilterKind.CHOICE,
                lambda value: _holding(day, Organisation.region_id == int(value)),
                [(str(region.id), region.name) for region in regions],
            ),
            Filter(
                "checked",
                "Checked",
                FilterKind.CHOICE,
                lambda value: _unchecked(day, value),
                [("due", "Not for 90 days"), ("stale", f"Not for {STALE_AFTER_DAYS} days")],
            ),
            Filter(
                "reach",
                "Reached by",
                FilterKind.CHOICE,
                _reachable,
                [
                    ("email", "Email"),
                    ("none", "No working email"),
                    ("returned", "Post came back"),
                    ("objected", "Objected"),
                ],
            ),
        ),
        tie_break=Person.id,
        default_sort="name",
    )


def _holding(day: date, *further: ColumnElement[bool]) -> ColumnElement[bool]:
    return Person.id.in_(
        select(Appointment.person_id)
        .join(Post, Post.id == Appointment.post_id)
        .join(PostType, PostType.id == Post.post_type_id)
        .join(Organisation, Organisation.id == Post.organisation_id)
        .where(Appointment.where_held_on(day), Organisation.where_exists_on(day), *further)
    )


def _unchecked(day: date, value: str) -> ColumnElement[bool]:
    from_day = (
        due_before(day) if value == "due" else date.fromordinal(day.toordinal() - STALE_AFTER_DAYS)
    )
    return _holding(day, or_(Appointment.checked_on.is_(None), Appointment.checked_on < from_day))


def _reachable(value: str) -> ColumnElement[bool]:
    works = exists().where(
        and_(PersonEmail.person_id == Person.id, PersonEmail.failed_on.is_(None))
    )
    return {
        "email": works,
        "none": ~works,
        "returned": Person.post_returned_on.is_not(None),
        "objected": Person.objected_on.is_not(None),
    }.get(value, false())
