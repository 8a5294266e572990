"""The bench measures what it says, in a database of its own. No test asserts how long it took."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.bench.cli import bench
from app.bench.report import Figure, table
from tests.databases import Databases, PostgresDatabases

LINES = (
    "3 letters checked, merged, as mail bytes",
    "6 letters checked, merged, as mail bytes",
    "3 letters as Word files",
    "Print run of 3 letters",
    "Print run of 6 letters",
    "One preview while writing",
    "One draft of 20 kB of notes kept",
    "2 × 2 released letters to a mail server, one connection",
    "A year of reminders planned, 36 boards × 20 rules",
    "What is due, among 3,000 planned reminders",
    "Home",
    "A system with a full story",
    "The list of systems",
    "The check page of a mailing",
    "A system with 30 entries",
    "Follow-ups, mine, 50",
    "Follow-ups, all open, 50",
    "Follow-ups, all open, by their words, 50",
    "Follow-ups, overdue, 50",
    "Follow-ups, waiting on them, 50",
    "Follow-ups, put off, 50",
    "Follow-ups, done, 50",
)


@pytest.mark.slow("takes every measurement there is, once")
def test_every_line_is_printed_and_kept_as_json_and_its_database_is_dropped(
    databases: Databases, tmp_path: Path
) -> None:
    on = (
        ["--database-url", databases.server.render_as_string(hide_password=False)]
        if isinstance(databases, PostgresDatabases)
        else []
    )
    kept = tmp_path / "figures.json"

    ran = CliRunner().invoke(bench, ["--quick", "--json", str(kept), *on])

    assert ran.exit_code == 0, ran.output
    figures = json.loads(kept.read_text())["figures"]
    assert tuple(figure["what"] for figure in figures) == LINES
    assert all(line in ran.output for line in LINES)
    assert "Python" in ran.output
    if isinstance(databases, PostgresDatabases):
        assert not [name for name in databases.names() if name.startswith("liaise_bench")]


@pytest.mark.parametrize("address", ["sqlite:///somewhere.sqlite3", "not an address"])
def test_it_never_takes_a_file_that_may_be_somebodys(address: str) -> None:
    ran = CliRunner().invoke(bench, ["--quick", "--database-url", address])

    assert ran.exit_code == 1
    assert "PostgreSQL" in ran.output


def test_a_ratio_is_met_on_the_right_side_of_its_target() -> None:
    slow = Figure("Page", "9 ms", "floor 2 ms", ratio=4.5, target=3.0)
    fast = Figure("Rate", "90", "100", ratio=0.9, target=0.6, more_is_better=True)

    assert (slow.is_met, fast.is_met) == (False, True)
    assert [line.split("|")[-2].strip() for line in table([slow, fast]).splitlines()[2:]] == [
        "no",
        "yes",
    ]
