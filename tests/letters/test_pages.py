"""The pages from a template to a released mailing, as people use them without script."""

import io
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.accounts.models import Permission, User
from app.core.web.headers import MAIL_POLICY
from app.directory.models import PostState
from app.directory.services.posts import record_state
from app.letters.drafting import starter_templates
from app.letters.models import (
    Attachment,
    Letter,
    LetterState,
    LetterTemplate,
    Mailing,
    MailingState,
    Signatory,
    TemplateVersion,
)
from app.letters.recipients.audience import Audience, LeadState
from tests.factories import NOON, TODAY, make_person, make_post, make_user
from tests.letters.conftest import board, chair, lead, letters_of, unknown_lead
from tests.pages import form_on, press, send

SignIn = Callable[[User], FlaskClient]


def begun(session: Session, browser: FlaskClient) -> Mailing:
    """A mailing begun through the form; pressed twice, it is begun once."""
    starter_templates.load_starters(session, at=NOON)
    browser.post("/letters/signatories/new", data={"name": "Sam Signatory"})
    page = browser.get("/letters/mailings/new")
    token = re.search(r'name="form_token"[^>]* value="([^"]+)"', page.text)
    signatory = re.search(r'<option[^>]* value="(\d+)">Sam Signatory', page.text)
    assert token
    assert signatory
    form = {
        "name": "Offer, winter 2026",
        "template": session.scalars(select(LetterTemplate.id)).first(),
        "signatory": signatory[1],
        "cc_rule": "chair",
        "form_token": token[1],
    }
    answer = browser.post("/letters/mailings/new", data=form)
    assert answer.status_code == 302
    assert browser.post("/letters/mailings/new", data=form).location == answer.location
    return session.scalars(select(Mailing)).one()


def test_the_first_step_shows_the_words_and_offers_a_name_for_the_mailing(
    session: Session, client: FlaskClient
) -> None:
    starter_templates.load_starters(session, at=NOON)
    chaser = session.scalars(select(LetterTemplate).where(LetterTemplate.name == "Chaser")).one()
    session.commit()

    page = client.get(f"/letters/mailings/new?template={chaser.id}").text

    name = re.search(r'name="name"[^>]* value="([^"]+)"', page)
    assert name
    assert re.fullmatch(r"Chaser, [A-Z][a-z]+ \d{4}", name[1])
    assert f'data-shown-when="template={chaser.id}" open' in page
    assert "We haven’t heard back, and know how busy you are." in " ".join(page.split())


def test_a_name_that_was_offered_follows_the_template_that_is_chosen(
    session: Session, client: FlaskClient
) -> None:
    starter_templates.load_starters(session, at=NOON)
    client.post("/letters/signatories/new", data={"name": "Sam Signatory"})
    first, second = session.scalars(select(LetterTemplate).order_by(LetterTemplate.id).limit(2))
    page = client.get("/letters/mailings/new").text
    offered = re.search(r'name="name"[^>]* value="([^"]+)"', page)
    signatory = re.search(r'<option[^>]* value="(\d+)">Sam Signatory', page)
    assert offered
    assert signatory
    assert offered[1].startswith(first.name)

    client.post(
        "/letters/mailings/new",
        data={
            "name": offered[1],
            "template": second.id,
            "signatory": signatory[1],
            "cc_rule": "chair",
            "form_token": "once",
        },
    )

    assert session.scalars(select(Mailing.name)).one().startswith(second.name)


def three_boards(session: Session) -> None:
    for name in ("Ashire", "Bshire"):
        here = board(session, name)
        lead(session, here, make_person(session, name, title="Dr"))
        chair(session, here)
    unknown_lead(session, "Cshire").office_email = "office@example.org"


CHOICE = {"how": "posts", "post_type": "children", "kind": "icb", "lead_state": "all"}


