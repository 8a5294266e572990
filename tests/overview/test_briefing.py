"""The briefing: what it chooses, what it keeps from whom, and its PDF."""

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from pypdfium2 import PdfDocument
from sqlalchemy.orm import Session

from app.accounts.models import MemberOrganisation, User
from app.accounts.visibility import Visibility
from app.core.mail import caught
from app.core.web.filters import cut, short_day
from app.followups.models import FollowUpState
from app.interactions.models import OutcomeKind, PointState, PromisedBy
from app.overview.briefing import Briefing, briefing_of
from app.overview.briefing_fit import (
    PDF,
    SCREEN,
    BriefingRow,
    BriefingSection,
    Head,
    Paper,
    fitted,
)
from tests.conftest import CountStatements
from tests.factories import (
    NOON,
    TODAY,
    make_appointment,
    make_organisation,
    make_person,
    make_sent_letter,
    make_succession,
    make_system,
    make_user,
)
from tests.overview.briefed import (
    make_contact,
    make_follow_up,
    make_full_system,
    make_promise,
    words_of,
)

YESTERDAY = TODAY - timedelta(days=1)

SignIn = Callable[[User], FlaskClient]


def texts(briefing: Briefing, heading: str) -> list[str]:
    section = next(one for one in briefing.sections if one.heading == heading)
    return [row.text for row in section.rows]


def section(heading: str, *texts: str, least: int = 2) -> BriefingSection:
    rows = tuple(BriefingRow("1 Nov 2026", text) for text in texts)
    return BriefingSection(heading, rows, least, "Nothing.")


def height(sections: Sequence[BriefingSection], paper: Paper) -> float:
    """As `fitted` reckons it."""
    rows = [(part, row) for part in sections for row in part.rows]
    lines = sum(part.lines(row, paper) for part, row in rows)
    plain = sum((not part.rows) + (part.more > 0) for part in sections)
    return (
        len(sections) * paper.heading
        + lines * paper.line
        + len(rows) * paper.between
        + plain * paper.plain
    )


@pytest.mark.parametrize("paper", [SCREEN, PDF])
def test_every_part_keeps_its_least_and_says_how_many_more_there_are(paper: Paper) -> None:
    many, few = section("Many", *["x"] * 100), section("Few", *["x"] * 4, least=4)
    room = 2 * paper.heading + 9 * (paper.line + paper.between) + paper.plain + 1
    shown = fitted([many, few], paper, room)
    assert [len(one.rows) for one in shown] == [5, 4]
    assert [one.more for one in shown] == [95, 0]


@pytest.mark.parametrize("paper", [SCREEN, PDF])
@pytest.mark.parametrize("room", range(170, 700, 37))
def test_more_lines_are_shown_as_long_as_there_is_room_and_never_beyond_it(
    paper: Paper, room: int
) -> None:
    parts = [
        section("Short", *["x"] * 50),
        section("Long", *["word " * 40] * 50),
        section("None"),
    ]
    shown = fitted(parts, paper, room)
    left = room - height(shown, paper)
    assert 0 <= left < paper.line + paper.between


def test_what_was_not_read_is_counted_among_what_is_not_shown() -> None:
    (shown,) = fitted([replace(section("Read", "x", "x"), more=7)], PDF, 500)
    assert (len(shown.rows), shown.more_words) == (2, "and 7 more")


def test_a_text_takes_the_lines_that_its_letters_need() -> None:
    narrow, wide = "ill " * 40, "WOW " * 40
    for paper in (SCREEN, PDF):
        assert paper.face.lines(narrow, 400) < paper.face.lines(wide, 400)
        assert paper.face.lines("", 400) == 1
        assert paper.face.lines("x" * 400, 400) >= 4  # an address without a space
        assert paper.face.width("Dŵr") == paper.face.width("Dwr")
        assert paper.face.width("子") >= paper.face.width("W")
    # The same words need more room in the widest type a machine may have.
    assert SCREEN.face.width("considerations") > PDF.face.width("considerations")


