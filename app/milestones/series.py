"""Duties that come back: the milestone of each coming year is made from its duty."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import DomainError, NoTitle
from app.core.web.filters import on_day
from app.milestones.models import (
    Comes,
    DateKind,
    Milestone,
    MilestoneDate,
    MilestoneSeries,
)
from app.milestones.rules import day_in, years_to_make
from app.milestones.services import MilestoneDetails, cancel

# Before these words of a title the year is put.
ENDINGS = (" due", " expected")
FINANCIAL_YEAR_BEGINS = (4, 1)

# What the milestone of a year takes over from its duty.
TAKEN_OVER = (
    "basis",
    "binds",
    "binds_kinds",
    "binds_only",
    "asks_each",
    "status",
    "source",
    "confidence",
    "is_demo",
    "document_type_id",
)


class NoWholeDay(DomainError):
    """A yearly duty has a month and a day, or neither."""


class YearsMade(DomainError):
    """The day of years that are laid out moves milestone by milestone."""


@dataclass(frozen=True)
class Duty(MilestoneDetails):
    """What a duty says; the same for adding one and for changing one."""

    comes: Comes = Comes.YEARLY
    month: int | None = None
    day: int | None = None
    date_kind: DateKind = DateKind.STATUTORY
    ended_on: date | None = None


def add(session: Session, wanted: Duty, *, on: date, at: datetime) -> MilestoneSeries:
    """Write a duty down, and lay out its coming years if it has a day."""
    _check(wanted)
    duty = MilestoneSeries(**vars(wanted))
    session.add(duty)
    session.flush()
    make_years(session, on=on, at=at)
    return duty


def change(
    session: Session, duty: MilestoneSeries, wanted: Duty, *, on: date, at: datetime
) -> None:
    """Correct a duty. Whatever its coming years still say as the duty did follows."""
    _check(wanted)
    years = _coming_years(session, duty, on)
    if years and (duty.month, duty.day) != (wanted.month, wanted.day):
        raise YearsMade(
            "Its coming years are laid out, and reminders may count on their days. Move those "
            "milestones one by one; or end this duty and write down another."
        )
    before = _taken_over(duty)
    old_titles = {one.id: title_in(duty, one.year) for one in years}
    for name, value in vars(wanted).items():
        setattr(duty, name, value)
    for one in years:
        if one.title == old_titles[one.id]:
            one.title = title_in(duty, one.year)
        for name, value in _taken_over(duty).items():
            if getattr(one, name) == before[name]:
                setattr(one, name, value)
        if duty.ended_on and one.due_on > duty.ended_on:
            cancel(one, why=f"The duty ended on {on_day(duty.ended_on)}.", on=on)
    session.flush()
    make_years(session, on=on, at=at)


def make_years(session: Session, *, on: date, at: datetime) -> int:
    """Whatever year a yearly duty lacks. Of several processes doing so at once, one makes it."""
    duties = session.scalars(
        select(MilestoneSeries)
        .where(MilestoneSeries.month.is_not(None))
        .order_by(MilestoneSeries.id)
        .with_for_update(of=MilestoneSeries)
    ).all()
    have: dict[int, set[int]] = {}
    for series_id, year in session.execute(
        select(Milestone.series_id, Milestone.year).where(Milestone.series_id.is_not(None))
    ):
        if series_id is not None and year is not None:
            have.setdefault(series_id, set()).add(year)
    return sum(_make_years(session, duty, have.get(duty.id, set()), on, at) for duty in duties)


def title_in(duty: MilestoneSeries, year: int | None) -> str:
    """Joint forward plan 2027/28 due; a title without such an ending has the year behind it."""
    if year is None:
        return duty.title
    for ending in ENDINGS:
        if duty.title.endswith(ending):
            return f"{duty.title.removesuffix(ending)} {_year_words(duty, year)}{ending}"
    return f"{duty.title}, {year}"


def _year_words(duty: MilestoneSeries, year: int) -> str:
    """What is due on the day a financial year begins is of that year: 2027/28."""
    is_financial = (duty.month, duty.day) == FINANCIAL_YEAR_BEGINS
    return f"{year}/{(year + 1) % 100:02}" if is_financial else str(year)


def _make_years(
    session: Session, duty: MilestoneSeries, have: set[int], on: date, at: datetime
) -> int:
    if duty.month is None or duty.day is None:
        return 0
    years = years_to_make(duty.month, duty.day, on=on, have=have, ended_on=duty.ended_on)
    for year in years:
        _make(session, duty, year, day_in(year, duty.month, duty.day), at)
    return len(years)


def _make(session: Session, duty: MilestoneSeries, year: int, day: date, at: datetime) -> None:
    milestone = Milestone(
        series_id=duty.id,
        year=year,
        due_on=day,
        title=title_in(duty, year),
        **_taken_over(duty),
    )
    session.add(milestone)
    session.flush()
    session.add(
        MilestoneDate(
            milestone_id=milestone.id,
            kind=duty.date_kind,
            falls_on=day,
            source=duty.source,
            recorded_at=at,
        )
    )
    session.flush()


def _taken_over(duty: MilestoneSeries) -> dict[str, Any]:
    return {name: getattr(duty, name) for name in TAKEN_OVER}


def _coming_years(session: Session, duty: MilestoneSeries, on: date) -> Sequence[Milestone]:
    return session.scalars(
        select(Milestone).where(
            Milestone.series_id == duty.id,
            Milestone.due_on >= on,
            Milestone.cancelled_on.is_(None),
        )
    ).all()


def _check(wanted: Duty) -> None:
    if not wanted.title.strip():
        raise NoTitle("Say what is to be done.")
    if (wanted.month is None) != (wanted.day is None):
        raise NoWholeDay("Give the month and the day, or neither.")
    if wanted.month and wanted.comes is not Comes.YEARLY:
        raise NoWholeDay("Only what comes every year has a day of the year. Leave it empty.")
