"""Milestones have titles, not clauses: “Joint forward plan 2027/28 due”.

Only those that still say what was loaded are renamed. What people wrote stays.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0038_milestone_titles"
down_revision: str | None = "0037_told_for"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SERIES = sa.table(
    "milestone_series",
    *(sa.column(name, sa.Integer) for name in ("id", "month", "day")),
    *(sa.column(name, sa.Text) for name in ("code", "title")),
)
MILESTONE = sa.table(
    "milestone",
    *(sa.column(name, sa.Integer) for name in ("id", "series_id", "year")),
    *(sa.column(name, sa.Text) for name in ("code", "title")),
)
FACT = sa.table(
    "reference_fact",
    sa.column("record_id", sa.Integer),
    *(sa.column(name, sa.Text) for name in ("kind", "field", "value")),
)

# By the code of the reference file: what it said, and what it says now.
TITLES = {
    "M01": (
        "Health and Care Act 2022 (c. 31) Royal Assent",
        "Royal Assent of the Health and Care Act 2022 (c. 31)",
    ),
    "M02": (
        "42 ICBs established; CCGs abolished",
        "Establishment of 42 ICBs in place of CCGs",
    ),
    "M03": (
        "Each ICB and its responsible local authorities must form an ICP (joint committee)",
        "Duty to form integrated care partnerships",
    ),
    "M04": (
        "DHSC statutory guidance on preparing integrated care strategies first published",
        "First DHSC guidance on preparing integrated care strategies",
    ),
    "M05": (
        "Initial integrated care strategies (expected by December 2022)",
        "First integrated care strategies due",
    ),
    "M06": (
        "NHS England guidance on developing the first JFP",
        "NHS England guidance on developing the first joint forward plan",
    ),
    "M07": (
        "Draft JFP expected",
        "Draft of the first joint forward plan due",
    ),
    "M08": (
        "First JFP to be prepared before the start of 2023/24 (expected to be "
        "published in April 2023)",
        "Joint forward plan 2023/24 due",
    ),
    "M09": (
        "ICB (Establishment) (Variation) Order 2023 in effect; new unitary councils start",
        "ICB (Establishment) (Variation) Order 2023 and new unitary councils",
    ),
    "M11": (
        "First JFP published and shared with NHS England, ICP and HWBs",
        "Publication of the first joint forward plans",
    ),
    "M12": (
        "Government report on children information sharing and consistent identifier",
        "Government report on sharing information about children, and a consistent identifier",
    ),
    "M13": (
        "DHSC guidance on integrated care strategies refreshed (expected in June 2023)",
        "Refreshed DHSC guidance on integrated care strategies",
    ),
    "M14": (
        "Guidance on updating the JFP for 2024/25 (v1.1 on 20 March 2024)",
        "Guidance on updating the joint forward plan for 2024/25",
    ),
    "M16": (
        "JFP guidance updated; limited refresh expected for 2025/26",
        "Updated guidance on joint forward plans for 2025/26",
    ),
    "M17": (
        "Government announces NHS England to be abolished, merging into DHSC by March 2027",
        "Announcement that NHS England will merge into DHSC by March 2027",
    ),
    "M18": (
        "Model ICB Blueprint; ICBs to cut costs by about 50%",
        "Model ICB Blueprint, with cost cuts of about 50%",
    ),
    "M20": (
        "Written statement: first new ICB footprints from 1 April 2026; 42 to 26 leadership teams",
        "Written statement on the first new ICB footprints",
    ),
    "M21": (
        "NHS planning framework: five-year strategic commissioning plans; requirement "
        "for JFP under review",
        "NHS planning framework: five-year strategic commissioning plans",
    ),
    "M22": (
        "DfE and NHS England letter: start local SEND reform plans",
        "DfE and NHS England letter on local SEND reform plans",
    ),
    "M23": (
        "Schools White Paper and SEND reform consultation; Experts at Hand 1.8bn over "
        "3 years via LAs and ICBs",
        "Schools White Paper and SEND reform consultation",
    ),
    "M24": (
        "12 ICBs abolished, 6 created, 1 enlarged: 42 become 36",
        "Mergers from 42 ICBs to 36",
    ),
    "M25": (
        "Children's Wellbeing and Schools Act 2026 (c. 21); s.4 inserts Children Act "
        "2004 s.16LA (duty to share) and s.16LC (consistent identifier by regulations)",
        "Children's Wellbeing and Schools Act 2026 (c. 21): duty to share and "
        "consistent identifier",
    ),
    "M26": (
        "Health Bill introduced (abolish NHS England; remove requirement for ICPs)",
        "Introduction of the Health Bill (abolition of NHS England, end of the duty to have ICPs)",
    ),
    "M27": (
        "Decisions on further ICB mergers (summer 2026)",
        "Decisions on further ICB mergers",
    ),
    "M28": (
        "Further ICB mergers take effect; clustered ICBs told to merge by then",
        "Further ICB mergers",
    ),
    "R01": (
        "JFP prepared or revised before the start of each financial year",
        "Joint forward plan due",
    ),
    "R02": (
        "ICB annual report on the previous financial year, including review against the JFP",
        "ICB annual report, with review against the joint forward plan",
    ),
    "R03": (
        "ICP must consider revising its strategy whenever it receives a JSNA",
        "Review of the integrated care strategy after a new JSNA",
    ),
    "R04": (
        "JFP must include each relevant HWB opinion on whether it takes account of the JLHWS",
        "Health and wellbeing boards’ opinions in the joint forward plan",
    ),
    "R07": (
        "ICB annual report to cover safeguarding (and SEND) duty",
        "Safeguarding and SEND in the ICB annual report",
    ),
    "R08": (
        "Guidance refresh watch (June)",
        "Refreshed guidance expected",
    ),
}
ENDINGS = (" due", " expected")


def upgrade() -> None:
    _rename(TITLES, _with_comma, _within)


def downgrade() -> None:
    _rename({code: (new, old) for code, (old, new) in TITLES.items()}, _within, _with_comma)


Called = Callable[[str, sa.Row[Any], int], str]


def _with_comma(title: str, _duty: sa.Row[Any], year: int) -> str:
    return f"{title}, {year}"


def _within(title: str, duty: sa.Row[Any], year: int) -> str:
    """Joint forward plan 2027/28 due: what begins with a financial year is called by both."""
    name = f"{year}/{(year + 1) % 100:02}" if (duty.month, duty.day) == (4, 1) else str(year)
    for ending in ENDINGS:
        if title.endswith(ending):
            return f"{title.removesuffix(ending)} {name}{ending}"
    return f"{title}, {year}"


def _rename(titles: Mapping[str, tuple[str, str]], was_called: Called, is_called: Called) -> None:
    connection = op.get_bind()
    milestones = connection.execute(sa.select(MILESTONE)).all()
    for duty in connection.execute(sa.select(SERIES)).all():
        was, now = titles.get(duty.code, ("", ""))
        title = now if duty.title == was else duty.title
        for one in milestones:
            if one.series_id == duty.id and one.title == was_called(duty.title, duty, one.year):
                _call(connection, MILESTONE, one, is_called(title, duty, one.year))
        if title != duty.title:
            _call(connection, SERIES, duty, title)
    for one in milestones:
        was, now = titles.get(one.code, ("", ""))
        if one.title == was:
            _call(connection, MILESTONE, one, now)


def _call(connection: sa.Connection, table: sa.TableClause, row: sa.Row[Any], title: str) -> None:
    """The record, and what the reference files are remembered to have said of it."""
    connection.execute(sa.update(table).where(table.c.id == row.id).values(title=title))
    of_it = (FACT.c.kind == table.name) & (FACT.c.record_id == row.id) & (FACT.c.field == "title")
    connection.execute(sa.update(FACT).where(of_it, FACT.c.value == row.title).values(value=title))