def test_a_page_with_a_long_name_has_less_room_below_it() -> None:
    for paper in (SCREEN, PDF):
        short = Head("Briefing: Devon", "NHS Devon", (("What it is", "A board"),))
        assert short.taken(paper) == paper.plain
        long = Head("Briefing: " + "Devon " * 20, "NHS Devon " * 20, short.facts)
        assert long.taken(paper) > short.taken(paper) + paper.plain


def test_a_text_is_cut_with_a_mark_and_stays_on_one_line() -> None:
    assert cut("One\n two", 20) == "One two"
    assert cut("a" * 30, 10) == "a" * 9 + "…"


@pytest.mark.date_sensitive
def test_open_promises_of_both_sides_stand_apart_and_the_overdue_first(session: Session) -> None:
    by = make_user(session)
    body = make_organisation(session)
    make_promise(session, body, by, "Later", in_days=30)
    make_promise(session, body, by, "Undated", in_days=None)
    make_promise(session, body, by, "Overdue", in_days=-3)
    make_promise(session, body, by, "Kept", state=PointState.KEPT)
    make_promise(session, body, by, "Ours", side=PromisedBy.US)
    briefing = briefing_of(session, body, reader=by, on=TODAY)
    assert texts(briefing, "They promised") == ["Overdue", "Later", "Undated"]
    assert texts(briefing, "We promised") == ["Ours"]


def test_what_a_reader_may_not_read_is_neither_shown_nor_counted(
    session: Session, sign_in: SignIn
) -> None:
    author, reader = make_user(session, "Ann Author"), make_user(session, "Rea Reader")
    elsewhere = MemberOrganisation(name="Another Charity")
    session.add(elsewhere)
    session.flush()
    reader.member_organisation_id = elsewhere.id
    body = make_organisation(session)
    for visible_to in (Visibility.AUTHOR, Visibility.MEMBER):
        hidden = make_contact(session, body, author, subject="Hush hush", visible_to=visible_to)
        make_promise(session, body, author, "Hush promise", visible_to=visible_to)
        # However a point came to be more open than its meeting, the meeting decides.
        make_promise(session, body, author, "Hush point", interaction=hidden)
        make_promise(
            session, body, author, "Hush why", interaction=hidden, kind=OutcomeKind.QUESTION
        )
        make_follow_up(session, body, author, "Hush task", visible_to=visible_to)
        make_follow_up(
            session, body, author, "Hush step", record_kind="interaction", record_id=hidden.id
        )
    session.commit()

    for path in ("briefing", "briefing.pdf"):
        answer = sign_in(reader).get(f"/organisations/{body.id}/{path}")
        shown = answer.text if path == "briefing" else words_of(answer.data)
        assert "Hush" not in shown
        assert "more" not in shown.replace("where there is more", "")
        answer = sign_in(author).get(f"/organisations/{body.id}/{path}")
        shown = answer.text if path == "briefing" else words_of(answer.data)
        assert shown.count("Hush hush") == 2


@pytest.mark.date_sensitive
def test_open_questions_and_what_else_is_to_be_done_stand_there_once(session: Session) -> None:
    by = make_user(session)
    body = make_organisation(session)
    ask, answered = OutcomeKind.QUESTION, PointState.KEPT
    make_promise(session, body, by, "Who holds safeguarding?", kind=ask, in_days=None)
    make_promise(session, body, by, "Answered", kind=ask, in_days=None, state=answered)
    make_follow_up(session, body, by, "Thank the office")
    make_follow_up(session, body, by, "Hear from them", waiting_on_them=True, due_on=YESTERDAY)
    make_follow_up(session, body, by, "Asleep", asleep_until=TODAY + timedelta(days=30))
    make_follow_up(session, body, by, "Done", state=FollowUpState.DONE, done_at=NOON)
    for kind in (OutcomeKind.COMMITMENT, ask):
        listed = make_follow_up(session, body, by, f"A {kind.value}")
        make_promise(session, body, by, f"A {kind.value}", kind=kind).follow_up_id = listed.id
    session.flush()

    briefing = briefing_of(session, body, reader=by, on=TODAY)

    assert texts(briefing, "Open questions") == ["A question", "Who holds safeguarding?"]
    assert texts(briefing, "They promised") == ["A commitment"]
    (to_do,) = (one for one in briefing.sections if one.heading == "To follow up")
    assert [(one.text, one.note, one.is_late) for one in to_do.rows] == [
        ("Hear from them", "overdue, waiting on them, Sam Sample", True),
        ("Thank the office", "Sam Sample", False),
    ]


