"""Rules worth having for the duties that come back each year: offered, never made by themselves."""

from collections.abc import Sequence

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import Permission
from app.milestones.models import Milestone, MilestoneSeries
from app.reminders.models import Days, Every, ReminderAudience, ReminderRule
from app.reminders.services import RuleDetails

# The April of the joint forward plans: each body's owner, in good time, then weekly.
FOR_EACH_BODY = RuleDetails(
    offsets=(-28, -14, -3, 0),
    days=Days.WORKING,
    repeat_every=7,
    repeat_unit=Every.DAYS,
    audience=ReminderAudience.OWNER,
)
# The June of the guidance: it came seven months late once, so somebody looks every month.
TO_WATCH_FOR = RuleDetails(
    offsets=(-28, -7, 0),
    days=Days.CALENDAR,
    repeat_every=1,
    repeat_unit=Every.MONTHS,
    audience=ReminderAudience.PERMISSION,
    permission=Permission.COORDINATE,
)


def suggested_for(about: Milestone | MilestoneSeries) -> RuleDetails:
    """What a document fulfils is each body’s to publish; the rest is watched for by us."""
    return FOR_EACH_BODY if about.document_type_id else TO_WATCH_FOR


def without_rule(session: Session) -> Sequence[MilestoneSeries]:
    """Duties with a day of the year of which nobody is reminded yet."""
    reminded = exists().where(
        ReminderRule.series_id == MilestoneSeries.id, ReminderRule.stopped_at.is_(None)
    )
    return session.scalars(
        select(MilestoneSeries)
        .where(MilestoneSeries.month.is_not(None), MilestoneSeries.ended_on.is_(None), ~reminded)
        .options(joinedload(MilestoneSeries.document_type))
        .order_by(MilestoneSeries.month, MilestoneSeries.day, MilestoneSeries.id)
    ).all()
