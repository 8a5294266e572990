"""What binds a body, what it has published, and who is reminded of what."""

from typing import Any

from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.digests.models import Digest
from app.documents.models import Document, DocumentType
from app.milestones.models import (
    BulkMark,
    Comes,
    Compliance,
    ComplianceState,
    DateKind,
    Milestone,
    MilestoneDate,
    MilestoneSeries,
)
from app.notifications.models import Event, MailHours, NotificationChoice
from app.reminders.models import Occurrence, Reminded, ReminderAudience, ReminderRule
from app.settings.models import ClosedDay
from app.workstreams.models import WorkstreamDocument, WorkstreamMilestone
from tests.factories import NOON, TODAY


def make_duties(session: Session, names: dict[str, Any], *, by: User) -> dict[str, Any]:
    """Rows about the body and the strand named here."""
    body_id = names["organisation_id"]
    kind = DocumentType(code="sample_plan", name="Sample plan", organisation_kinds=["icb"])
    session.add(kind)
    session.flush()
    document = Document(organisation_id=body_id, document_type_id=kind.id, title="A plan")
    series = MilestoneSeries(
        title="A plan each year",
        comes=Comes.YEARLY,
        month=4,
        day=1,
        binds_kinds=["icb"],
        document_type_id=kind.id,
    )
    session.add_all((document, series, ClosedDay(day=TODAY, why="Moving house")))
    session.flush()
    milestone = Milestone(
        title="A plan for this year",
        series_id=series.id,
        year=TODAY.year,
        due_on=TODAY,
        binds_kinds=["icb"],
        document_type_id=kind.id,
    )
    session.add(milestone)
    session.flush()
    rule = ReminderRule(
        series_id=series.id,
        offsets=[-28, 0],
        audience=ReminderAudience.PERMISSION,
        permission=Permission.COORDINATE.value,
        made_at=NOON,
        in_force_from=NOON,
        made_by_id=by.id,
    )
    marked = BulkMark(milestone_id=milestone.id, by_id=by.id, at=NOON, words="1 board", before={})
    session.add_all(
        (
            marked,
            MilestoneDate(
                milestone_id=milestone.id,
                kind=DateKind.ANNOUNCED,
                falls_on=TODAY,
                source="A letter",
                recorded_at=NOON,
            ),
            Compliance(
                milestone_id=milestone.id,
                organisation_id=body_id,
                state=ComplianceState.MET,
                met_on=TODAY,
                document_id=document.id,
                recorded_at=NOON,
                recorded_by_id=by.id,
            ),
            WorkstreamMilestone(workstream_id=names["workstream_id"], milestone_id=milestone.id),
            WorkstreamDocument(workstream_id=names["workstream_id"], document_id=document.id),
            rule,
        )
    )
    session.flush()
    _told(session, rule, milestone, body_id, by)
    return {
        "document_id": document.id,
        "milestone_id": milestone.id,
        "rule_id": rule.id,
        "day": TODAY.isoformat(),
        "series_id": series.id,
        "mark_id": marked.id,
    }


def _told(
    session: Session, rule: ReminderRule, milestone: Milestone, body_id: int, by: User
) -> None:
    occurrence = Occurrence(
        rule_id=rule.id,
        milestone_id=milestone.id,
        organisation_id=body_id,
        step="-28",
        due_on=TODAY,
        due_time="08:30",
    )
    session.add(occurrence)
    session.flush()
    session.add_all(
        (
            Reminded(occurrence_id=occurrence.id, user_id=by.id, at=NOON),
            Digest(user_id=by.id, day=TODAY, made_at=NOON),
            NotificationChoice(user_id=by.id, event=Event.MENTION),
            MailHours(user_id=by.id),
        )
    )
    session.flush()
