"""The pages of workstreams."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import MemberOrganisation, Permission, User
from app.accounts.visibility import Visibility
from app.directory.models import OrganisationKind
from app.workstreams import services
from app.workstreams.models import (
    DatePrecision,
    Workstream,
    WorkstreamDate,
    WorkstreamPaper,
)
from app.workstreams.services import WorkstreamDetails
from tests.conftest import CountStatements
from tests.factories import TODAY, make_organisation, make_user
from tests.overview.briefed import make_contact, make_promise

SignIn = Callable[[User], FlaskClient]


def begin(session: Session) -> Workstream:
    made = services.add(session, WorkstreamDetails("Consistent identifier"))
    session.commit()
    return made


def test_a_strand_is_begun_changed_closed_and_opened_again(
    session: Session, client: FlaskClient
) -> None:
    dfe = make_organisation(
        session, "Department for Education", kind=OrganisationKind.GOVERNMENT_DEPARTMENT
    )
    make_organisation(session, "Sample Hospice Group", kind=OrganisationKind.VCSE)
    session.commit()
    form = {"name": "Child information-sharing report", "purpose": "A **report**.", "owner_id": ""}
    assert "Department for Education" in client.get("/workstreams/new").text

    answer = client.post("/workstreams/new", data={**form, "bodies": str(dfe.id)})
    strand = session.scalars(select(Workstream)).one()
    assert answer.location == f"/workstreams/{strand.id}"
    form["name"], form["further"] = "Information sharing", "hospice"
    client.post(f"/workstreams/{strand.id}/edit", data={**form, "bodies": str(dfe.id)})
    client.post(f"/workstreams/{strand.id}/close")
    page = client.get(f"/workstreams/{strand.id}").text
    for words in (
        "Information sharing",
        "<strong>report</strong>",
        "Sample Hospice Group",
        "Department for Education",
        "closed on",
    ):
        assert words in page
    client.post(f"/workstreams/{strand.id}/reopen")
    assert "closed on" not in client.get(f"/workstreams/{strand.id}").text
    assert "Information sharing" in client.get("/workstreams?format=csv").text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "  ", "Enter a name"),
        ("name", "consistent IDENTIFIER", "There is a workstream of this name already"),
        ("name", "x" * 121, "Keep this to 120 characters"),
        ("further", "Nowhere at all", "No body of this name is known"),
        ("further", "Sample", "Several bodies are called so"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    session: Session, client: FlaskClient, field: str, value: str, said: str
) -> None:
    begin(session)
    make_organisation(session, "Sample A")
    make_organisation(session, "Sample B")
    session.commit()
    form = {"name": "Another", "purpose": "Kept words", "owner_id": "", field: value}
    page = client.post("/workstreams/new", data=form).text
    assert said in page
    assert "Kept words" in page
    assert len(session.scalars(select(Workstream)).all()) == 1


@pytest.mark.date_sensitive
def test_papers_and_dates_come_change_and_go(session: Session, client: FlaskClient) -> None:
    strand = begin(session)
    make_organisation(session, "DHSC")
    session.commit()
    base = f"/workstreams/{strand.id}"
    paper = {
        "title": "Report to Parliament",
        "publisher": "dhsc",
        "published_on": "2026-07-01",
        "link": "https://example.org/report",
    }
    refused = client.post(f"{base}/papers/new", data={**paper, "link": "javascript:alert(1)"})
    assert "Enter the whole address" in refused.text
    client.post(f"{base}/papers/new", data=paper)
    year = TODAY.year + 1
    when = {
        "what": "Next report",
        "falls_on": f"{year}-04-19",
        "precision": "season",
        "source": "x",
    }
    refused = client.post(f"{base}/dates/new", data={**when, "falls_on": "soon"})
    assert "Enter a date, such as 31 March 2026" in refused.text
    client.post(f"{base}/dates/new", data=when)
    page = client.get(base).text
    assert 'href="https://example.org/report"' in page
    assert f"Spring {year}" in page
    kept = session.scalars(select(WorkstreamPaper)).one()
    one = session.scalars(select(WorkstreamDate)).one()
    client.post(f"/workstreams/papers/{kept.id}/edit", data={**paper, "title": "The report"})
    client.post(f"/workstreams/dates/{one.id}/edit", data={**when, "precision": "month"})
    page = client.get(base).text
    assert "The report" in page
    assert f"April {year}" in page
    client.post(f"/delete/workstream_paper/{kept.id}")
    client.post(f"/delete/workstream_date/{one.id}")
    client.get(base)  # says that they were deleted
    page = client.get(base).text
    assert "The report" not in page
    assert f"April {year}" not in page
    assert "The report" in client.get(f"/history/workstream/{strand.id}").text


def test_a_meeting_is_added_from_either_side_and_its_promises_come_along(
    session: Session, client: FlaskClient
) -> None:
    by, body, strand = make_user(session), make_organisation(session), begin(session)
    meeting = make_contact(session, body, by, subject="Talk at the department")
    make_promise(session, body, by, "Share the draft", interaction=meeting)
    alone = make_promise(session, body, by, "Send the pack")
    session.commit()
    base = f"/workstreams/{strand.id}"
    assert "Talk at the department" in client.get(f"{base}/add?q=talk").text
    assert "Talk at the department" not in client.get(f"{base}/add?q=nothing+like+it").text

    entry = f"/interactions/{meeting.id}"
    client.post(f"{entry}/workstreams", data={"workstream": strand.id, "next": entry})
    client.post(f"{base}/promises/{alone.id}/add")

    assert "Consistent identifier" in client.get(entry).text
    for path in ("", "/promises", "/promises?format=csv"):
        page = client.get(base + path).text
        assert "Share the draft" in page
        assert "Send the pack" in page
    for path in ("", "/meetings", "/meetings?format=csv"):
        assert "Talk at the department" in client.get(base + path).text
    client.post(f"{base}/meetings/{meeting.id}/remove")
    client.post(f"{base}/promises/{alone.id}/remove")
    assert "Talk at the department" not in client.get(base).text
    client.post(f"{base}/meetings/{meeting.id}/add")
    assert "Talk at the department" in client.get(base).text
    assert client.post(f"{entry}/workstreams", data={}).status_code == 302


@pytest.mark.parametrize("visible_to", [Visibility.AUTHOR, Visibility.MEMBER])
def test_what_a_reader_may_not_read_is_on_no_page_list_count_or_history_of_a_strand(
    session: Session, sign_in: SignIn, visible_to: Visibility
) -> None:
    author, reader = make_user(session, "Ann Author"), make_user(session, "Rea Reader")
    elsewhere = MemberOrganisation(name="Another Charity")
    session.add(elsewhere)
    session.flush()
    reader.member_organisation_id = elsewhere.id
    body, strand = make_organisation(session), begin(session)
    hidden = make_contact(session, body, author, subject="Hush talk", visible_to=visible_to)
    kept = make_promise(session, body, author, "Hush promise", visible_to=visible_to)
    make_promise(session, body, author, "Hush point", interaction=hidden)
    services.put_meeting(session, strand, hidden)
    services.put_promise(session, strand, kept)
    session.commit()
    other, base = sign_in(reader), f"/workstreams/{strand.id}"

    for path in ("", "/meetings", "/promises", "/add", "/meetings?format=csv", "/add?q=Hu"):
        assert "Hush" not in other.get(base + path).text, path
    assert "0 promises" in other.get(base).text
    assert "Hush" not in other.get(f"/history/workstream/{strand.id}").text
    assert "Hush talk" in sign_in(author).get(base).text
    for act in ("add", "remove"):
        assert other.post(f"{base}/meetings/{hidden.id}/{act}").status_code == 404
        assert other.post(f"{base}/promises/{kept.id}/{act}").status_code == 404
    form = {"workstream": strand.id}
    assert other.post(f"/interactions/{hidden.id}/workstreams", data=form).status_code == 404


def test_whoever_only_reads_is_offered_no_buttons(session: Session, sign_in: SignIn) -> None:
    strand = begin(session)
    reader = sign_in(make_user(session, permissions=(Permission.VIEW,)))
    page = reader.get(f"/workstreams/{strand.id}").text
    for words in ("Add a paper", "Add a date", f"{strand.id}/close", "Add to the workstream"):
        assert words not in page


def test_its_page_takes_as_many_statements_for_much_as_for_little(
    session: Session, client: FlaskClient, count_statements: CountStatements
) -> None:
    by, body, strand = make_user(session), make_organisation(session), begin(session)

    def add(count: int) -> None:
        for number in range(count):
            meeting = make_contact(session, body, by, days_ago=number)
            make_promise(session, body, by, f"Promise {number}", interaction=meeting)
            services.put_meeting(session, strand, meeting)
        session.commit()

    def asked() -> int:
        with count_statements() as statements:
            client.get(f"/workstreams/{strand.id}")
        return len(statements)

    add(2)
    client.get("/people")
    before = asked()
    add(30)
    assert asked() == before


@pytest.mark.date_sensitive
def test_the_list_names_the_date_of_each_strand_that_comes_next(
    session: Session, client: FlaskClient
) -> None:
    report, quiet = begin(session), services.add(session, WorkstreamDetails("Quiet strand"))
    for what, falls_on, precision in (
        ("Long past", TODAY - timedelta(days=400), DatePrecision.DAY),
        ("This very month", TODAY.replace(day=1), DatePrecision.MONTH),
        ("Far ahead", TODAY + timedelta(days=400), DatePrecision.DAY),
    ):
        session.add(
            WorkstreamDate(
                workstream_id=report.id, what=what, falls_on=falls_on, precision=precision
            )
        )
    session.commit()

    page = client.get("/workstreams?sort=next").text
    csv = client.get("/workstreams?format=csv").text

    assert f"{TODAY:%B %Y}: This very month" in csv
    assert "This very month" in page
    assert "Long past" not in page + csv
    assert "Far ahead" not in page + csv
    assert page.index(report.name) < page.index(quiet.name)


@pytest.mark.date_sensitive
@pytest.mark.parametrize(
    ("falls_on", "precision", "lies_ahead"),
    [
        (date(2026, 11, 22), DatePrecision.DAY, True),
        (date(2026, 11, 21), DatePrecision.DAY, False),
        (date(2026, 11, 1), DatePrecision.MONTH, True),
        (date(2026, 10, 1), DatePrecision.MONTH, False),
        (date(2026, 9, 1), DatePrecision.SEASON, True),
        (date(2026, 6, 1), DatePrecision.SEASON, False),
    ],
)
def test_a_month_or_a_season_lies_ahead_until_it_is_over(
    session: Session, falls_on: date, precision: DatePrecision, lies_ahead: bool
) -> None:
    one = WorkstreamDate(
        workstream_id=begin(session).id, what="Report", falls_on=falls_on, precision=precision
    )
    session.add(one)
    session.flush()

    found = session.scalars(
        select(WorkstreamDate).where(WorkstreamDate.where_not_over(date(2026, 11, 22)))
    ).all()

    assert (one in found) is lies_ahead
