"""The list of all milestones, and of the bodies of one: their columns and filters."""

from collections.abc import Callable, Sequence
from datetime import date

from app.core.web.lists import Column, Filter, FilterKind, ListView
from app.directory.labels import KIND_WORDS
from app.directory.models import OrganisationKind, Region
from app.documents.models import DocumentType
from app.milestones.labels import STAGE_WORDS, STATE_WORDS, date_words
from app.milestones.models import DateKind
from app.milestones.progress import BodyRow, MilestoneRow, Stage
from app.milestones.rules import State


def milestones_view(types: Sequence[DocumentType]) -> ListView:
    return ListView(
        name="Milestones",
        columns=(
            Column("title", "Milestone", lambda row: row.milestone.title, _title),
            Column("statutory", "Statutory", _dated(DateKind.STATUTORY), _day(DateKind.STATUTORY)),
            Column("announced", "Announced", _dated(DateKind.ANNOUNCED), _day(DateKind.ANNOUNCED)),
            Column("entered", "Entered", _dated(DateKind.ENTERED), on_page=False),
            Column("actual", "Happened", _dated(DateKind.ACTUAL), _day(DateKind.ACTUAL)),
            Column("due", "Due", lambda row: row.milestone.due_on, _due, on_page=False),
            Column("stage", "State", lambda row: STAGE_WORDS[row.stage]),
            Column("bound", "Bound", _bound, numeric=True, on_page=False),
            Column("met", "Met", _met, numeric=True, sort=lambda row: row.progress.met),
            Column("left", "Outstanding", _left, numeric=True, sort=_outstanding),
            Column("binds", "Binds", lambda row: row.milestone.binds, on_page=False),
            Column("basis", "Rests on", lambda row: row.milestone.basis, on_page=False),
            Column("status", "As last seen", lambda row: row.milestone.status, on_page=False),
            Column("source", "Source", lambda row: row.milestone.source, on_page=False),
            Column("sure", "How sure", lambda row: row.milestone.confidence, on_page=False),
        ),
        filters=(
            Filter("q", "Words", FilterKind.TEXT, _has_words),
            Filter(
                "stage",
                "State",
                FilterKind.CHOICE,
                lambda value: lambda row: row.stage is Stage(value),
                [(one.value, STAGE_WORDS[one]) for one in Stage],
            ),
            Filter(
                "binds",
                "Binds",
                FilterKind.CHOICE,
                lambda value: lambda row: value in row.milestone.binds_kinds,
                [(one.value, KIND_WORDS[one]) for one in OrganisationKind],
            ),
            Filter(
                "kind",
                "Met by",
                FilterKind.CHOICE,
                lambda value: lambda row: row.milestone.document_type_id == int(value),
                [(str(one.id), one.name) for one in types],
            ),
            Filter("since", "From", FilterKind.DATE, lambda day: lambda row: row.shown_on >= day),
            Filter("until", "Until", FilterKind.DATE, lambda day: lambda row: row.shown_on <= day),
            Filter("open", "Waits for somebody", FilterKind.BOOL, lambda _: _waits),
        ),
        default_sort="due",
        keep=("show",),
        per_page=50,
    )


def bodies_view(
    title: str, regions: Sequence[Region], kinds: Sequence[OrganisationKind]
) -> ListView:
    """The bodies bound by one milestone."""
    order = list(State)
    return ListView(
        name=f"Bodies bound by {title}",
        columns=(
            Column("body", "Body", lambda row: row.body.name, lambda row: row.body.name.casefold()),
            Column("kind", "Kind", lambda row: KIND_WORDS[row.body.kind], on_page=False),
            Column("ods", "ODS code", lambda row: row.body.ods_code, on_page=False),
            Column(
                "state",
                "State",
                lambda row: STATE_WORDS[row.state],
                lambda row: order.index(row.state),
            ),
            Column("met", "Met on", _met_on, _met_on),
            Column("document", "Document", _document),
            Column("note", "Note", lambda row: row.standing.note if row.standing else ""),
            Column("link", "Link", _link, on_page=False),
        ),
        filters=(
            Filter("q", "Name", FilterKind.TEXT, lambda words: _is_called(words.casefold())),
            Filter(
                "state",
                "State",
                FilterKind.CHOICE,
                lambda value: lambda row: row.state is State(value),
                [(one.value, STATE_WORDS[one]) for one in State],
            ),
            *((_kind_filter(kinds),) if len(kinds) > 1 else ()),
            Filter(
                "region",
                "Region",
                FilterKind.CHOICE,
                lambda value: lambda row: row.body.region_id == int(value),
                [(str(region.id), region.name) for region in regions],
            ),
        ),
        per_page=50,
    )


def _kind_filter(kinds: Sequence[OrganisationKind]) -> Filter:
    return Filter(
        "kind",
        "Kind",
        FilterKind.CHOICE,
        lambda value: lambda row: row.body.kind is OrganisationKind(value),
        [(one.value, KIND_WORDS[one]) for one in kinds],
    )


def _is_called(words: str) -> Callable[[BodyRow], bool]:
    return lambda row: words in row.body.name.casefold() or words in row.body.short_name.casefold()


def _met_on(row: BodyRow) -> date | None:
    return row.standing.met_on if row.standing else None


def _document(row: BodyRow) -> str:
    return row.standing.document.title if row.standing and row.standing.document else ""


def _link(row: BodyRow) -> str:
    return row.standing.document.link if row.standing and row.standing.document else ""


def _title(row: MilestoneRow) -> str:
    return row.milestone.title.casefold()


def _due(row: MilestoneRow) -> date:
    return row.milestone.due_on


def _dated(kind: DateKind) -> Callable[[MilestoneRow], str]:
    return lambda row: next((date_words(one) for one in row.dates if one.kind is kind), "")


def _day(kind: DateKind) -> Callable[[MilestoneRow], date | None]:
    return lambda row: next((one.falls_on for one in row.dates if one.kind is kind), None)


def _has_words(words: str) -> Callable[[MilestoneRow], bool]:
    wanted = words.casefold()
    return lambda row: any(
        wanted in text.casefold()
        for text in (row.milestone.title, row.milestone.basis, row.milestone.binds)
    )


def _waits(row: MilestoneRow) -> bool:
    return row.progress.outstanding > 0 and row.stage in (Stage.COMING, Stage.PASSED)


def _bound(row: MilestoneRow) -> int | str:
    return row.progress.bound if row.milestone.asks_each else ""


def _met(row: MilestoneRow) -> int | str:
    return row.progress.met if row.milestone.asks_each else ""


def _left(row: MilestoneRow) -> int | str:
    return row.progress.outstanding if row.milestone.asks_each else ""


def _outstanding(row: MilestoneRow) -> int:
    return row.progress.outstanding
