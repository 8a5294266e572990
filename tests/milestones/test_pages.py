"""The pages of milestones and documents, served whole."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Permission
from app.core import clock
from app.directory.models import Organisation, OrganisationKind
from app.documents import reference as document_types
from app.documents.models import Document, DocumentType
from app.milestones import queries
from app.milestones import reference as milestones
from app.milestones.models import BulkMark, Milestone, MilestoneSeries
from tests.clock import ORDINARY_DAY, ORDINARY_NOON
from tests.factories import make_organisation, make_user

pytestmark = pytest.mark.usefixtures("ordinary_day")
NEXT_APRIL = date(2027, 4, 1)


@pytest.fixture
def boards(session: Session) -> list[Organisation]:
    """Two boards, and what binds them."""
    document_types.load(session)
    milestones.load(session, on=ORDINARY_DAY, at=ORDINARY_NOON)
    found = [make_organisation(session, f"NHS {name} ICB") for name in ("North", "South")]
    session.commit()
    return found


def _april(session: Session, year: int = 2026) -> Milestone:
    return session.scalars(
        select(Milestone)
        .join(MilestoneSeries)
        .where(MilestoneSeries.code == "R01", Milestone.year == year)
    ).one()


def _plan(session: Session, board: Organisation, day: date) -> Document:
    kind = session.scalars(select(DocumentType).where(DocumentType.code == "joint_forward_plan"))
    document = Document(
        organisation_id=board.id, document_type_id=kind.one().id, title="Plan", published_on=day
    )
    session.add(document)
    session.commit()
    return document


def test_a_milestone_of_one_body_has_nothing_to_narrow_tick_or_download(
    client: FlaskClient, session: Session, boards: list[Organisation]
) -> None:
    def page() -> str:
        return client.get(f"/milestones/{_april(session).id}").text

    of_a_list = ("Filter this list", "Mark several at once", "Download CSV", "data-select-all")
    assert all(words in page() for words in of_a_list)
    boards[0].dissolved_on = date(2025, 1, 1)
    session.commit()
    alone = page()
    assert not any(words in alone for words in of_a_list)
    assert f"/organisations/{boards[1].id}" in alone
    assert "Record" in alone


def test_a_board_s_page_shows_what_it_never_did_apart(
    client: FlaskClient, boards: list[Organisation]
) -> None:
    page = client.get(f"/organisations/{boards[0].id}").text
    now, _, old = page.partition("of more than a year ago, of which nothing is recorded")
    assert "Joint forward plan 2026/27 due" in now
    assert "Joint forward plan 2024/25 due" not in now
    assert "Joint forward plan 2024/25 due" in old


def test_all_milestones_can_be_read_at_a_glance_and_as_a_table(
    client: FlaskClient, boards: list[Organisation]
) -> None:
    drawn = client.get("/milestones").text
    assert "35 milestones" in drawn
    assert "Announced for 30 June 2023, happened 1 February 2024" in drawn
    assert "Due by law 1 April 2027 · none of the 2 boards has met it yet" in drawn
    table = client.get("/milestones?show=table&q=refreshed").text
    assert "30 June 2023" in table
    assert "1 February 2024" in table
    lines = client.get("/milestones?format=csv&stage=coming").text.splitlines()
    assert len(lines) == 6


def test_the_timeline_is_narrowed_by_the_address(
    client: FlaskClient, boards: list[Organisation]
) -> None:
    assert "1 milestone<" in client.get("/milestones?q=footprints").text
    assert "Nothing matches" in client.get("/milestones?q=nothing+like+it").text


def test_without_any_milestone_the_page_says_what_will_stand_there(client: FlaskClient) -> None:
    assert "No milestones yet" in client.get("/milestones").text
    assert "No duties yet" in client.get("/milestones/duties").text
    assert "No documents yet" in client.get("/documents").text


def test_the_page_of_a_milestone_says_first_who_has_met_it(
    client: FlaskClient, session: Session, boards: list[Organisation]
) -> None:
    april = _april(session)
    assert "Nothing is recorded yet of the 2 boards it bound" in _page(client, april)
    _mark(client, april, [boards[0]])
    page = _page(client, april)
    assert "1 of 2 boards has met it; 1 has not" in page
    assert "Met on time" in page
    lines = client.get(f"/milestones/{april.id}?format=csv&state=outstanding").text.splitlines()
    assert len(lines) == 2
    assert "South" in lines[1]


def test_marking_many_first_shows_what_would_change_and_is_undone_as_one(
    client: FlaskClient, session: Session, boards: list[Organisation]
) -> None:
    april = _april(session)
    form = {"state": "met", "met_on": "2026-04-20", "note": "Their pages", "which": "all"}
    asked = client.post(f"/milestones/{april.id}/mark", data=form).text
    assert "Nothing has changed yet. 2 boards would be met late, on 20 April 2026." in asked
    assert session.scalar(select(BulkMark)) is None
    done = client.post(
        f"/milestones/{april.id}/mark", data={**form, "confirmed": "1"}, follow_redirects=True
    ).text
    assert "All 2 boards have met it, 2 of them late" in done
    change = session.scalars(select(BulkMark)).one()
    undone = client.post(f"/milestones/marks/{change.id}/undo", follow_redirects=True).text
    assert "Undone for 2 of 2." in undone


def test_all_that_match_are_those_the_list_shows(
    client: FlaskClient, session: Session, boards: list[Organisation]
) -> None:
    form = {"state": "not applicable", "note": "It shares a plan", "which": "all"}
    asked = client.post(f"/milestones/{_april(session).id}/mark?q=North", data=form).text
    assert "1 board would be not applicable" in asked


def test_a_mark_without_evidence_is_refused_and_keeps_what_was_typed(
    client: FlaskClient, session: Session, boards: list[Organisation]
) -> None:
    form = {"state": "met", "met_on": "2026-03-28", "note": "", "ids": str(boards[0].id)}
    refused = client.post(f"/milestones/{_april(session).id}/mark", data=form).text
    assert "Choose the document that says so, or write a note." in refused
    assert 'value="2026-03-28"' in refused
    assert " checked" in refused


def test_the_day_it_was_met_is_asked_for_as_what_it_is_and_not_as_optional(
    client: FlaskClient, session: Session, boards: list[Organisation]
) -> None:
    april = _april(session)
    page = _page(client, april)
    assert re.search(r">Met on\s*</label>", page)
    form = {"state": "met", "met_on": "", "note": "Board papers", "ids": str(boards[0].id)}
    refused = client.post(f"/milestones/{april.id}/mark", data=form).text
    assert "Give the day it was met" in refused
    assert "Board papers" in refused


def test_a_new_document_offers_the_milestone_it_would_meet_and_marks_nothing_itself(
    client: FlaskClient, session: Session, boards: list[Organisation]
) -> None:
    kind = session.scalars(
        select(DocumentType).where(DocumentType.code == "joint_forward_plan")
    ).one()
    written = client.post(
        f"/documents/new?organisation={boards[0].id}",
        data={
            "organisation_id": boards[0].id,
            "document_type_id": kind.id,
            "title": "Our joint forward plan",
            "cycle": "2026/27",
            "stage": "final",
            "published_on": "2026-03-28",
        },
        follow_redirects=True,
    ).text
    april = _april(session)
    assert "This would meet" in written
    assert f'value="{april.id}" id="meets-{april.id}" checked' in written
    assert queries.is_outstanding(session, april.id, boards[0].id)
    document = session.scalars(select(Document)).one()
    client.post(f"/documents/{document.id}/milestones", data={"milestones": str(april.id)})
    assert not queries.is_outstanding(session, april.id, boards[0].id)
    page = client.get(f"/documents/{document.id}").text
    assert "met <time" in page


def test_the_page_of_a_milestone_offers_the_documents_that_would_meet_it(
    client: FlaskClient, session: Session, boards: list[Organisation]
) -> None:
    april = _april(session)
    documents = [_plan(session, board, date(2026, 4, 9)) for board in boards]
    assert "These 2 documents would meet it" in _page(client, april)
    assert "would meet it" not in _page(client, _april(session, 2025))
    form = {"documents": [str(one.id) for one in documents]}
    marked = client.post(f"/milestones/{april.id}/offered", data=form, follow_redirects=True).text
    assert "All 2 boards have met it, 2 of them late" in marked


def test_a_body_is_recorded_with_its_document(
    client: FlaskClient, session: Session, boards: list[Organisation]
) -> None:
    april, document = _april(session), _plan(session, boards[0], date(2026, 3, 30))
    address = f"/milestones/{april.id}/bodies/{boards[0].id}"
    assert "Plan, 30 March 2026" in client.get(address).text
    form = {"state": "met", "document_id": str(document.id)}
    assert "1 of 2 boards has met it" in client.post(address, data=form, follow_redirects=True).text


def test_a_coordinator_moves_a_milestone_and_the_page_keeps_both_dates(
    client: FlaskClient, session: Session, boards: list[Organisation]
) -> None:
    april = _april(session, 2027)
    form = {"kind": "statutory", "falls_on": "2027-04-11", "precision": "day"}
    refused = client.post(f"/milestones/{april.id}/move", data=form).text
    assert "Say why the date moved" in refused
    form["why"] = "The election"
    page = client.post(f"/milestones/{april.id}/move", data=form, follow_redirects=True).text
    assert "Due 11 April 2027" in page
    assert "The election" in page
    assert "1 April 2027" in page


def test_a_cancelled_milestone_stays_to_be_read_and_can_come_back(
    client: FlaskClient, session: Session, boards: list[Organisation]
) -> None:
    april = _april(session, 2027)
    form = {"why": "The Health Act removed the duty"}
    page = client.post(f"/milestones/{april.id}/cancel", data=form, follow_redirects=True).text
    assert "Cancelled on 22 November 2026: The Health Act removed the duty" in page
    back = client.post(f"/milestones/{april.id}/restore", follow_redirects=True).text
    assert "Due 1 April 2027" in back


def test_a_coordinator_adds_a_milestone_and_a_yearly_duty(
    client: FlaskClient, session: Session, boards: list[Organisation]
) -> None:
    form = {
        "title": "Answer the consultation",
        "kind": "announced",
        "falls_on": "2027-02-01",
        "precision": "month",
        "binds_kinds": ["icb"],
        "asks_each": "y",
    }
    page = client.post("/milestones/new", data=form, follow_redirects=True).text
    assert "Due February 2027" in page
    duty = {
        "title": "Leap day return",
        "comes": "yearly",
        "month": "2",
        "day": "29",
        "date_kind": "announced",
        "binds_kinds": ["icb"],
        "asks_each": "y",
    }
    page = client.post("/milestones/duties/new", data=duty, follow_redirects=True).text
    assert "28 February 2027" in page
    assert "29 February 2028" in page


def test_the_coming_years_of_a_duty_follow_it_unless_somebody_changed_them(
    client: FlaskClient, session: Session, boards: list[Organisation]
) -> None:
    coming, later = _april(session, 2027), _april(session, 2028)
    later.title = "The last of its kind"
    session.commit()
    duty = session.scalars(select(MilestoneSeries).where(MilestoneSeries.code == "R01")).one()
    form = {
        "title": "Joint forward plan",
        "comes": "yearly",
        "month": "4",
        "day": "1",
        "date_kind": "statutory",
        "binds_kinds": ["icb"],
        "document_type_id": str(duty.document_type_id),
        "asks_each": "y",
    }
    client.post(f"/milestones/duties/{duty.id}/edit", data=form)
    session.expire_all()
    assert coming.title == "Joint forward plan, 2027"
    assert later.title == "The last of its kind"
    refused = client.post(f"/milestones/duties/{duty.id}/edit", data={**form, "day": "2"}).text
    assert "Its coming years are laid out" in refused
    client.post(f"/milestones/duties/{duty.id}/edit", data={**form, "ended_on": "2027-12-31"})
    session.expire_all()
    assert later.cancelled_why == "The duty ended on 31 December 2027."
    assert coming.cancelled_on is None


def test_the_page_of_a_board_shows_its_milestones_and_documents(
    client: FlaskClient, session: Session, boards: list[Organisation]
) -> None:
    april = _april(session)
    _mark(client, april, [boards[0]])
    _plan(session, boards[0], date(2026, 3, 30))
    page = client.get(f"/organisations/{boards[0].id}").text
    assert "Met on time" in page
    assert "Outstanding" in page
    assert "Plan</a>" in page


def test_who_only_reads_is_offered_no_marking(
    client: FlaskClient,
    session: Session,
    boards: list[Organisation],
    sign_in: Callable[..., FlaskClient],
) -> None:
    reader = sign_in(make_user(session, permissions=(Permission.VIEW,)))
    page = reader.get(f"/milestones/{_april(session).id}").text
    assert "Mark several at once" not in page
    assert "Give it another date" not in page


def _page(client: FlaskClient, milestone: Milestone) -> str:
    return client.get(f"/milestones/{milestone.id}").text


def _mark(client: FlaskClient, milestone: Milestone, boards: list[Organisation]) -> None:
    form = {
        "state": "met",
        "met_on": "2026-03-28",
        "note": "Their page",
        "ids": [str(board.id) for board in boards],
        "confirmed": "1",
    }
    assert client.post(f"/milestones/{milestone.id}/mark", data=form).status_code == 302


@pytest.mark.usefixtures("boards")
def test_what_is_not_yet_due_is_nobodys_fault(session: Session, client: FlaskClient) -> None:
    gone, to_come = _april(session, clock.today().year - 1), _april(session, clock.today().year + 1)

    for milestone, look in ((gone, "bad"), (to_come, "none")):
        table = client.get(f"/milestones/{milestone.id}").text.split('id="bodies"')[-1]
        assert set(re.findall(r'class="pill ([a-z]+)"[^>]*>\s*Outstanding', table)) == {look}


@pytest.mark.usefixtures("boards")
def test_the_page_accuses_no_department_over_a_date_that_we_assumed(
    client: FlaskClient, session: Session
) -> None:
    make_organisation(session, "Department", kind=OrganisationKind.GOVERNMENT_DEPARTMENT)
    session.commit()
    watch = session.scalars(
        select(Milestone).join(MilestoneSeries).where(MilestoneSeries.code == "R08")
    ).first()
    assert watch
    said = "othing is recorded yet of the department; the date is one that we expect"
    page = client.get(f"/milestones/{watch.id}").text
    assert said in page
    assert "has not met it" not in page
    assert said in client.get("/milestones").text
