"""Made-up plans for the demo: which boards have met the last April's milestone, and which not."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo.story import MADE_UP, DemoUsers
from app.directory.models import Organisation, OrganisationKind
from app.documents import reference as document_types
from app.documents import services as documents
from app.documents.models import Document, DocumentStage, DocumentType
from app.milestones import bulk_status, queries
from app.milestones import reference as milestones
from app.milestones.bulk_status import RecordedState
from app.milestones.models import ComplianceState, Milestone, MilestoneSeries
from app.workstreams import services as workstreams
from app.workstreams.models import Workstream

APRIL = "R01"
JUNE = "R08"
REPORT = "M12"
REFRESH = "M13"
OUTSTANDING = 11  # boards, the last by name, of whom nothing is recorded
FOUND_BUT_UNMARKED = 5  # of those: a plan is written down, and nobody has said it counts
NOT_APPLICABLE = 0
LATE = slice(1, 5)
STRAND_MILESTONES = {"identifier": (REPORT,), "Guidance": (REFRESH,)}


def tell(
    session: Session,
    users: DemoUsers,
    boards: Sequence[Organisation],
    *,
    on: date,
    at: datetime,
) -> None:
    """Plans of most boards for the last April, and what two strands work towards."""
    april = _last_april(session, on)
    kinds = {one.code: one for one in session.scalars(select(DocumentType))}
    plan = kinds.get("joint_forward_plan")
    if april and plan:
        _tell_of_plans(session, users, april, plan, sorted(boards, key=_name), on=on, at=at)
    _tell_of_strands(session, users, kinds.get("government_report"), on=on, at=at)


def load_reference(session: Session, *, on: date, at: datetime) -> None:
    """What binds the boards, where it is not loaded yet."""
    if session.scalar(select(Milestone.id).limit(1)) is None:
        document_types.load(session)
        milestones.load(session, on=on, at=at)


def _tell_of_plans(
    session: Session,
    users: DemoUsers,
    april: Milestone,
    plan: DocumentType,
    boards: Sequence[Organisation],
    *,
    on: date,
    at: datetime,
) -> None:
    bound = {body.id: body for body in queries.bound_to(session, april)}
    asked = [board for board in boards if board.id in bound]
    ended = [body for body in bound.values() if not body.exists_on(on)]
    met = asked[NOT_APPLICABLE + 1 : -OUTSTANDING]
    late = asked[LATE]
    marks = []
    for number, board in enumerate(met):
        days = 9 + 6 * number if board in late else -(number % 20)
        document = _plan(session, board, plan, april, days=days, on=on)
        marks.append((board, RecordedState(ComplianceState.MET, document.published_on, document)))
    for number, board in enumerate(asked[-OUTSTANDING:][:FOUND_BUT_UNMARKED]):
        _plan(session, board, plan, april, days=20 + number, on=on)
    waived = RecordedState(
        ComplianceState.NOT_APPLICABLE, note=f"{MADE_UP}: it shares a plan this year"
    )
    marks.extend((board, waived) for board in asked[: NOT_APPLICABLE + 1])
    passed_on = RecordedState(
        ComplianceState.NOT_APPLICABLE,
        note=f"{MADE_UP}: it ended, and its successor makes the plan",
    )
    marks.extend((board, passed_on) for board in ended)
    if marks:
        bulk_status.mark_each(session, april, marks, by=users.coordinator, at=at, on=on)


def _plan(
    session: Session,
    board: Organisation,
    plan: DocumentType,
    april: Milestone,
    *,
    days: int,
    on: date,
) -> Document:
    """A plan published so many days after the milestone, though not before there was a board."""
    day = min(april.due_on + timedelta(days=days), on)
    year = april.due_on.year
    return documents.add(
        session,
        documents.DocumentDetails(
            organisation=board,
            document_type=plan,
            title="Joint forward plan (made up)",
            cycle=f"{year}/{(year + 1) % 100:02}",
            stage=DocumentStage.REFRESH,
            published_on=max(day, board.established_on or day),
            link="https://example.org/made-up-plan",
            source=MADE_UP,
        ),
        on=on,
        is_demo=True,
    )


def _tell_of_strands(
    session: Session,
    users: DemoUsers,
    report: DocumentType | None,
    *,
    on: date,
    at: datetime,
) -> None:
    found = {one.code: one for one in session.scalars(select(Milestone))}
    for strand in session.scalars(select(Workstream).order_by(Workstream.id)):
        for word, codes in STRAND_MILESTONES.items():
            for code in codes:
                if word in strand.name and code in found:
                    workstreams.put_milestone(session, strand, found[code])
        if "Guidance" in strand.name and (june := _next_june(session, on)):
            workstreams.put_milestone(session, strand, june)
        if "identifier" in strand.name and report and REPORT in found:
            _publish_report(session, users, strand, found[REPORT], report, on=on, at=at)


def _publish_report(
    session: Session,
    users: DemoUsers,
    strand: Workstream,
    milestone: Milestone,
    kind: DocumentType,
    *,
    on: date,
    at: datetime,
) -> None:
    asked = queries.bound_to(session, milestone)
    if not asked or asked[0].kind is not OrganisationKind.GOVERNMENT_DEPARTMENT:
        return
    document = documents.add(
        session,
        documents.DocumentDetails(
            organisation=asked[0],
            document_type=kind,
            title="Report on information sharing about children (made up)",
            published_on=milestone.happened_on,
            link="https://example.org/made-up-report",
            source=MADE_UP,
        ),
        on=on,
        is_demo=True,
    )
    workstreams.put_document(session, strand, document)
    met = RecordedState(ComplianceState.MET, milestone.happened_on, document)
    bulk_status.mark(session, milestone, asked[:1], met, by=users.coordinator, at=at, on=on)


def _last_april(session: Session, on: date) -> Milestone | None:
    return session.scalar(
        select(Milestone)
        .join(MilestoneSeries)
        .where(MilestoneSeries.code == APRIL, Milestone.due_on <= on)
        .order_by(Milestone.due_on.desc())
        .limit(1)
    )


def _next_june(session: Session, on: date) -> Milestone | None:
    return session.scalar(
        select(Milestone)
        .join(MilestoneSeries)
        .where(MilestoneSeries.code == JUNE, Milestone.due_on >= on)
        .order_by(Milestone.due_on)
        .limit(1)
    )


def _name(board: Organisation) -> str:
    return board.name.casefold()
