"""Duties that come back: the milestone of each coming year is made from its duty."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.milestones.models import Binding, Milestone, MilestoneDate, MilestoneSeries
from app.milestones.rules import day_in, years_to_make

BINDING = (
    "basis",
    "binds",
    "binds_kinds",
    "binds_only",
    "asks_each",
    "status",
    "source",
    "confidence",
    "is_demo",
)
KEPT_WITH_IT = ("document_type_id",)


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
    made = 0
    for duty in duties:
        assert duty.month is not None
        assert duty.day is not None
        years = years_to_make(
            duty.month, duty.day, on=on, have=have.get(duty.id, set()), ended_on=duty.ended_on
        )
        for year in years:
            _make(session, duty, year, day_in(year, duty.month, duty.day), at)
        made += len(years)
    return made


def title_in(series: Binding, year: int) -> str:
    return f"{series.title}, {year}"


def _make(session: Session, duty: MilestoneSeries, year: int, day: date, at: datetime) -> None:
    milestone = Milestone(series_id=duty.id, year=year, due_on=day, title=title_in(duty, year))
    for name in (*BINDING, *KEPT_WITH_IT):
        setattr(milestone, name, getattr(duty, name))
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
