"""A list reads its address through its own declaration, and nothing else gets through."""

import csv
import io
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import MemberOrganisation
from app.core.text.alphabet import alphabetical
from app.core.web.csv_export import safe_cell, to_csv
from app.core.web.formula_cells import original_cell
from app.core.web.lists import (
    Asked,
    Column,
    Filter,
    FilterKind,
    ListView,
    every,
    find,
    find_among,
    matching,
)
from tests.conftest import CountStatements

NAME = MemberOrganisation.name

ORGANISATIONS = ListView(
    "Member organisations",
    columns=[
        Column("name", "Name", lambda row: row.name, sort=func.lower(NAME)),
        Column("length", "Letters in it", lambda row: len(row.name), sort=func.length(NAME)),
        Column("acts", "", lambda _: "", in_csv=False),
    ],
    filters=[
        Filter("q", "Name contains", FilterKind.TEXT, lambda v: NAME.icontains(v, autoescape=True)),
        Filter("first", "Begins", FilterKind.CHOICE, NAME.startswith, choices=[("A", "with A")]),
        Filter("since", "Since", FilterKind.DATE, lambda v: func.length(NAME) > v.day),
        Filter("long", "Only long names", FilterKind.BOOL, lambda _: func.length(NAME) > 8),
    ],
    tie_break=MemberOrganisation.id,
    default_sort="name",
    keep=("as_at",),
)

HOSTILE = [
    "name; DROP TABLE user",
    "name'--",
    "(SELECT password_hash FROM user)",
    "__class__",
    "-",
    "--name",
    "%00",
    "\x00",
    "\ud800",
    "9" * 5000,
    "-1",
    "1e400",
    "٣",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "%' OR '1'='1",
    "a" * 100_000,
]


@pytest.fixture
def organisations(session: Session) -> Session:
    session.add_all(MemberOrganisation(name=f"Charity {number:02}") for number in range(30))
    session.add_all([MemberOrganisation(name="100% Children"), MemberOrganisation(name="A_b")])
    session.flush()
    return session


def listing(session: Session, **args: str) -> Any:
    return find(session, select(MemberOrganisation), ORGANISATIONS.read(args))


def names(found: Any) -> list[str]:
    return [row.name for row in found.rows]


@pytest.mark.parametrize("key", ["sort", "page", "q", "first", "since", "long", "as_at", "other"])
def test_a_hostile_address_is_a_note_and_never_an_error(
    organisations: Session, key: str, subtests: pytest.Subtests
) -> None:
    plain = names(listing(organisations))
    for value in HOSTILE:
        with subtests.test(ascii(value[:40])):
            found = listing(organisations, **{key: value})

            assert found.total in (0, 32)
            if key in ("sort", "first", "since", "long"):
                assert found.total == 32
                assert names(found) == plain


@given(st.dictionaries(st.sampled_from(["sort", "page", "q", "first", "as_at"]), st.text()))
def test_the_address_a_list_writes_is_read_back_as_the_same_question(
    args: Mapping[str, str],
) -> None:
    asked = ORGANISATIONS.read(args)
    again = ORGANISATIONS.read(dict(parse_qsl(asked.address(page=asked.page)[1:])))

    assert (again.applied, again.sort, again.page, again.kept) == (
        asked.applied,
        asked.sort,
        asked.page,
        asked.kept,
    )


def test_an_unknown_value_is_said_to_be_left_out() -> None:
    asked = ORGANISATIONS.read({"first": "Z", "since": "31 June", "sort": "password_hash"})

    assert asked.applied == ()
    assert asked.sort is not None
    assert asked.sort.column.key == "name"
    assert len(asked.notes) == 3
    assert "“Z” is not a value of “Begins”, so that filter was left out." in asked.notes


def test_pages_hold_twenty_five_and_together_every_row_once(organisations: Session) -> None:
    first, second = listing(organisations), listing(organisations, page="2")

    assert (first.first, first.last, first.total, first.pages) == (1, 25, 32, 2)
    assert (second.first, second.last) == (26, 32)
    assert len({*names(first), *names(second)}) == 32
    assert names(listing(organisations, page="99")) == names(second)


def test_a_page_of_a_list_takes_two_statements(
    organisations: Session, count_statements: CountStatements
) -> None:
    with count_statements() as statements:
        listing(organisations, sort="-length", q="Charity")
    assert len(statements) == 2


def test_equal_rows_keep_one_order_in_both_directions(organisations: Session) -> None:
    up = listing(organisations, sort="length", q="Charity")
    down = listing(organisations, sort="-length", q="Charity")

    assert names(up) == names(down), "all are equally long, so the id decides"


def test_the_wildcards_of_the_database_are_ordinary_characters(organisations: Session) -> None:
    assert names(listing(organisations, q="%")) == ["100% Children"]
    assert names(listing(organisations, q="_")) == ["A_b"]


def test_when_nothing_matches_it_says_what_each_filter_leaves_out(organisations: Session) -> None:
    found = listing(organisations, q="Charity 07", first="A")

    assert found.total == 0
    assert [(one.shown, count) for one, count in found.relaxations] == [
        ("Name contains: Charity 07", 1),
        ("Begins: with A", 1),
    ]


