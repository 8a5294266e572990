"""The list of follow-ups: its tabs, columns and filters."""

import enum
from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.core.web.lists import Column, Filter, FilterKind, ListView
from app.directory.models import Region
from app.directory.queries.name_search import contains
from app.followups.models import FollowUp, FollowUpState, Repeats
from app.followups.narrowing import (
    AboutBodies,
    by_body,
    by_owner,
    by_priority,
    by_region,
    called,
    name_of_owner,
    rank,
)
from app.followups.queries import awake
from app.followups.rules import Urgency, urgency


class Tab(enum.Enum):
    MINE = "mine"
    ALL = "all"
    OVERDUE = "overdue"
    WAITING = "waiting"
    ASLEEP = "asleep"
    DONE = "done"

    @property
    def words(self) -> str:
        return {"waiting": "Waiting on them", "all": "All open", "asleep": "Put off"}.get(
            self.value, self.value.capitalize()
        )

    @property
    def nothing(self) -> str:
        """What will stand here, where nothing does."""
        return {
            "mine": "What you will do, or wait for, appears here with its day.",
            "all": "What anybody in the group will do, or waits for, appears here with its day.",
            "overdue": "What was due before today stays here until it is done.",
            "waiting": "What others promised us stays here until it has arrived.",
            "asleep": "What was put off waits here until its day comes.",
            "done": "What was ticked off or dropped is here, and can be reopened.",
        }[self.value]


def tab_of(asked: str) -> Tab:
    return next((tab for tab in Tab if tab.value == asked), Tab.MINE)


def follow_ups(reader: User, tab: Tab, on: date) -> Select[Any]:
    """Those on this tab that this reader may read."""
    statement = (
        select(FollowUp)
        .where(FollowUp.where_read_by(reader))
        .options(
            joinedload(FollowUp.owner),
            joinedload(FollowUp.organisation),
            joinedload(FollowUp.person),
        )
    )
    if tab is Tab.DONE:
        return statement.where(FollowUp.state != FollowUpState.OPEN)
    statement = statement.where(FollowUp.state == FollowUpState.OPEN)
    if tab is Tab.ASLEEP:
        return statement.where(FollowUp.asleep_until > on)
    statement = statement.where(awake(on))
    if tab is Tab.MINE:
        return statement.where(FollowUp.owner_id == reader.id)
    if tab is Tab.OVERDUE:
        return statement.where(FollowUp.due_on < on)
    return statement.where(FollowUp.waiting_on_them) if tab is Tab.WAITING else statement


def follow_ups_view(
    tab: Tab,
    on: date,
    *,
    about: AboutBodies,
    users: Sequence[User],
    regions: Sequence[Region],
) -> ListView:
    owners = [by_owner(users, lambda owner: FollowUp.owner_id == owner)]
    if tab is Tab.MINE:
        owners = []
    return ListView(
        name="Follow-ups",
        columns=(
            Column("what", "What", lambda row: row.what, func.lower(FollowUp.what)),
            Column("body", "About", about.words, about.name),
            Column("person", "Person", lambda row: called(row.person), on_page=False),
            Column("owner", "Owner", lambda row: row.owner.name, name_of_owner(FollowUp)),
            Column("due", "Due", lambda row: row.due_on, FollowUp.due_on),
            Column("priority", "Priority", lambda row: row.priority.value, rank(FollowUp)),
            Column("state", "State", lambda row: urgency(row, on).value, on_page=False),
            Column("waiting", "Waiting on them", lambda row: row.waiting_on_them, on_page=False),
            Column("repeats", "Repeats", lambda row: row.repeats.value, on_page=False),
            Column("asleep", "Put off until", lambda row: row.asleep_until, on_page=False),
            Column("done", "Done", lambda row: row.done_at, FollowUp.done_at, on_page=False),
            Column("reason", "Why", lambda row: row.reason, on_page=False),
            Column("details", "Details", lambda row: row.details, on_page=False),
        ),
        filters=(
            Filter("words", "Words", FilterKind.TEXT, lambda words: contains(FollowUp.what, words)),
            *owners,
            by_body(about, "about"),
            by_region(about, regions),
            by_priority(FollowUp),
            Filter("since", "Due from", FilterKind.DATE, lambda day: FollowUp.due_on >= day),
            Filter("until", "Due until", FilterKind.DATE, lambda day: FollowUp.due_on <= day),
            Filter(
                "series", "Repeating", FilterKind.BOOL, lambda _: FollowUp.repeats != Repeats.NEVER
            ),
        ),
        tie_break=FollowUp.id if tab is not Tab.DONE else FollowUp.id.desc(),
        default_sort="-done" if tab is Tab.DONE else "due",
        keep=("show",),
    )


GROUPS = {
    Urgency.OVERDUE: "Overdue",
    Urgency.TODAY: "Due today",
    Urgency.COMING: "Coming",
    Urgency.ASLEEP: "Put off",
    Urgency.SETTLED: "Done or dropped",
}

Arranged = list[tuple[str, list[tuple[FollowUp, int | None]]]]


def arranged(rows: Sequence[FollowUp], on: date, *, by_day: bool) -> Arranged:
    """The rows of a page under headings, each with the id of the row after it."""
    following = [*(row.id for row in rows[1:]), None]
    pairs = list(zip(rows, following, strict=True)) if rows else []
    if not by_day:
        return [("", pairs)]
    grouped = groupby(pairs, key=lambda pair: GROUPS[urgency(pair[0], on)])
    return [(heading, list(members)) for heading, members in grouped]
