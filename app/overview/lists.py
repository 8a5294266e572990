"""The list of systems: one row each, with where we stand; the table twin of the map."""

from collections.abc import Callable, Sequence
from datetime import date

from app.core.web.lists import Column, Filter, FilterKind, ListView
from app.overview.engagement import EngagementStep
from app.overview.status import UNCHECKED_AFTER, SystemStatus, is_stale

STEP_KEYS = {step.name.lower().replace("_", "-"): step for step in EngagementStep}


def step_key(step: EngagementStep) -> str:
    return step.name.lower().replace("_", "-")


def systems_view(rows: Sequence[SystemStatus], day: date) -> ListView:
    """The filters offer what occurs in these rows."""
    regions = sorted({row.region for row in rows if row.region})
    owners = sorted({(str(row.owner_id), row.owner) for row in rows if row.owner_id})
    return ListView(
        name="Systems",
        columns=(
            Column("system", "System", lambda row: row.system.short_name, _system),
            Column("board", "Board", lambda row: row.board.name, on_page=False),
            Column("ods", "ODS code", lambda row: row.board.ods_code, on_page=False),
            Column("region", "Region", _region, _region),
            Column("lead", "Children’s lead", _leads, lambda row: _leads(row) or None),
            Column("checked", "Checked", _checked, _checked),
            Column("step", "Engagement", lambda row: row.engagement.step.words, _step),
            Column("known", "Lead known now", _known, on_page=False),
            Column("reached", "Since", lambda row: row.engagement.reached_on, _reached),
            Column("contact", "Last contact", lambda row: row.last_contact_on, _contact),
            Column("owner", "Owner", lambda row: row.owner, lambda row: row.owner or None),
        ),
        filters=(
            Filter("name", "Name", FilterKind.TEXT, _named),
            Filter(
                "region",
                "Region",
                FilterKind.CHOICE,
                _equal(_region),
                [(name, name) for name in regions],
            ),
            Filter(
                "step",
                "Reached",
                FilterKind.CHOICE,
                lambda key: lambda row: row.engagement.step >= STEP_KEYS[key],
                [(step_key(step), step.or_beyond) for step in EngagementStep if step],
                any_label="Any step",
            ),
            Filter(
                "lead",
                "Lead",
                FilterKind.CHOICE,
                lambda key: lambda row: bool(row.leads) == (key == "known"),
                [("known", "Known"), ("unknown", "Not known")],
            ),
            Filter(
                "checked",
                "Checked",
                FilterKind.CHOICE,
                lambda key: lambda row: is_stale(row, day) == (key == "stale"),
                [("stale", f"Not for {UNCHECKED_AFTER.days} days"), ("fresh", "Lately")],
            ),
            Filter(
                "owner",
                "Owner",
                FilterKind.CHOICE,
                lambda key: lambda row: str(row.owner_id or "none") == key,
                [("none", "Nobody"), *owners],
            ),
            Filter(
                "silent",
                "No contact since",
                FilterKind.DATE,
                lambda since: (
                    lambda row: row.last_contact_on is None or row.last_contact_on < since
                ),
            ),
        ),
        default_sort="system",
        keep=("on",),
        per_page=50,
    )


def _system(row: SystemStatus) -> str:
    return row.system.short_name.casefold()


def _region(row: SystemStatus) -> str | None:
    return row.region or None


def _leads(row: SystemStatus) -> str:
    return ", ".join(lead.name + (" (acting)" if lead.is_acting else "") for lead in row.leads)


def _checked(row: SystemStatus) -> date | None:
    return min((lead.checked_on for lead in row.leads if lead.checked_on), default=None)


def _step(row: SystemStatus) -> int:
    return int(row.engagement.step)


def _known(row: SystemStatus) -> str:
    return "yes" if row.engagement.lead_known_now else "no"


def _reached(row: SystemStatus) -> date | None:
    return row.engagement.reached_on


def _contact(row: SystemStatus) -> date | None:
    return row.last_contact_on


def _named(text: str) -> Callable[[SystemStatus], bool]:
    wanted = text.casefold()
    return lambda row: wanted in f"{row.system.short_name} {row.board.name}".casefold()


def _equal(
    read: Callable[[SystemStatus], object],
) -> Callable[[object], Callable[[SystemStatus], bool]]:
    return lambda wanted: lambda row: read(row) == wanted