def test_everything_about_a_list_is_in_its_address(organisations: Session) -> None:
    asked = ORGANISATIONS.read({"q": "Charity", "sort": "-length", "page": "2", "as_at": "2026"})

    assert asked.address(page=2) == "?as_at=2026&q=Charity&sort=-length&page=2"
    assert asked.address(without="q") == "?as_at=2026&sort=-length"
    assert asked.sort_address(ORGANISATIONS.columns[1]).endswith("sort=length")
    assert asked.aria_sort(ORGANISATIONS.columns[1]) == "descending"


def test_a_file_holds_every_matching_row_and_only_its_columns(organisations: Session) -> None:
    asked = ORGANISATIONS.read({"q": "Charity", "page": "2"})
    rows = every(organisations, select(MemberOrganisation), asked)
    text = "".join(to_csv(ORGANISATIONS.columns, rows))
    lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))

    assert lines[0] == ["Name", "Letters in it"]
    assert len(lines) == 31
    assert lines[1] == ["Charity 00", "10"]


def test_rows_made_in_python_are_listed_by_the_same_rules() -> None:
    view = ListView(
        "Systems",
        columns=[Column("n", "Number", lambda row: row.n, sort=lambda row: row.n)],
        filters=[Filter("big", "Big", FilterKind.BOOL, lambda _: lambda row: (row.n or 0) > 10)],
        default_sort="-n",
        per_page=10,
    )
    rows = [SimpleNamespace(n=n) for n in [None, *range(15)]]

    def asked(**args: str) -> Asked:
        return view.read(args)

    assert [row.n for row in find_among(rows, asked()).rows] == list(range(14, 4, -1))
    assert [row.n for row in find_among(rows, asked(big="1")).rows] == [14, 13, 12, 11]
    assert matching(rows, asked(sort="n"))[-1].n is None, "blanks come last either way"
    assert matching(rows, asked())[-1].n is None


DANGEROUS = "=+-@＝＋－＠\t\r\n"  # noqa: RUF001


@given(st.text() | st.text(alphabet="'=+-@＝\t\r\n \u200b\ufeffa1\""))  # noqa: RUF001
def test_no_cell_can_start_a_formula_and_reading_back_loses_nothing(text: str) -> None:
    cell = safe_cell(text)

    assert not cell.lstrip(" \u200b\ufeff\xa0\u3000").startswith(tuple(DANGEROUS))
    typed = "".join(c for c in text if (c >= " " and c != "\x7f") or c in "\t\r\n")
    assert original_cell(cell) == typed
    assert next(csv.reader(io.StringIO(f'"{cell.replace(chr(34), chr(34) * 2)}"', newline=""))) == [
        cell
    ]


@pytest.mark.parametrize("value", ["=1+1", "＝1", " =1", "\t=1", "@SUM(A1)", "-1", "'=1"])  # noqa: RUF001
def test_a_dangerous_beginning_gets_an_apostrophe(value: str) -> None:
    assert safe_cell(value) == f"'{value}"


def test_nothing_unseen_hides_a_dangerous_beginning() -> None:
    unseen = "\u00ad\u034f\u180e\u200b\u200e\u202e\u2060\u2066\u2800\u3164\ufe0f\ufeff\U000e0020"
    for mark in unseen:
        for value in (f"{mark}=1+1", f" {mark}{mark}@SUM(A1)", f"'{mark}=1"):
            assert safe_cell(value) == f"'{value}", f"U+{ord(mark):04X}"
            assert original_cell(safe_cell(value)) == value


@pytest.mark.parametrize("value", ["Siân Ó Brádaigh-Łuczak", "'tis", "A & B <C>", "0113 496 0000"])
def test_ordinary_words_are_left_alone(value: str) -> None:
    assert safe_cell(value) == value


NAMES = (
    "Zulu",
    "Ó Brádaigh",
    "O’Brien",
    "Oakley",
    "obrien",
    "Łucja",
    "Maund",
    "de Groot",
    "Ørsted",
)
IN_ORDER = ["de Groot", "Łucja", "Maund", "Ó Brádaigh", "Oakley", "O’Brien", "obrien", "Ørsted"]


def test_names_are_in_the_order_of_the_alphabet_on_every_database(session: Session) -> None:
    session.add_all(MemberOrganisation(name=name) for name in NAMES)
    session.flush()
    view = ListView(
        "Members",
        columns=[Column("name", "Name", lambda row: row.name, MemberOrganisation.name)],
        tie_break=MemberOrganisation.id,
        default_sort="name",
    )
    wanted = select(MemberOrganisation).where(MemberOrganisation.name.in_(NAMES))

    assert [row.name for row in every(session, wanted, view.read({}))] == [*IN_ORDER, "Zulu"]
    assert [
        row.name for row in session.scalars(wanted.order_by(alphabetical(MemberOrganisation.name)))
    ][-1] == "Zulu"
    python = ListView(
        "Members",
        columns=[Column("name", "Name", lambda row: row.name, lambda row: row.name)],
        default_sort="name",
    )
    rows = [SimpleNamespace(name=name) for name in NAMES]
    assert [row.name for row in matching(rows, python.read({}))] == [*IN_ORDER, "Zulu"]
