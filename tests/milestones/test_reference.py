"""What the reference file says of 28 events and 8 rules, as it is loaded."""

import csv
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.directory import reference as directory
from app.directory.models import Organisation
from app.documents import reference as documents
from app.documents.models import DocumentType
from app.milestones import queries, reference, reference_rows, services
from app.milestones.labels import date_words
from app.milestones.models import (
    Comes,
    DateKind,
    Milestone,
    MilestoneDate,
    MilestoneSeries,
    Precision,
)
from app.milestones.series import make_years
from app.milestones.services import GivenDate
from tests.clock import ORDINARY_DAY, ORDINARY_NOON
from tests.factories import make_user


@pytest.fixture
def loaded(england: Session) -> Session:
    documents.load(england)
    reference.load(england, on=ORDINARY_DAY, at=ORDINARY_NOON)
    return england


def _of(session: Session, code: str) -> Milestone:
    return session.scalars(select(Milestone).where(Milestone.code == code)).one()


def _dates(session: Session, code: str) -> dict[str, str]:
    dates = queries.dates_of(session, _of(session, code).id)
    return {one.kind.value: date_words(one) for one in dates}


def _rows() -> list[dict[str, str]]:
    with reference.FILE.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def test_all_events_and_rules_are_there_with_their_sources(loaded: Session) -> None:
    events = loaded.scalars(select(Milestone).where(Milestone.code.is_not(None))).all()
    rules = loaded.scalars(select(MilestoneSeries)).all()
    assert (len(events), len(rules)) == (28, 8)
    assert all(one.source and one.confidence for one in events)
    assert all(one.source and one.confidence for one in rules)
    assert {one.comes for one in rules} == set(Comes)


def test_the_refresh_promised_for_june_2023_came_on_1_february_2024(loaded: Session) -> None:
    assert _dates(loaded, "M13") == {"announced": "30 June 2023", "actual": "1 February 2024"}
    refresh = _of(loaded, "M13")
    assert (refresh.due_on, refresh.happened_on) == (date(2023, 6, 30), date(2024, 2, 1))


def test_april_is_there_for_every_year_since_the_first_plan_and_for_two_to_come(
    loaded: Session,
) -> None:
    plans = loaded.scalars(
        select(Milestone).join(MilestoneSeries).where(MilestoneSeries.code == "R01")
        .order_by(Milestone.due_on)
    ).all()  # fmt: skip
    assert [one.due_on for one in plans] == [date(year, 4, 1) for year in range(2023, 2029)]
    assert plans[0].code == "M08"
    assert [one.title for one in plans[:2]] == [
        "Joint forward plan 2023/24 due",
        "Joint forward plan 2024/25 due",
    ]
    bound = {one.due_on.year: len(queries.bound_to(loaded, one)) for one in plans}
    assert bound == {2023: 42, 2024: 42, 2025: 42, 2026: 42, 2027: 36, 2028: 36}


def test_june_is_watched_from_the_coming_june_and_asks_the_department(loaded: Session) -> None:
    watches = loaded.scalars(
        select(Milestone).join(MilestoneSeries).where(MilestoneSeries.code == "R08")
        .order_by(Milestone.due_on)
    ).all()  # fmt: skip
    assert [one.due_on for one in watches] == [date(2027, 6, 30), date(2028, 6, 30)]
    assert watches[0].title == "Refreshed guidance 2027 expected"
    [asked] = queries.outstanding(loaded, watches[0])
    assert asked.short_name == "DHSC"


def test_the_secretary_of_states_report_binds_one_department_only(loaded: Session) -> None:
    report = _of(loaded, "M12")
    assert [one.short_name for one in queries.bound_to(loaded, report)] == ["DHSC"]
    assert (report.happened_on, report.happened_precision) == (date(2023, 7, 1), Precision.MONTH)
    assert _dates(loaded, "M12") == {
        "statutory": "28 April 2023",
        "announced": "28 April 2023",
        "actual": "July 2023",
    }


@pytest.mark.parametrize(
    ("code", "dates"),
    [
        ("M05", {"announced": "December 2022", "actual": "14 December 2022 to 15 June 2023"}),
        ("M08", {"statutory": "1 April 2023", "announced": "1 April 2023"}),
        ("M10", {"actual": "May 2023"}),
        ("M11", {"announced": "30 June 2023", "actual": "30 June 2023 to 13 July 2023"}),
        ("M22", {"actual": "about 15 December 2025"}),
        ("M27", {"entered": "Summer 2026"}),
        ("M28", {"entered": "1 April 2027"}),
    ],
)  # fmt: skip
def test_no_date_is_said_more_exactly_than_the_file_says_it(
    loaded: Session, code: str, dates: dict[str, str]
) -> None:
    assert _dates(loaded, code) == dates


