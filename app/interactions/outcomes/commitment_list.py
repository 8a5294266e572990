"""The registers of commitments and of offers: their rows, columns and filters."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, func, select
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.core.web.lists import Column, Filter, FilterKind, ListView
from app.directory.models import Region
from app.directory.queries.name_search import contains
from app.followups.models import FollowUp
from app.followups.narrowing import (
    by_body,
    by_owner,
    by_priority,
    by_region,
    called,
    name_of_owner,
    of_its_own,
    rank,
)
from app.interactions.models import (
    InteractionTheme,
    Offer,
    OfferState,
    Outcome,
    OutcomeKind,
    PointState,
    PromisedBy,
    Theme,
)
from app.interactions.outcomes.outcome_labels import mark, who
from app.interactions.outcomes.whom import about

STATES = [
    ("open", "Open"),
    ("overdue", "Overdue"),
    ("kept", "Kept"),
    ("broken", "Broken"),
    ("withdrawn", "Withdrawn"),
]


def commitments(reader: User) -> Select[Any]:
    """Every promise, ours and theirs, that this reader may read."""
    return (
        select(Outcome)
        .where(
            Outcome.kind == OutcomeKind.COMMITMENT,
            Outcome.where_read_by(reader),
        )
        .options(
            joinedload(Outcome.organisation),
            joinedload(Outcome.person),
            joinedload(Outcome.interaction),
            joinedload(Outcome.follow_up).joinedload(FollowUp.owner),
        )
    )


def commitments_view(
    on: date, *, users: Sequence[User], regions: Sequence[Region], themes: Sequence[Theme]
) -> ListView:
    still_open = Outcome.state == PointState.OPEN
    promised = about(Outcome)
    return ListView(
        name="Commitments",
        columns=(
            Column("who", "Who promised", who, Outcome.promised_by),
            Column("body", "Organisation", promised.words, promised.name),
            Column("person", "Person", lambda p: called(p.person), on_page=False),
            Column("what", "What", lambda p: p.text, func.lower(Outcome.text)),
            Column("made", "Promised", lambda p: p.made_on, Outcome.made_on),
            # What is still open comes first: the rest is of interest to nobody in a hurry.
            Column("due", "By", lambda p: p.due_on, case((still_open, Outcome.due_on))),
            Column(
                "priority", "Priority", lambda p: p.priority.value, rank(Outcome), on_page=False
            ),
            Column("owner", "Owner", _owner),
            Column("state", "State", lambda p: mark(p, on)[1], Outcome.state),
            Column("settled", "Settled", lambda p: p.settled_on, on_page=False),
            Column("evidence", "Evidence", lambda p: p.evidence, on_page=False),
            Column("link", "Link", lambda p: p.evidence_link, on_page=False),
        ),
        filters=(
            Filter("words", "Words", FilterKind.TEXT, lambda words: contains(Outcome.text, words)),
            Filter(
                "side",
                "Who promised",
                FilterKind.CHOICE,
                lambda value: Outcome.promised_by == PromisedBy(value),
                [("us", "Us"), ("them", "Them")],
            ),
            Filter("state", "State", FilterKind.CHOICE, lambda value: _in_state(value, on), STATES),
            by_body(promised),
            by_region(promised, regions),
            by_owner(users, lambda owner: Outcome.follow_up.has(FollowUp.owner_id == owner)),
            by_priority(Outcome),
            Filter("theme", "Theme", FilterKind.CHOICE, _about(themes), _names(themes)),
            Filter("since", "Due from", FilterKind.DATE, lambda day: Outcome.due_on >= day),
            Filter("until", "Due until", FilterKind.DATE, lambda day: Outcome.due_on <= day),
        ),
        tie_break=Outcome.id,
        default_sort="due",
    )


def offers() -> Select[Any]:
    return select(Offer).options(
        joinedload(Offer.organisation), joinedload(Offer.owner), joinedload(Offer.theme)
    )


def offers_view(
    *, users: Sequence[User], regions: Sequence[Region], themes: Sequence[Theme]
) -> ListView:
    offered = of_its_own(Offer)
    return ListView(
        name="Offers",
        columns=(
            Column("what", "What we offered", lambda o: o.what, func.lower(Offer.what)),
            Column("body", "To whom", offered.words, offered.name),
            Column("offered", "Offered", lambda o: o.offered_on, Offer.offered_on),
            Column("state", "State", lambda o: o.state.value, Offer.state),
            Column("owner", "Owner", lambda o: o.owner.name, name_of_owner(Offer)),
            Column("theme", "Theme", lambda o: called(o.theme)),
            Column("details", "Details", lambda o: o.details, on_page=False),
        ),
        filters=(
            Filter("words", "Words", FilterKind.TEXT, lambda words: contains(Offer.what, words)),
            Filter(
                "state",
                "State",
                FilterKind.CHOICE,
                lambda value: Offer.state == OfferState(value),
                [(one.value, one.value.capitalize()) for one in OfferState],
            ),
            by_body(offered),
            by_region(offered, regions),
            by_owner(users, lambda owner: Offer.owner_id == owner),
            Filter(
                "theme",
                "Theme",
                FilterKind.CHOICE,
                lambda value: Offer.theme_id.in_(_below(themes, int(value))),
                _names(themes),
            ),
            Filter("since", "Offered from", FilterKind.DATE, lambda day: Offer.offered_on >= day),
            Filter("until", "Offered until", FilterKind.DATE, lambda day: Offer.offered_on <= day),
        ),
        tie_break=Offer.id.desc(),
        default_sort="-offered",
    )


def _in_state(value: str, on: date) -> ColumnElement[bool]:
    if value == "overdue":
        return (Outcome.state == PointState.OPEN) & (Outcome.due_on < on)
    return Outcome.state == PointState(value)


def _about(themes: Sequence[Theme]) -> Any:
    return lambda value: exists().where(
        InteractionTheme.interaction_id == Outcome.interaction_id,
        InteractionTheme.theme_id.in_(_below(themes, int(value))),
    )


def _below(themes: Sequence[Theme], theme_id: int) -> list[int]:
    """A theme, and whatever lies under it in the tree."""
    return [theme_id, *(theme.id for theme in themes if theme.parent_id == theme_id)]


def _names(themes: Sequence[Theme]) -> list[tuple[str, str]]:
    return [
        (str(theme.id), f"– {theme.name}" if theme.parent_id else theme.name) for theme in themes
    ]


def _owner(point: Outcome) -> str:
    return point.follow_up.owner.name if point.follow_up else ""
