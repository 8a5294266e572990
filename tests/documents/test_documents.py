"""Writing down what a body has published."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from app.directory.models import Organisation, OrganisationKind
from app.documents import queries, services
from app.documents.models import Document, DocumentStage, DocumentType
from app.documents.rules import called, in_use_on
from app.documents.services import DocumentDetails
from tests.factories import TODAY, make_organisation

SINCE = date(2025, 9, 1)


@pytest.fixture
def plan(session: Session) -> DocumentType:
    kind = DocumentType(
        code="commissioning",
        name="Strategic commissioning plan",
        organisation_kinds=["icb"],
        in_use_from=SINCE,
        in_use_until=date(2026, 12, 31),
    )
    session.add(kind)
    session.flush()
    return kind


def _add(session: Session, board: Organisation, plan: DocumentType, **more: object) -> Document:
    described = DocumentDetails(board, plan, "Our plan", **more)  # type: ignore[arg-type]
    return services.add(session, described, on=TODAY)


def test_a_kind_is_in_use_from_its_first_day_to_its_last(plan: DocumentType) -> None:
    assert not in_use_on(plan, SINCE - timedelta(days=1))
    assert in_use_on(plan, SINCE)
    assert in_use_on(plan, date(2026, 12, 31))
    assert not in_use_on(plan, date(2027, 1, 1))


def test_a_plan_from_before_there_were_such_plans_is_refused(
    session: Session, plan: DocumentType
) -> None:
    with pytest.raises(services.NotInUse, match="has been made only since 1 September 2025"):
        _add(session, make_organisation(session), plan, published_on=date(2024, 5, 1))


def test_a_board_does_not_write_what_partnerships_write(
    session: Session, plan: DocumentType
) -> None:
    council = make_organisation(session, "A council", kind=OrganisationKind.LOCAL_AUTHORITY)
    with pytest.raises(services.NotTheirs, match="A council does not make"):
        _add(session, council, plan)


def test_nothing_was_published_tomorrow(session: Session, plan: DocumentType) -> None:
    with pytest.raises(services.NotYet):
        _add(session, make_organisation(session), plan, published_on=TODAY + timedelta(days=1))


def test_a_successors_plan_takes_the_place_of_its_predecessors(
    session: Session, plan: DocumentType
) -> None:
    board = make_organisation(session)
    first = _add(session, board, plan, published_on=SINCE)
    second = _add(session, board, plan, published_on=SINCE + timedelta(days=300), supersedes=first)
    assert queries.superseded_by(session, first.id) is second
    with pytest.raises(services.Superseded, match="has taken the place of that document"):
        _add(session, board, plan, supersedes=first)


def test_a_double_click_writes_one_document(session: Session, plan: DocumentType) -> None:
    described = DocumentDetails(make_organisation(session), plan, "Our plan")
    first = services.add(session, described, on=TODAY, form_token="once")
    assert services.add(session, described, on=TODAY, form_token="once") is first


def test_a_document_is_called_by_its_title_and_its_years(
    session: Session, plan: DocumentType
) -> None:
    document = _add(session, make_organisation(session), plan, cycle="2026/27")
    assert called(document) == "Our plan, 2026/27"
    document.title = "Our plan for 2026/27"
    assert called(document) == "Our plan for 2026/27"
    assert document.stage is DocumentStage.FINAL