def test_the_whole_way_from_a_template_to_a_released_mailing(
    session: Session, sign_in: SignIn
) -> None:
    three_boards(session)
    author = make_user(session, "Ada", permissions=(Permission.VIEW, Permission.COORDINATE))
    approver = make_user(session, "Ben", permissions=(Permission.VIEW, Permission.APPROVE))
    browser = sign_in(author)
    mailing = begun(session, browser)
    where = f"/letters/mailings/{mailing.id}"

    browser.get(f"{where}/choose")
    page = browser.post(f"{where}/choose", data=CHOICE, follow_redirects=True)
    assert "3 letters to 3 people at 3 boards" in page.text
    assert "1 letter goes to a post with nobody named in it" in page.text
    assert "Letter 1 of 3" in page.text
    assert "<mark>Dear Dr Ashire</mark>" in page.text
    assert "Ask for approval of" not in page.text, "not before a test"

    letter = letters_of(session, mailing)[0]
    page = press(browser, where, "/test", letter=letter.id)
    assert "You have tested these very words" in page.text
    assert "Ask for approval of 3 letters" in page.text
    page = press(browser, where, "/ask")
    assert "Waiting for a second person" in page.text
    assert "Approve and release 3" not in page.text
    assert browser.post(f"{where}/send-back").status_code == 403
    browser.post(f"{where}/release")
    session.expire_all()
    assert session.get_one(Mailing, mailing.id).state is MailingState.AWAITING_APPROVAL

    other = sign_in(approver)
    assert "1 mailing waits for your approval" in other.get("/letters/").text
    assert "Approve and release 3 letters" in other.get(f"{where}/check").text
    release = form_on(other, where, "/release")
    send(other, release)
    assert "On hold until" in send(other, release).text, "a second press shows it released"
    session.expire_all()
    assert session.get_one(Mailing, mailing.id).state is MailingState.HOLDING
    assert {one.state for one in letters_of(session, mailing)} == {LetterState.QUEUED}


def test_a_letter_is_shown_exactly_as_it_will_go_in_a_frame_that_runs_nothing(
    session: Session, client: FlaskClient
) -> None:
    three_boards(session)
    mailing = begun(session, client)
    where = f"/letters/mailings/{mailing.id}"
    client.post(f"{where}/choose", data=CHOICE)
    letter = letters_of(session, mailing)[0]
    for view in ("html", "text", "table", "nonsense"):
        assert "Letter 1 of 3" in client.get(f"{where}/check?view={view}").text
    assert 'sandbox src="' in client.get(f"{where}/check?view=html").text
    frame = client.get(
        f"{where}/letters/{letter.id}/as-sent",
        headers={"HX-Request": "true"},  # a whole mail, not one of our pages
    )
    assert frame.text == letter.html
    assert frame.headers["Content-Security-Policy"] == MAIL_POLICY


def test_the_starters_are_drafts_that_make_letters_and_load_once(
    session: Session, client: FlaskClient
) -> None:
    assert starter_templates.load_starters(session, at=NOON) == 5
    assert starter_templates.load_starters(session, at=NOON) == 0
    session.commit()
    page = client.get("/letters/templates")
    assert page.text.count(">Draft<") == 5
    for template in session.scalars(select(LetterTemplate)):
        shown = client.get(f"/letters/templates/{template.id}")
        assert "Dear Dr Sample" in shown.text
        assert "to put right" not in shown.text


def test_an_edit_makes_a_version_and_the_page_shows_what_changed(
    session: Session, client: FlaskClient
) -> None:
    starter_templates.load_starters(session, at=NOON)
    session.commit()
    template = session.scalars(select(LetterTemplate)).first()
    assert template
    data = {"name": "Mine", "purpose": "x", "subject": "Hello", "body": "((salutation)),\n\nNew"}
    page = client.post(f"/letters/templates/{template.id}/edit", data=data, follow_redirects=True)
    assert "Version 2" in page.text
    assert "<ins>" in page.text
    assert ">Draft<" not in client.get("/letters/templates").text.partition("Mine")[2][:60]
    again = client.post(f"/letters/templates/{template.id}/edit", data=data)
    assert again.status_code == 302
    numbers = session.scalars(
        select(TemplateVersion.number).where(TemplateVersion.template_id == template.id)
    ).all()
    assert sorted(numbers) == [1, 2], "the same words make no new version"