def test_a_body_with_forty_open_promises_says_how_many_are_not_shown(session: Session) -> None:
    by = make_user(session)
    system = make_full_system(session, by)
    body = make_organisation(session)
    for number in range(40):
        for side in PromisedBy:
            make_promise(session, body, by, f"Promise {number}", side=side)

    briefing = briefing_of(session, body, reader=by, on=TODAY)
    (promised,) = (one for one in briefing.sections if one.heading == "They promised")

    assert len(promised.rows) + promised.more == 40
    assert promised.more > 0
    assert promised.more_words == f"and {promised.more} more"
    full = briefing_of(session, system, reader=by, on=TODAY).sections
    assert all(section.rows for section in full)


@pytest.mark.date_sensitive
def test_a_successor_is_briefed_on_what_happened_to_its_predecessor(session: Session) -> None:
    by = make_user(session)
    old, new = make_organisation(session, "Old ICB"), make_organisation(session, "New ICB")
    make_succession(session, old, new)
    make_promise(session, old, by, "A promise of before")
    make_sent_letter(session, old, subject="A letter of before")
    briefing = briefing_of(session, new, reader=by, on=TODAY)
    assert texts(briefing, "They promised") == ["A promise of before"]
    assert texts(briefing, "Letters and replies") == ["A letter of before"]


def test_a_letter_that_only_the_catcher_has_was_not_sent(session: Session) -> None:
    body = make_organisation(session)
    make_sent_letter(session, body).server_reply = caught.REPLY
    session.flush()
    briefing = briefing_of(session, body, reader=make_user(session), on=TODAY)
    assert texts(briefing, "Letters and replies") == []


@pytest.mark.date_sensitive
def test_a_body_of_which_nothing_is_known_has_a_briefing_that_says_so(
    session: Session, client: FlaskClient
) -> None:
    body = make_organisation(session)
    session.commit()
    page = client.get(f"/organisations/{body.id}/briefing").text
    assert "Nothing they promised is open." in page
    assert "No letter was sent." in page
    assert client.get("/organisations/999999/briefing").status_code == 404


def test_it_takes_as_many_statements_for_much_as_for_little(
    session: Session, client: FlaskClient, count_statements: CountStatements
) -> None:
    by = make_user(session)
    system = make_full_system(session, by)
    session.commit()
    client.get("/people")  # whoever asks is known from here on

    def asked() -> int:
        with count_statements() as statements:
            assert client.get(f"/organisations/{system.id}/briefing").status_code == 200
        return len(statements)

    before = asked()
    for number in range(20):
        make_contact(session, system, by, days_ago=number)
        make_follow_up(session, system, by, f"Task {number}")
        make_promise(session, system, by, f"Promise {number}")
    session.commit()
    assert asked() == before


@pytest.mark.parametrize("words", [3, 8, 20, 40])
def test_the_pdf_of_a_full_system_is_full_and_one_page(
    session: Session, client: FlaskClient, words: int
) -> None:
    by = make_user(session)
    system = make_full_system(session, by, words=words)
    for number in range(30):
        make_promise(session, system, by, f"Promise {number} " + "of words " * (number % 9))
    session.commit()
    pages = PdfDocument(client.get(f"/organisations/{system.id}/briefing.pdf").data)
    assert len(pages) == 1
    letters = pages[0].get_textpage()
    boxes = [letters.get_charbox(number) for number in range(letters.count_chars())]
    foot = 45  # points, in which the page says who printed it
    free = min(bottom for _, bottom, _, top in boxes if bottom > foot and top > bottom) - foot
    assert 0 <= free < 30, "of 762 points"


