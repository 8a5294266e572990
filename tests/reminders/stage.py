"""A milestone, the boards it binds, and a rule that reminds of it."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.core.clock import LONDON
from app.directory.models import Organisation, Ownership
from app.documents.models import DocumentType
from app.milestones.models import (
    Comes,
    Compliance,
    ComplianceState,
    Milestone,
    MilestoneSeries,
)
from app.notifications.models import Notification
from app.reminders import jobs
from app.reminders.models import (
    Days,
    Every,
    Occurrence,
    OccurrenceState,
    Reminded,
    ReminderAudience,
    ReminderRule,
)
from tests.factories import make_organisation, make_user

APRIL = date(2027, 4, 1)
MADE = datetime(2026, 11, 22, 12, tzinfo=UTC)


def morning(day: date, clock: str = "08:45") -> datetime:
    """That time on a clock in London."""
    return datetime.combine(day, time.fromisoformat(clock), LONDON)


def make_plan_type(session: Session) -> DocumentType:
    known = session.scalar(select(DocumentType).where(DocumentType.code == "joint_forward_plan"))
    if known:
        return known
    made = DocumentType(
        code="joint_forward_plan", name="Joint forward plan", organisation_kinds=["icb"]
    )
    session.add(made)
    session.flush()
    return made


def make_boards(session: Session, count: int) -> list[Organisation]:
    return [
        make_organisation(session, f"NHS Sample {number:02} Integrated Care Board")
        for number in range(1, count + 1)
    ]


def make_milestone(
    session: Session,
    due_on: date = APRIL,
    *,
    kinds: tuple[str, ...] = ("icb",),
    series: MilestoneSeries | None = None,
    asks_each: bool = True,
    title: str = "Joint forward plans are to be ready",
) -> Milestone:
    milestone = Milestone(
        title=title,
        due_on=due_on,
        binds_kinds=list(kinds),
        asks_each=asks_each,
        document_type_id=make_plan_type(session).id if asks_each else None,
        series_id=series.id if series else None,
        year=due_on.year if series else None,
    )
    session.add(milestone)
    session.flush()
    return milestone


def make_series(session: Session) -> MilestoneSeries:
    series = MilestoneSeries(
        title="Joint forward plans are to be ready",
        comes=Comes.YEARLY,
        month=4,
        day=1,
        binds_kinds=["icb"],
        document_type_id=make_plan_type(session).id,
    )
    session.add(series)
    session.flush()
    return series


def make_rule(
    session: Session,
    about: Milestone | MilestoneSeries,
    *offsets: int,
    days: Days = Days.CALENDAR,
    every: tuple[int, Every] | None = None,
    person: User | None = None,
    permission: Permission | None = None,
    at: datetime = MADE,
    made_by: User | None = None,
    catch_up_days: int = 3,
) -> ReminderRule:
    count, unit = every or (None, None)
    rule = ReminderRule(
        series_id=about.id if isinstance(about, MilestoneSeries) else None,
        milestone_id=about.id if isinstance(about, Milestone) else None,
        offsets=list(offsets),
        days=days,
        repeat_every=count,
        repeat_unit=unit,
        audience=ReminderAudience.PERSON
        if person
        else ReminderAudience.PERMISSION
        if permission
        else ReminderAudience.OWNER,
        user_id=person.id if person else None,
        permission=permission.value if permission else None,
        catch_up_days=catch_up_days,
        made_at=at,
        in_force_from=at,
        made_by_id=(made_by or person or make_user(session)).id,
    )
    session.add(rule)
    session.flush()
    return rule


def give_owner(session: Session, body: Organisation, user: User) -> None:
    session.add(Ownership(organisation_id=body.id, user_id=user.id, started_on=date(2026, 1, 1)))
    session.flush()


def meet(
    session: Session,
    milestone: Milestone,
    body: Organisation,
    state: ComplianceState = ComplianceState.MET,
) -> Compliance:
    standing = Compliance(
        milestone_id=milestone.id,
        organisation_id=body.id,
        state=state,
        met_on=date(2027, 3, 1) if state is ComplianceState.MET else None,
        note="Seen on their site",
        recorded_at=MADE,
    )
    session.add(standing)
    session.flush()
    return standing


def tick(session: Session, day: date, clock: str = "08:45") -> int:
    """One round as at that time in London."""
    session.commit()
    return jobs.remind(session, morning(day, clock))


def tick_daily(session: Session, first: date, last: date) -> None:
    day = first
    while day <= last:
        tick(session, day)
        day += timedelta(days=1)


def occurrences(
    session: Session, state: OccurrenceState | None = None
) -> list[tuple[str, date, str]]:
    """Step, day and reason of each, in order of days."""
    wanted = select(Occurrence).order_by(Occurrence.due_on, Occurrence.id)
    rows = session.scalars(wanted.execution_options(populate_existing=True))
    return [(one.step, one.due_on, one.reason) for one in rows if state in (None, one.state)]


def told(session: Session) -> list[tuple[str, str]]:
    """Who was told of which step."""
    rows = session.execute(
        select(User.name, Occurrence.step)
        .join(Reminded, Reminded.user_id == User.id)
        .join(Occurrence, Occurrence.id == Reminded.occurrence_id)
        .order_by(Reminded.at, User.name, Occurrence.due_on, Occurrence.id)
    )
    return [(name, step) for name, step in rows]


def bells(session: Session) -> list[tuple[str, str]]:
    rows = session.execute(
        select(User.name, Notification.text)
        .join(Notification, Notification.user_id == User.id)
        .order_by(Notification.created_at, Notification.id)
    )
    return [(name, text) for name, text in rows]