def test_a_wrong_field_is_named_beside_the_letter_and_nothing_is_lost(
    session: Session, client: FlaskClient
) -> None:
    data = {"name": "N", "subject": "S ((bord))", "body": "Dear\n\n((famly nam))"}
    page = client.post("/letters/templates/new", data=data)
    assert "<title>Error: Write a template" in page.text
    assert "there is no field called “bord”. Did you mean ((board))?" in page.text
    assert (
        "Line 3: there is no field called “famly nam”. Did you mean ((family name))?" in page.text
    )
    assert "((famly nam))</textarea>" in page.text
    assert session.scalars(select(LetterTemplate)).first() is None


def test_a_gap_left_in_the_words_or_in_a_signature_is_said_at_once_and_nothing_is_lost(
    session: Session, client: FlaskClient
) -> None:
    data = {"name": "N", "subject": "For «Title»", "body": "Hello,\n\nto [INSERT BOARD]"}
    page = client.post("/letters/templates/new", data=data).text
    assert "“«Title»” is still to be filled in." in page
    assert "Line 3: “[INSERT BOARD]” is still to be filled in." in page
    assert "to [INSERT BOARD]</textarea>" in page
    preview = client.post(
        "/letters/templates/preview", data=data, headers={"HX-Request": "true"}
    ).text
    assert "Line 3: “[INSERT BOARD]” is still to be filled in." in preview
    assert session.scalars(select(LetterTemplate)).first() is None

    signing = {"name": "Sam Signatory", "job_title": "[JOB TITLE]", "organisation": "Our Group"}
    page = client.post("/letters/signatories/new", data=signing).text
    assert "“[JOB TITLE]” is still to be filled in." in page
    assert 'value="Our Group"' in page
    assert session.scalars(select(Signatory)).first() is None


def test_words_from_before_gaps_were_looked_for_can_still_be_read_copied_and_mended(
    session: Session, client: FlaskClient
) -> None:
    starter_templates.load_starters(session, at=NOON)
    old = session.scalars(select(TemplateVersion).order_by(TemplateVersion.id)).first()
    assert old
    old.body = "((salutation)),\n\nOn XX/XX/2026\n"
    session.commit()
    assert "Line 3: “XX/XX/2026”" in client.get(f"/letters/templates/{old.template_id}").text
    assert client.get("/letters/mailings/new").status_code == 200
    copied = client.post(
        f"/letters/templates/{old.template_id}/duplicate", follow_redirects=True
    ).text
    assert "Line 3: “XX/XX/2026” is still to be filled in." in copied


def test_the_preview_shows_the_letter_and_warns_of_a_new_field(
    session: Session, client: FlaskClient
) -> None:
    starter_templates.load_starters(session, at=NOON)
    session.commit()
    template = session.scalars(select(LetterTemplate)).first()
    assert template
    data = {
        "subject": "Hello ((system))",
        "body": "((salutation)), ((post nominals)) <script>x</script>",
        "reader": "sample",
    }
    part = client.post(
        f"/letters/templates/preview?template={template.id}",
        data=data,
        headers={"HX-Request": "true"},
    )
    assert "<mark>Dear Dr Sample</mark>" in part.text
    assert "&lt;script&gt;x" in part.text
    assert "New field in this edit: post nominals" in part.text
    whole = client.post(
        f"/letters/templates/{template.id}/edit", data={**data, "name": "N", "act": "preview"}
    )
    assert "<mark>Dear Dr Sample</mark>" in whole.text
    office = client.post(
        "/letters/templates/preview",
        data={**data, "reader": "sample-office"},
        headers={"HX-Request": "true"},
    )
    assert "<mark>Dear Executive Lead</mark>" in office.text
    assert "Blank for this reader: post nominals" in office.text


