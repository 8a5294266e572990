"""Whom a milestone binds, who is outstanding, and marking many at once."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from app.bin.undo_log import AlreadyUndone
from app.core.errors import NothingTicked
from app.digests.milestones import binds as digest_binds
from app.directory.models import Organisation, OrganisationKind
from app.documents.models import DocumentType
from app.milestones import bulk_status, compliance, queries, services
from app.milestones.bulk_status import RecordedState
from app.milestones.models import (
    BulkMark,
    Comes,
    ComplianceState,
    DateKind,
    Milestone,
    MilestoneSeries,
)
from app.milestones.progress import progress_of_each
from app.milestones.rules import State, span, state_of
from app.milestones.services import GivenDate, MilestoneDetails
from tests.factories import NOON, TODAY, make_organisation, make_user

DUE = date(2026, 4, 1)
LATER = NOON + timedelta(minutes=5)


def make_milestone(session: Session, *, due_on: date = DUE, **described: object) -> Milestone:
    words = {"title": "A plan for the year", "binds_kinds": ["icb"], **described}
    return services.add(
        session,
        MilestoneDetails(**words),  # type: ignore[arg-type]
        GivenDate(DateKind.STATUTORY, due_on, source="The Act"),
        by=make_user(session),
        at=NOON,
    )


def _named(bodies: list[Organisation]) -> list[str]:
    return [body.name for body in bodies]


def _mark(
    session: Session,
    milestone: Milestone,
    bodies: list[Organisation],
    wanted: RecordedState,
    **more: object,
) -> BulkMark:
    by = make_user(session)
    return bulk_status.mark(session, milestone, bodies, wanted, by=by, at=NOON, on=TODAY, **more)  # type: ignore[arg-type]


def test_after_a_merger_the_successor_is_bound_and_the_boards_before_it_are_not(
    session: Session,
) -> None:
    make_organisation(session, "Old board", dissolved_on=DUE)
    new = make_organisation(session, "New board", established_on=DUE)
    assert queries.bound_to(session, make_milestone(session)) == [new]
    day_before = make_milestone(session, due_on=DUE - timedelta(days=1))
    assert _named(queries.bound_to(session, day_before)) == ["Old board"]


def test_a_yearly_duty_binds_those_who_were_there_when_it_fell_due(session: Session) -> None:
    eve = DUE - timedelta(days=1)
    ended_before = make_organisation(session, "Ended before the eve", dissolved_on=eve)
    ended = make_organisation(session, "Ended with the eve", dissolved_on=DUE)
    born_before = make_organisation(session, "Born on the eve", established_on=eve)
    born = make_organisation(session, "Born that day", established_on=DUE)
    duty = MilestoneSeries(title="A plan", comes=Comes.YEARLY, binds_kinds=["icb"])
    session.add(duty)
    session.flush()
    milestone = make_milestone(session)
    milestone.series_id, milestone.year = duty.id, DUE.year
    session.flush()
    bodies = [ended_before, ended, born_before, born]

    bound = [born_before, ended]
    assert queries.bound_to(session, milestone) == bound
    assert progress_of_each(session, [milestone])[milestone.id][0].bound == len(bound)
    of_them = compliance.of_bodies(session, bodies, DUE)
    assert sorted(one.body.name for one in of_them) == _named(bound)
    milestone = queries.milestone_of(session, milestone.id) or milestone
    assert [body for body in bodies if digest_binds(milestone, body)] == [ended, born_before]


def test_what_is_outstanding_is_shown_however_long_ago_it_was_due(session: Session) -> None:
    board = make_organisation(session)
    long_ago = DUE - timedelta(days=3 * 366)
    make_milestone(session, title="Never done", due_on=long_ago)
    make_milestone(session, title="Lately", due_on=DUE)
    done = make_milestone(session, title="Came about, and nothing is noted", due_on=long_ago)
    done.happened_on = long_ago
    session.flush()

    shown = compliance.of_bodies(session, [board], DUE)

    assert [(one.milestone.title, one.is_old) for one in shown] == [
        ("Never done", True),
        ("Lately", False),
    ]


def test_moving_a_milestone_past_a_merger_moves_it_to_the_right_boards(session: Session) -> None:
    make_organisation(session, "Old board", dissolved_on=DUE)
    make_organisation(session, "New board", established_on=DUE)
    milestone = make_milestone(session, due_on=DUE - timedelta(days=1))
    services.move(
        session,
        milestone,
        GivenDate(DateKind.ANNOUNCED, DUE + timedelta(days=10), source="A letter"),
        by=make_user(session),
        at=LATER,
    )
    assert _named(queries.outstanding(session, milestone)) == ["New board"]


def test_a_milestone_for_one_department_binds_only_that_one(session: Session) -> None:
    health = make_organisation(session, "DHSC", kind=OrganisationKind.GOVERNMENT_DEPARTMENT)
    make_organisation(session, "DfE", kind=OrganisationKind.GOVERNMENT_DEPARTMENT)
    milestone = make_milestone(
        session, binds_kinds=["government_department"], binds_only=[health.id]
    )
    assert queries.bound_to(session, milestone) == [health]


def test_a_plan_of_boards_and_trusts_is_asked_of_the_boards_that_publish_it(
    session: Session,
) -> None:
    board = make_organisation(session)
    make_organisation(session, "A trust", kind=OrganisationKind.PROVIDER)
    kind = DocumentType(code="a_plan", name="A plan", organisation_kinds=["icb"])
    session.add(kind)
    session.flush()
    milestone = make_milestone(session, binds_kinds=["icb", "provider"], document_type_id=kind.id)
    assert queries.bound_to(session, milestone) == [board]


def test_what_comes_about_once_leaves_nobody_outstanding(session: Session) -> None:
    board = make_organisation(session)
    milestone = make_milestone(session, asks_each=False)
    assert queries.outstanding(session, milestone) == []
    with pytest.raises(bulk_status.NotBound):
        _mark(session, milestone, [board], RecordedState(ComplianceState.MET, DUE, note="Seen"))


def test_nobody_is_outstanding_on_a_milestone_that_was_cancelled(session: Session) -> None:
    board = make_organisation(session)
    milestone = make_milestone(session)
    assert queries.is_outstanding(session, milestone.id, board.id)
    services.cancel(milestone, why="The Act repealed it.", on=TODAY)
    assert not queries.is_outstanding(session, milestone.id, board.id)
    services.restore(milestone)
    assert queries.is_outstanding(session, milestone.id, board.id)


def test_marking_twelve_boards_is_one_step_and_is_undone_as_one(session: Session) -> None:
    boards = [make_organisation(session, f"Board {number:02}") for number in range(12)]
    milestone = make_milestone(session)
    wanted = RecordedState(ComplianceState.MET, date(2026, 3, 28), note="On their pages")
    change = _mark(session, milestone, boards, wanted, form_token="once")
    assert change.words == "12 boards marked as met on 28 March 2026"
    assert queries.outstanding(session, milestone) == []
    assert _mark(session, milestone, boards, wanted, form_token="once") is change
    undone = bulk_status.undo(session, change, at=LATER)
    assert (undone.given_back, undone.changed_since) == (12, 0)
    assert queries.outstanding(session, milestone) == boards
    with pytest.raises(AlreadyUndone):
        bulk_status.undo(session, change, at=LATER)


def test_an_undo_leaves_alone_what_somebody_recorded_since(session: Session) -> None:
    first, second = make_organisation(session, "First"), make_organisation(session, "Second")
    milestone = make_milestone(session)
    change = _mark(
        session, milestone, [first, second], RecordedState(ComplianceState.MET, DUE, note="Seen")
    )
    since = RecordedState(ComplianceState.NOT_APPLICABLE, note="It had a waiver")
    bulk_status.mark(session, milestone, [second], since, by=make_user(session), at=LATER, on=TODAY)
    undone = bulk_status.undo(session, change, at=LATER + timedelta(minutes=1))
    assert (undone.given_back, undone.changed_since) == (1, 1)
    standings = queries.standings_of(session, milestone.id)
    assert [standings[id_].note for id_ in standings] == ["It had a waiver"]


def test_an_undone_correction_gives_back_what_was_recorded_before_it(session: Session) -> None:
    board = make_organisation(session)
    milestone = make_milestone(session)
    _mark(
        session, milestone, [board], RecordedState(ComplianceState.MET, DUE, note="On their page")
    )
    correction = bulk_status.mark(
        session, milestone, [board], RecordedState(None), by=make_user(session), at=LATER, on=TODAY
    )
    assert correction.words == "1 board taken back to outstanding"
    assert queries.is_outstanding(session, milestone.id, board.id)
    bulk_status.undo(session, correction, at=LATER + timedelta(minutes=1))
    [standing] = queries.standings_of(session, milestone.id).values()
    assert (standing.note, standing.met_on) == ("On their page", DUE)
    assert state_of(standing, span(milestone.due_on, milestone.precision)) is State.MET


def test_a_mark_needs_a_document_or_a_note_a_day_and_a_body(session: Session) -> None:
    board = make_organisation(session)
    milestone = make_milestone(session)
    for wanted, refusal in (
        (RecordedState(ComplianceState.MET, DUE), bulk_status.NoEvidence),
        (RecordedState(ComplianceState.MET, note="Seen"), bulk_status.NoDay),
        (
            RecordedState(ComplianceState.MET, TODAY + timedelta(days=1), note="Seen"),
            bulk_status.NotYet,
        ),
    ):
        with pytest.raises(refusal):
            _mark(session, milestone, [board], wanted)
    with pytest.raises(NothingTicked):
        _mark(session, milestone, [], RecordedState(ComplianceState.MET, DUE, note="Seen"))


def test_every_date_a_milestone_had_is_kept_with_why_it_moved(session: Session) -> None:
    milestone = make_milestone(session)
    by = make_user(session)
    first = GivenDate(DateKind.ANNOUNCED, date(2026, 6, 30), source="A letter")
    services.move(session, milestone, first, by=by, at=NOON)
    with pytest.raises(services.NoWhy):
        services.move(session, milestone, GivenDate(DateKind.ANNOUNCED, TODAY), by=by, at=LATER)
    with pytest.raises(services.NoSuchDate):
        services.move(session, milestone, first, by=by, at=LATER)
    moved = GivenDate(DateKind.ANNOUNCED, TODAY, source="A speech", why="The election")
    services.move(session, milestone, moved, by=by, at=LATER)
    assert milestone.due_on == TODAY
    dates = queries.dates_of(session, milestone.id)
    assert [(one.kind, one.falls_on, one.replaced_at is None) for one in dates] == [
        (DateKind.STATUTORY, DUE, True),
        (DateKind.ANNOUNCED, TODAY, True),
        (DateKind.ANNOUNCED, date(2026, 6, 30), False),
    ]


def test_what_really_happened_does_not_change_the_day_it_was_due(session: Session) -> None:
    milestone = make_milestone(session)
    happened = GivenDate(DateKind.ACTUAL, date(2026, 4, 14), date(2026, 5, 2), source="Their pages")
    services.move(session, milestone, happened, by=make_user(session), at=LATER)
    assert (milestone.due_on, milestone.happened_on) == (DUE, date(2026, 4, 14))
    assert milestone.happened_until == date(2026, 5, 2)