def test_a_date_the_file_no_longer_says_goes_unless_a_person_has_it_otherwise(
    england: Session, tmp_path: Path
) -> None:
    documents.load(england)
    said = reference.FILE.read_text(encoding="utf-8-sig")
    before = tmp_path / "before.csv"
    row = "M08,2023-04-01,day,2023-04-01,2023-04-01,"
    before.write_text(said.replace(f"{row},", f"{row}2023-06-30,"))
    load = partial(reference.load, england, on=ORDINARY_DAY, at=ORDINARY_NOON)
    load(file=before)
    assert _dates(england, "M08")["actual"] == "30 June 2023"
    load()
    assert "actual" not in _dates(england, "M08")
    assert _of(england, "M08").happened_on is None

    load(file=before)
    [seen] = [one for one in queries.dates_of(england, _of(england, "M08").id)
              if one.kind is DateKind.ACTUAL]  # fmt: skip
    seen.falls_on = date(2023, 7, 3)
    load()
    assert _dates(england, "M08")["actual"] == "3 July 2023"


def test_an_event_leaves_nobody_outstanding_and_a_deadline_does(loaded: Session) -> None:
    asking = {one.code for one in loaded.scalars(select(Milestone)) if one.asks_each and one.code}
    assert asking == {"M05", "M07", "M08", "M11", "M12"}
    assert queries.outstanding(loaded, _of(loaded, "M24")) == []


def test_duties_without_a_day_are_kept_and_make_no_milestone(loaded: Session) -> None:
    without = {one.code for one in loaded.scalars(select(MilestoneSeries)) if one.month is None}
    assert without == {"R02", "R03", "R04", "R05", "R06", "R07"}


def test_loading_again_changes_nothing(loaded: Session) -> None:
    count = loaded.scalar(select(func.count(MilestoneDate.id)))
    again = reference.load(loaded, on=ORDINARY_DAY, at=ORDINARY_NOON)
    assert (again.new, again.updated, again.kept) == (0, 0, 0)
    assert documents.load(loaded).unchanged == 6
    assert loaded.scalar(select(func.count(MilestoneDate.id))) == count


def test_what_people_changed_since_is_left_alone(loaded: Session) -> None:
    merger = _of(loaded, "M28")
    moved = GivenDate(DateKind.ANNOUNCED, date(2027, 10, 1), source="A letter to boards")
    services.move(loaded, merger, moved, by=make_user(loaded), at=ORDINARY_NOON)
    again = reference.load(loaded, on=ORDINARY_DAY, at=ORDINARY_NOON)
    assert again.kept == 1
    assert merger.due_on == date(2027, 10, 1)


def test_each_new_year_lays_out_one_more(loaded: Session) -> None:
    assert make_years(loaded, on=ORDINARY_DAY, at=ORDINARY_NOON) == 0
    assert make_years(loaded, on=date(2027, 1, 1), at=ORDINARY_NOON) == 2  # April and June 2029
    assert make_years(loaded, on=date(2027, 1, 1), at=ORDINARY_NOON) == 0


def test_the_kinds_of_document_say_who_makes_one_and_from_when(loaded: Session) -> None:
    kinds = {one.code: one for one in loaded.scalars(select(DocumentType))}
    assert kinds["joint_forward_plan"].organisation_kinds == ["icb"]
    assert kinds["strategic_commissioning_plan"].in_use_from == date(2025, 9, 1)
    assert kinds["other"].organisation_kinds == []


def test_a_liaise_without_the_departments_still_loads(session: Session) -> None:
    documents.load(session)
    reference.load(session, on=ORDINARY_DAY, at=ORDINARY_NOON)
    assert session.scalars(select(Organisation)).first() is None
    directory.load(session, on=ORDINARY_DAY)
    reference.load(session, on=ORDINARY_DAY, at=ORDINARY_NOON)
    assert [one.short_name for one in queries.bound_to(session, _of(session, "M12"))] == ["DHSC"]


@pytest.mark.parametrize("line", _rows(), ids=lambda line: line["id"])
def test_every_row_can_be_read(line: dict[str, str]) -> None:
    if reference_rows.is_series(line):
        assert reference_rows.comes(line) in Comes
        return
    assert all(one.precision in Precision for one in reference_rows.dates(line))