def test_a_template_is_duplicated_archived_and_brought_back(
    session: Session, client: FlaskClient
) -> None:
    starter_templates.load_starters(session, at=NOON)
    session.commit()
    template = session.scalars(select(LetterTemplate)).first()
    assert template
    for _ in range(2):
        assert client.post(f"/letters/templates/{template.id}/duplicate").status_code == 302
    names = set(session.scalars(select(LetterTemplate.name)))
    assert {f"{template.name} (copy)", f"{template.name} (copy 2)"} <= names
    client.post(f"/letters/templates/{template.id}/archive")
    assert template.name in client.get("/letters/templates?show=archived").text
    client.post(f"/letters/templates/{template.id}/archive", data={"act": "bring back"})
    assert "Nothing is archived" in client.get("/letters/templates?show=archived").text


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (("page.html", b"<b>x</b>"), "is not a kind of file we attach"),
        (("picture.svg", b"<svg/>"), "is not a kind of file we attach"),
        (("fake.pdf", b"MZ"), "is not a usable pdf file"),
        (("fake.docx", b"PK\x03\x04"), "is not a usable docx file"),
        (("empty.txt", b""), "is empty"),
        (("", b"x"), "Choose a file first"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(
    session: Session,
    client: FlaskClient,
    begin: Callable[..., Mailing],
    file: tuple[str, bytes],
    said: str,
) -> None:
    mailing = begin()
    session.commit()
    page = client.post(
        f"/letters/mailings/{mailing.id}/attachments",
        data={"file": (io.BytesIO(file[1]), file[0])},
        follow_redirects=True,
    )
    assert said in page.text
    assert session.scalars(select(Attachment)).all() == []


def test_files_are_kept_under_plain_names_and_the_limit_is_said(
    session: Session, client: FlaskClient, begin: Callable[..., Mailing]
) -> None:
    mailing = begin()
    session.commit()
    where = f"/letters/mailings/{mailing.id}/attachments"
    for name in (
        "../../etc/Plän £5 – Ŵy.pdf",
        "a\u202efdp.pdf",
        "a\u202efdp.pdf",
        "x" * 300 + ".pdf",
    ):
        client.post(where, data={"file": (io.BytesIO(b"%PDF-1.7 x"), name)})
    kept = session.scalars(select(Attachment).order_by(Attachment.id)).all()
    assert [one.file_name for one in kept][:3] == ["Plän £5 – Ŵy.pdf", "afdp.pdf", "afdp (2).pdf"]
    assert len(kept[3].file_name) == 100
    big = io.BytesIO(b"%PDF-" + b"x" * (7168 * 1024))
    page = client.post(where, data={"file": (big, "big.pdf")}, follow_redirects=True)
    assert "would be larger than 7.0 MB together" in page.text
    client.post(f"{where}/{kept[0].id}/remove")
    assert len(session.scalars(select(Attachment.id)).all()) == 3


def test_a_row_with_a_problem_offers_no_way_to_ask_and_a_forged_ask_is_refused(
    session: Session, client: FlaskClient, begin: Callable[..., Mailing]
) -> None:
    lead(session, board(session), make_person(session, "", title="Dr"))
    mailing = begin()
    session.commit()
    page = client.post(f"/letters/mailings/{mailing.id}/check-again", follow_redirects=True)
    assert "1 row needs you" in page.text
    assert "Ask for approval of" not in page.text
    where = f"/letters/mailings/{mailing.id}"
    forged = form_on(client, where, "/test").carries
    page = client.post(f"{where}/ask", data=forged, follow_redirects=True)
    assert page.text.count("1 row needs you before this can be approved.") == 2
    press(client, f"{where}/check", "/decide", decision="leave out", reason="no name yet")
    session.expire_all()
    assert session.scalars(select(Letter)).one().state is LetterState.EXCLUDED


def test_a_vacant_post_is_counted_and_decided_on_the_check_page(
    session: Session, client: FlaskClient, begin: Callable[..., Mailing]
) -> None:
    for name in ("Ashire", "Bshire"):
        body = unknown_lead(session, name)
        body.office_email = f"{name}@example.org".lower()
    record_state(
        session,
        post=make_post(session, body),
        state=PostState.VACANT,
        observed_on=TODAY,
        source="",
        by=None,
        on=TODAY,
    )
    mailing = begin()
    session.commit()
    where = f"/letters/mailings/{mailing.id}"
    page = client.post(f"{where}/check-again", follow_redirects=True).text
    assert "2 letters go to a post with nobody named in it" in page
    assert "at Bshire is recorded as vacant. Leave this letter out, or write to" in page
    form = form_on(client, f"{where}/check", "/decide")
    assert form.carries["decision"] == "write to the office"
    refused = send(client, form, reason=" ").text
    assert "Say why, in a few words." in refused
    page = send(client, form, reason="the chair asked us to").text
    assert "is recorded as vacant. Leave" not in page
    assert "Written to anyway: the chair asked us to" in page


def test_many_boards_where_nobody_is_known_can_be_let_go_in_one_step(
    session: Session, client: FlaskClient, begin: Callable[..., Mailing]
) -> None:
    seats = [board(session), board(session)]
    lead(session, board(session))
    mailing = begin()
    session.commit()
    page = client.post(f"/letters/mailings/{mailing.id}/check-again", follow_redirects=True)
    assert f"{len(seats)} rows need you" in page.text
    assert "1 of 3 letters ready, to 1 person at 1 board" in page.text
    assert "</a>: 2 rows then move to “Left out, with reasons”." in page.text


def test_boards_passed_over_for_want_of_a_lead_are_named_to_author_and_approver(
    session: Session, sign_in: SignIn, begin: Callable[..., Mailing], client: FlaskClient
) -> None:
    lead(session, board(session, "Ashire"))
    unknown_lead(session, "Bshire").office_email = "office@example.org"
    chair(session, board(session, "Cshire"))
    author = make_user(session, "Ada", permissions=(Permission.VIEW, Permission.COORDINATE))
    approver = make_user(session, "Ben", permissions=(Permission.VIEW, Permission.APPROVE))
    mailing = begin(audience=Audience(lead_state=LeadState.KNOWN), by=author)
    session.commit()
    where = f"/letters/mailings/{mailing.id}"
    said = "No lead is known, and the writer chose not to write there."

    def sees(page: TestResponse) -> None:
        assert "1 letter to 1 person at 1 board" in page.text
        part = page.text.partition('id="left-out"')[2].partition("</section>")[0]
        assert "2 rows" in part
        assert part.count(said) == 2
        assert ">Bshire<" in part.replace("NHS ", "")
        assert ">Cshire<" in part.replace("NHS ", "")
        assert "Include" not in part
        assert "Take back in" not in part

    browser = sign_in(author)
    sees(browser.post(f"{where}/check-again", follow_redirects=True))
    (ready,) = [one for one in letters_of(session, mailing) if one.state is LetterState.READY]
    press(browser, where, "/test", letter=ready.id)
    press(browser, where, "/ask")
    other = sign_in(approver)
    sees(other.get(f"{where}/check"))
    press(other, where, "/release")
    session.expire_all()
    states = sorted(one.state.value for one in letters_of(session, mailing))
    assert states == ["excluded", "excluded", "queued"]
    assert said in other.get(where, follow_redirects=True).text


def test_a_mailing_with_nothing_ready_promises_no_letter(
    session: Session, client: FlaskClient, begin: Callable[..., Mailing]
) -> None:
    board(session)
    mailing = begin()
    session.commit()
    page = client.post(f"/letters/mailings/{mailing.id}/check-again", follow_redirects=True)
    assert "0 of 1 letter ready" in page.text
    assert "0 people" not in page.text


def test_a_viewer_reads_the_check_page_and_changes_nothing(
    session: Session, sign_in: SignIn, begin: Callable[..., Mailing], client: FlaskClient
) -> None:
    lead(session, board(session))
    mailing = begin()
    session.commit()
    client.post(f"/letters/mailings/{mailing.id}/check-again")
    viewer = sign_in(make_user(session, "Vic", permissions=(Permission.VIEW,)))
    page = viewer.get(f"/letters/mailings/{mailing.id}/check")
    assert "Letter 1 of 1" in page.text
    assert "Check again" not in page.text
    for act in ("check-again", "ask", "test", "withdraw", "send-back", "release"):
        assert viewer.post(f"/letters/mailings/{mailing.id}/{act}").status_code == 403


def test_the_check_page_costs_the_same_for_two_letters_and_for_twenty(
    session: Session,
    client: FlaskClient,
    begin: Callable[..., Mailing],
    count_statements: Callable[[], object],
) -> None:
    def cost(boards: int) -> int:
        for number in range(boards):
            lead(session, board(session, f"S{boards}-{number}"), make_person(session, f"L{number}"))
        mailing = begin()
        session.commit()
        client.post(f"/letters/mailings/{mailing.id}/check-again")
        session.expire_all()
        with count_statements() as statements:  # type: ignore[attr-defined]
            page = client.get(f"/letters/mailings/{mailing.id}/check")
        assert "Letter 1 of" in page.text
        return len(statements)

    assert cost(2) == cost(20) <= 30
