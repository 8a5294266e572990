"""What somebody promised, or waits for: due today, overdue, or coming."""

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import Integer, Select, case, func, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import User
from app.accounts.visibility import Reader, Visibility
from app.core.db import remembered
from app.core.web.filters import plural
from app.digests.rules import DigestLine, Group, Link, Tone, near_day
from app.followups.models import FollowUp, FollowUpState
from app.followups.queries import awake
from app.interactions.outcomes.whom import bodies_of, names
from app.notifications.models import Event

GROUPS = (Group.OVERDUE, Group.TODAY, Group.COMING)
KEPT = "A follow-up only some may read"
A_DAY = timedelta(days=1)


def lines(
    session: Session, user: User, on: date, *, until: date, most: int
) -> Iterable[DigestLine]:
    """The first so many of each group by day, and one line for the rest.

    Counted and numbered from the index alone, whole records only of those shown. Two statements:
    the second names the bodies of meetings, where a follow-up names none itself.
    """
    rows = session.execute(_first_of_each(Reader.of(user), on, until, most)).all()
    left = dict.fromkeys(GROUPS, 0)
    about = bodies_of(session, [row[0] for row in rows])
    for follow_up, number, rank, count in rows:
        group = GROUPS[number]
        yield _line(follow_up, group, on, names(about.get(follow_up.id, [])))
        left[group] = count - rank
    for group, count in left.items():
        if count:
            yield _rest(group, count, on, until)


def _line(one: FollowUp, group: Group, on: date, bodies: str) -> DigestLine:
    pill, tone = _pill(one.due_on, on)
    about = f"About {bodies}" if bodies else ""
    waiting = "waiting on them" if one.waiting_on_them else ""
    return DigestLine(
        group,
        pill,
        tone,
        Link(one.what, "promises.follow_up", {"follow_up_id": one.id}),
        note="; ".join(part for part in (about, waiting) if part),
        in_mail="" if one.visible_to is Visibility.GROUP else KEPT,
        tick=one,
        day=one.due_on,
        event=Event.DUE,
        calls=group is not Group.COMING,
    )


def _pill(due_on: date, on: date) -> tuple[str, Tone]:
    late = (on - due_on).days
    if late > 0:
        return f"Overdue {plural(late, 'day')}", Tone.BAD
    return ("Due today", Tone.WARN) if late == 0 else (near_day(due_on), Tone.PLAIN)


def _rest(group: Group, count: int, on: date, until: date) -> DigestLine:
    days = {
        Group.OVERDUE: {"until": on - A_DAY},
        Group.TODAY: {"since": on, "until": on},
        Group.COMING: {"since": on + A_DAY, "until": until},
    }[group]
    values = {name: day.isoformat() for name, day in days.items()}
    return DigestLine(
        group,
        "",
        Tone.PLAIN,
        Link(f"and {plural(count, 'more follow-up')}", "promises.follow_ups", values),
        event=Event.DUE,
        calls=group is not Group.COMING,
        stands_for=count,
    )


@remembered
def _first_of_each(me: Reader, on: date, until: date, most: int) -> Select[FollowUp, int, int, int]:
    group_of = case((FollowUp.due_on < on, 0), (FollowUp.due_on == on, 1), else_=2)
    mine = (
        select(
            FollowUp.id,
            group_of.cast(Integer).label("number"),
            func.row_number()
            .over(partition_by=group_of, order_by=(FollowUp.due_on, FollowUp.id))
            .label("rank"),
            func.count().over(partition_by=group_of).label("count"),
        )
        .where(
            FollowUp.owner_id == me.id,
            FollowUp.state == FollowUpState.OPEN,
            FollowUp.due_on <= until,
            awake(on),
            FollowUp.where_read_by(me),
        )
        .subquery()
    )
    return (
        select(FollowUp, mine.c.number, mine.c.rank, mine.c.count)
        .join(mine, mine.c.id == FollowUp.id)
        .where(mine.c.rank <= most)
        .options(joinedload(FollowUp.organisation))
        .order_by(FollowUp.due_on, FollowUp.id)
    )