def test_names_of_any_length_leave_the_pdf_on_one_page(
    session: Session, client: FlaskClient
) -> None:
    by = make_user(session)
    body = make_organisation(session, "A Body of Many Words " * 9, short_name="Of Many Words " * 7)
    for number in range(60):
        make_promise(session, body, by, f"Promise {number} " + "of words " * (number % 9))
    session.commit()
    pdf = PdfReader(io.BytesIO(client.get(f"/organisations/{body.id}/briefing.pdf").data))
    assert len(pdf.pages) == 1


@pytest.mark.parametrize("words", [8, 40])
def test_the_pdf_of_a_full_system_is_one_tagged_page(
    session: Session, client: FlaskClient, words: int
) -> None:
    by = make_user(session)
    system = make_full_system(session, by, words=words)
    session.commit()
    answer = client.get(f"/organisations/{system.id}/briefing.pdf")
    assert answer.content_type == "application/pdf"
    assert "briefing-sampleshire-and-the-sample-isles-" in answer.headers["Content-Disposition"]
    pdf = PdfReader(io.BytesIO(answer.data))
    assert len(pdf.pages) == 1
    assert "/Marked': True" in str(pdf.root_object["/MarkInfo"])
    assert str(pdf.root_object["/Lang"]) == "en-GB"
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Briefing: Sampleshire and the Sample Isles"
    shown = words_of(answer.data)
    for wanted in (
        "Page 1 of 1",
        "Printed by Sam Sample",
        f"/organisations/{system.id}/briefing",
        "They promised",
        "We promised",
        "What we offered",
        "Last contacts",
        "Letters and replies",
        "Population: 1,701,655; 498,210 of them aged 0 to 24",
        f"checked on {short_day(TODAY)}, today",
        "overdue",
        " more",
        "Councils: Sample Borough Council 0; ",
        "; and 2 more",
        "Letter 0",
    ):
        assert wanted in shown, wanted


HOSTILE = '#read("/etc/passwd") #import "@preview/x:1.0.0" $x$ *a* _b_ `c` <d> @e \\ ]) "'


def test_whatever_people_wrote_is_printed_as_they_wrote_it(
    session: Session, client: FlaskClient
) -> None:
    by = make_user(session)
    body = make_organisation(session, short_name="#panic()")
    make_promise(session, body, by, HOSTILE)
    session.commit()
    shown = words_of(client.get(f"/organisations/{body.id}/briefing.pdf").data)
    assert " ".join(HOSTILE.split()) in shown
    assert "#panic()" in shown


def test_letters_of_other_alphabets_do_not_spoil_the_pdf(
    session: Session, client: FlaskClient
) -> None:
    by = make_user(session)
    body = make_organisation(session, "Bwrdd Iechyd Dŵr a Thŷ")
    make_promise(session, body, by, "Łódź, Ελλάδα, Москва, 子ども, 👶, \u202ereversed")
    session.commit()
    shown = words_of(client.get(f"/organisations/{body.id}/briefing.pdf").data)
    assert "Dŵr a Thŷ" in shown


def test_the_children_s_lead_can_be_reached_from_the_page(session: Session) -> None:
    system, board = make_system(session)
    person = make_person(session, "Sample", email="lead@example.org")
    person.phone = "01632 960123"
    make_appointment(session, person=person, organisation=board)
    session.commit()

    def posts() -> list[str]:
        page = briefing_of(session, system, reader=make_user(session), on=TODAY)
        section = next(one for one in page.sections if one.heading == "Posts")
        return [row.text for row in section.rows]

    reach = f"{person.name}: 01632 960123, lead@example.org"
    assert reach in posts()
    person.objected_on = TODAY
    session.commit()
    assert reach not in posts()
