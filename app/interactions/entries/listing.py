"""The list of meetings, calls and notes: its columns and filters."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from app.accounts.models import User
from app.core.clock import LONDON
from app.core.web.lists import Column, Filter, FilterKind, ListView
from app.directory.models import Organisation, Person, Region
from app.directory.queries.name_search import contains, where_named, where_person_named
from app.interactions.models import (
    Interaction,
    InteractionKind,
    InteractionOrganisation,
    InteractionPerson,
    InteractionState,
    InteractionTheme,
    InteractionUser,
    Theme,
)
from app.interactions.themes import in_order


def readable_by(user: User) -> Select[Any]:
    """Every entry this user may read, with its bodies, people and author."""
    bodies = (
        select(func.aggregate_strings(Organisation.short_name, ", "))
        .join(InteractionOrganisation, InteractionOrganisation.organisation_id == Organisation.id)
        .where(InteractionOrganisation.interaction_id == Interaction.id)
        .correlate(Interaction)
        .scalar_subquery()
        .label("bodies")
    )
    people = (
        select(func.aggregate_strings(Person.given_name + " " + Person.family_name, ", "))
        .join(InteractionPerson, InteractionPerson.person_id == Person.id)
        .where(InteractionPerson.interaction_id == Interaction.id)
        .correlate(Interaction)
        .scalar_subquery()
        .label("people")
    )
    return (
        select(Interaction, bodies, people, User.name.label("by"))
        .join(User, User.id == Interaction.author_id)
        .where(Interaction.where_read_by(user))
    )


def meetings_view(
    user: User,
    *,
    regions: Sequence[Region],
    users: Sequence[User],
    themes: Sequence[Theme],
) -> ListView:
    def entry(read: Callable[[Interaction], object]) -> Callable[[Any], object]:
        return lambda row: read(row.Interaction)

    return ListView(
        name="Meetings, calls and notes",
        columns=(
            Column("when", "When", entry(lambda i: i.happened_on), Interaction.happened_on),
            Column("from", "From", entry(lambda i: _clock(i.starts_at)), on_page=False),
            Column("to", "To", entry(lambda i: _clock(i.ends_at)), on_page=False),
            Column("kind", "Kind", entry(lambda i: i.kind.value.capitalize()), Interaction.kind),
            Column("subject", "What", entry(lambda i: i.subject), func.lower(Interaction.subject)),
            Column("bodies", "With", lambda row: row.bodies),
            Column("people", "People", lambda row: row.people, on_page=False),
            Column("place", "Place", entry(lambda i: i.place), on_page=False),
            Column("state", "State", entry(lambda i: i.state.value), Interaction.state),
            Column("by", "By", lambda row: row.by, func.lower(User.name)),
            Column("body", "Notes", entry(lambda i: i.body), on_page=False),
            Column("seen", "Seen by", entry(lambda i: i.visible_to.words), on_page=False),
        ),
        filters=(
            Filter("words", "Words", FilterKind.TEXT, _where_says),
            _kind_filter(),
            _state_filter(),
            Filter(
                "body", "Organisation", FilterKind.TEXT, lambda value: _with(where_named(value))
            ),
            Filter("person", "Person", FilterKind.TEXT, _with_person),
            Filter(
                "region",
                "Region",
                FilterKind.CHOICE,
                lambda value: _with(Organisation.region_id == int(value)),
                [(str(region.id), region.name) for region in regions],
            ),
            Filter(
                "ours",
                "Our people",
                FilterKind.CHOICE,
                lambda value: _attended(int(value)),
                [(str(one.id), one.name) for one in users],
            ),
            _theme_filter(themes),
            Filter("since", "From", FilterKind.DATE, lambda day: Interaction.happened_on >= day),
            Filter("until", "Until", FilterKind.DATE, lambda day: Interaction.happened_on <= day),
            Filter("mine", "Mine", FilterKind.BOOL, lambda _: _attended(user.id)),
        ),
        tie_break=Interaction.id.desc(),
        default_sort="-when",
    )


def _clock(at: Any) -> str:
    return f"{at.astimezone(LONDON):%H:%M}" if at else ""


def _where_says(words: str) -> ColumnElement[bool]:
    return or_(
        contains(Interaction.subject, words),
        contains(Interaction.body, words),
        contains(Interaction.agenda, words),
        contains(Interaction.place, words),
    )


def _kind_filter() -> Filter:
    return Filter(
        "kind",
        "Kind",
        FilterKind.CHOICE,
        lambda value: Interaction.kind == InteractionKind(value),
        [(kind.value, kind.value.capitalize()) for kind in InteractionKind],
    )


def _state_filter() -> Filter:
    return Filter(
        "state",
        "State",
        FilterKind.CHOICE,
        lambda value: Interaction.state == InteractionState(value),
        [(state.value, state.value.capitalize()) for state in InteractionState],
    )


def _theme_filter(themes: Sequence[Theme]) -> Filter:
    """A theme, and whatever lies under it in the tree."""
    parents = {theme.id: theme.parent_id for theme in themes}
    names = [
        (str(theme.id), f"– {theme.name}" if parents[theme.id] else theme.name)
        for theme in in_order(themes)
    ]

    def about(value: str) -> ColumnElement[bool]:
        wanted = [int(value), *(id_ for id_, parent in parents.items() if parent == int(value))]
        return exists().where(
            InteractionTheme.interaction_id == Interaction.id,
            InteractionTheme.theme_id.in_(wanted),
        )

    return Filter("theme", "Theme", FilterKind.CHOICE, about, names)


def _with(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(
        InteractionOrganisation.interaction_id == Interaction.id,
        InteractionOrganisation.organisation_id == Organisation.id,
        condition,
    )


def _with_person(words: str) -> ColumnElement[bool]:
    return exists().where(
        InteractionPerson.interaction_id == Interaction.id,
        InteractionPerson.person_id == Person.id,
        where_person_named(words),
    )


def _attended(user_id: int) -> ColumnElement[bool]:
    """Somebody of ours was there, or wrote it down."""
    there = exists().where(
        and_(InteractionUser.interaction_id == Interaction.id, InteractionUser.user_id == user_id)
    )
    return or_(Interaction.author_id == user_id, there)
