"""The lists of workstreams, of their meetings and of their promises."""

from collections.abc import Callable, Sequence
from typing import Any

from app.accounts.models import User
from app.core.web.lists import Column, Filter, FilterKind, ListView
from app.directory.queries.name_search import contains
from app.interactions.models import Interaction, Outcome, PointState, PromisedBy
from app.workstreams.labels import date_words
from app.workstreams.models import Workstream, WorkstreamDate


def workstreams_view(users: Sequence[User]) -> ListView:
    return ListView(
        name="Workstreams",
        columns=(
            Column("name", "Name", lambda row: row.Workstream.name, sort=Workstream.name),
            Column("owner", "Looked after by", lambda row: row.owner or "", sort=User.name),
            Column("bodies", "Departments and bodies", lambda row: row.bodies),
            Column("next", "Next date", _next_date, sort=WorkstreamDate.falls_on),
            Column(
                "closed_on",
                "Closed",
                lambda row: row.Workstream.closed_on,
                sort=Workstream.closed_on,
            ),
            Column("purpose", "Purpose", lambda row: row.Workstream.purpose, on_page=False),
        ),
        filters=(
            Filter("q", "Name", FilterKind.TEXT, lambda words: contains(Workstream.name, words)),
            Filter(
                "owner",
                "Looked after by",
                FilterKind.CHOICE,
                lambda value: Workstream.owner_id == int(value),
                choices=[(str(user.id), user.name) for user in users],
            ),
            Filter(
                "open", "Only open ones", FilterKind.BOOL, lambda _: Workstream.closed_on.is_(None)
            ),
        ),
        tie_break=Workstream.id,
        default_sort="name",
    )


def _next_date(row: Any) -> str:
    one = row.WorkstreamDate
    return f"{date_words(one)}: {one.what}" if one else ""


def meetings_view(workstream: Workstream) -> ListView:
    def of(read: Callable[[Interaction], object]) -> Callable[[Any], object]:
        return lambda row: read(row.Interaction)

    return ListView(
        name=f"Meetings of {workstream.name}",
        columns=(
            Column("on", "When", of(lambda one: one.happened_on), sort=Interaction.happened_on),
            Column("kind", "Kind", of(lambda one: one.kind.value.capitalize())),
            Column("subject", "What", of(lambda one: one.subject), sort=Interaction.subject),
            Column("state", "State", of(lambda one: one.state.value.capitalize())),
            Column("by", "Written by", lambda row: row.by, sort=User.name),
            Column("take", "", lambda _: "", in_csv=False),
        ),
        filters=(
            Filter(
                "q", "What", FilterKind.TEXT, lambda words: contains(Interaction.subject, words)
            ),
        ),
        tie_break=Interaction.id.desc(),
        default_sort="-on",
    )


def promises_view(workstream: Workstream) -> ListView:
    def of(read: Callable[[Outcome], object]) -> Callable[[Any], object]:
        return lambda row: read(row.Outcome)

    return ListView(
        name=f"Promises of {workstream.name}",
        columns=(
            Column("side", "Who promised", who_promised),
            Column("text", "What", of(lambda one: one.text)),
            Column("due", "By", of(lambda one: one.due_on), sort=Outcome.due_on),
            Column("state", "State", of(lambda one: one.state.value.capitalize())),
            Column("evidence", "Evidence", of(lambda one: one.evidence), on_page=False),
            Column("take", "", lambda _: "", in_csv=False),
        ),
        filters=(
            Filter(
                "open",
                "Only open ones",
                FilterKind.BOOL,
                lambda _: Outcome.state == PointState.OPEN,
            ),
            Filter("q", "What", FilterKind.TEXT, lambda words: contains(Outcome.text, words)),
        ),
        tie_break=Outcome.id,
        default_sort="due",
    )


def who_promised(row: Any) -> str:
    return "Us" if row.Outcome.promised_by is PromisedBy.US else row.body or "Them"
