"""One document for a meeting with several bodies."""

import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy.orm import Session

from app.accounts.models import MemberOrganisation, User
from app.accounts.visibility import Visibility
from app.directory.models import Organisation
from app.interactions.models import (
    Interaction,
    InteractionPerson,
    InteractionUser,
    OutcomeKind,
    PromisedBy,
)
from app.interactions.queries import organisations_of
from app.overview.briefing import (
    TOGETHER_AT_MOST,
    Briefing,
    JointBriefing,
    is_joint,
    joint_briefing_of,
)
from tests.conftest import CountStatements
from tests.factories import (
    TODAY,
    make_appointment,
    make_organisation,
    make_person,
    make_sent_letter,
    make_system,
    make_user,
)
from tests.overview.briefed import (
    make_contact,
    make_follow_up,
    make_full_system,
    make_promise,
    meet,
    words_of,
)

SignIn = Callable[[User], FlaskClient]


def brief_on(session: Session, meeting: Interaction, reader: User) -> JointBriefing:
    named = organisations_of(session, meeting.id)
    return joint_briefing_of(session, meeting, named, reader=reader, on=TODAY)


def rows(part: Briefing | JointBriefing, heading: str) -> list[tuple[str, str, str]]:
    found = next(one for one in part.sections if one.heading == heading)
    return [(row.label, row.text, row.note) for row in found.rows]


def headings(part: Briefing | JointBriefing) -> list[str]:
    return [section.heading for section in part.sections]


def two_boards(session: Session) -> tuple[Organisation, Organisation]:
    return (
        make_organisation(session, "NHS One ICB", short_name="One ICB"),
        make_organisation(session, "NHS Two ICB", short_name="Two ICB"),
    )


@pytest.mark.date_sensitive
def test_what_is_open_with_any_of_the_bodies_stands_once_and_says_with_whom(
    session: Session,
) -> None:
    by = make_user(session)
    one, two = two_boards(session)
    other = make_organisation(session, short_name="Other ICB")
    meeting = meet(session, by, one, two)
    both = make_promise(session, one, by, "Share the plan", interaction=meeting)
    both.organisation_id = None  # a promise of the meeting: of all who were there
    make_promise(session, two, by, "Send the data", in_days=-2)
    make_promise(session, one, by, "Our evidence", side=PromisedBy.US)
    make_promise(session, two, by, "Who leads?", kind=OutcomeKind.QUESTION, in_days=None)
    make_promise(session, other, by, "Of somebody else")
    make_follow_up(session, one, by, "Ring the office")

    joint = brief_on(session, meeting, by)

    promised = rows(joint, "They promised")
    assert [text for _, text, _ in promised] == ["Send the data", "Share the plan"]
    assert "overdue, Two ICB, promised" in promised[0][2]
    assert "One ICB, Two ICB, promised" in promised[1][2]
    assert [text for _, text, _ in rows(joint, "We promised")] == ["Our evidence"]
    assert rows(joint, "To follow up")[0][2] == "One ICB, Sam Sample"
    assert rows(joint, "Open questions")[0][2] == "Two ICB"
    for part in joint.parts:
        assert not {"They promised", "We promised", "To follow up"} & set(headings(part))


@pytest.mark.date_sensitive
def test_each_body_has_a_part_with_what_its_own_briefing_says(session: Session) -> None:
    by = make_user(session)
    one, two = two_boards(session)
    make_appointment(session, person=make_person(session, "Leader"), organisation=two)
    make_sent_letter(session, one, subject="A letter to One")
    make_contact(session, two, by, subject="The time before")
    meeting = meet(session, by, one, two)

    joint = brief_on(session, meeting, by)

    assert [part.organisation for part in joint.parts] == [one, two]
    of_one, of_two = joint.parts
    assert rows(of_one, "Letters and replies")[0][1] == "A letter to One"
    assert "Leader" in rows(of_two, "Posts")[0][1]
    # The meeting itself is what the whole document is about.
    assert [text for _, text, _ in rows(of_two, "Last contacts")] == ["Meeting: The time before"]
    assert rows(of_one, "Last contacts") == []


@pytest.mark.date_sensitive
def test_who_attends_stands_under_the_body_they_come_from(session: Session) -> None:
    by = make_user(session)
    one, two = two_boards(session)
    _, board = make_system(session, "Third")
    of_both, guest = make_person(session, "Both"), make_person(session, "Guest")
    for body in (one, two):
        make_appointment(session, person=of_both, organisation=body)
    meeting = meet(session, by, one, two, board)
    meeting.others, meeting.agenda = "A note-taker\n", "# Agenda\n\n- Waiting times\n2. Any other"
    for person in (of_both, guest):
        session.add(InteractionPerson(interaction_id=meeting.id, person_id=person.id))
    session.add(InteractionUser(interaction_id=meeting.id, user_id=by.id))
    session.flush()

    joint = brief_on(session, meeting, by)

    assert [(label, text) for label, text, _ in rows(joint, "Attendees")] == [
        ("One ICB", of_both.name),
        (board.short_name, "Nobody is named yet"),
        ("Two ICB", of_both.name),
        ("Also", guest.name),
        ("", "A note-taker"),
    ]
    assert ("From us", "Sam Sample") in joint.head.facts
    agenda = ["Agenda", "Waiting times", "2. Any other"]
    assert [text for _, text, _ in rows(joint, "Agenda")] == agenda


def test_a_board_whose_system_is_there_too_has_no_part_beside_it(session: Session) -> None:
    by = make_user(session)
    system, board = make_system(session, "Sample")
    other = make_organisation(session, short_name="Other ICB")
    meeting = meet(session, by, system, board, other)
    joint = brief_on(session, meeting, by)
    assert {part.organisation.id for part in joint.parts} == {system.id, other.id}
    assert is_joint([system, board, other])
    assert not is_joint([system, board])
    assert not is_joint([other])
    assert not is_joint([other] * (TOGETHER_AT_MOST + 1))


def test_the_page_of_a_meeting_offers_one_document_for_all_of_its_bodies(
    session: Session, client: FlaskClient
) -> None:
    by = make_user(session)
    one, two = two_boards(session)
    several, alone = meet(session, by, one, two), meet(session, by, one, subject="Alone")
    session.commit()
    page = client.get(f"/interactions/{several.id}").text
    assert f'href="/interactions/{several.id}/briefing"' in page
    assert f'href="/organisations/{two.id}/briefing"' in page
    assert "/briefing" in client.get(f"/interactions/{alone.id}").text
    assert f"/interactions/{alone.id}/briefing" not in client.get(f"/interactions/{alone.id}").text
    assert "Briefing: Two boards" in client.get(f"/interactions/{several.id}/briefing").text


def test_a_meeting_with_very_many_bodies_has_a_briefing_for_each_and_none_for_all(
    session: Session, client: FlaskClient
) -> None:
    by = make_user(session)
    names = [f"Board {number}" for number in range(TOGETHER_AT_MOST + 1)]
    many = meet(session, by, *[make_organisation(session, short_name=name) for name in names])
    session.commit()
    page = client.get(f"/interactions/{many.id}").text
    assert page.count("Briefing on Board") == TOGETHER_AT_MOST + 1
    assert "Briefing on all of them" not in page
    for path in ("briefing", "briefing.pdf"):
        assert client.get(f"/interactions/{many.id}/{path}").status_code == 404


def test_what_a_reader_may_not_read_is_in_no_document_on_several_bodies(
    session: Session, sign_in: SignIn
) -> None:
    author, reader = make_user(session, "Ann Author"), make_user(session, "Rea Reader")
    elsewhere = MemberOrganisation(name="Another Charity")
    session.add(elsewhere)
    session.flush()
    reader.member_organisation_id = elsewhere.id
    one, two = two_boards(session)
    for visible_to in (Visibility.AUTHOR, Visibility.MEMBER):
        hidden = meet(session, author, one, two, subject="Hush hush", visible_to=visible_to)
        make_promise(session, two, author, "Hush promise", visible_to=visible_to)
        make_promise(session, one, author, "Hush point", interaction=hidden)
        of_all = make_promise(session, one, author, "Hush of all", interaction=hidden)
        of_all.organisation_id = None
        make_promise(
            session, one, author, "Hush why", interaction=hidden, kind=OutcomeKind.QUESTION
        )
        make_follow_up(session, two, author, "Hush task", visible_to=visible_to)
        make_follow_up(
            session, two, author, "Hush step", record_kind="interaction", record_id=hidden.id
        )
    meeting = meet(session, author, one, two, subject="For everybody")
    session.commit()

    for path in ("briefing", "briefing.pdf"):
        for who in (reader, author):
            answer = sign_in(who).get(f"/interactions/{meeting.id}/{path}")
            shown = answer.text if path == "briefing" else words_of(answer.data)
            assert "For everybody" in shown
            assert ("Hush" in shown) is (who is author), (path, who.name)
        assert sign_in(reader).get(f"/interactions/{hidden.id}/{path}").status_code == 404
    assert sign_in(author).get("/interactions/999999/briefing").status_code == 404


def test_a_download_is_recorded_by_the_bodies_and_not_by_the_meeting(
    session: Session, client: FlaskClient
) -> None:
    one, two = two_boards(session)
    meeting = meet(session, make_user(session), one, two, subject="Hush hush")
    session.commit()
    answer = client.get(f"/interactions/{meeting.id}/briefing.pdf")
    assert "briefing-one-icb-two-icb-" in answer.headers["Content-Disposition"]
    exports = client.get("/history").text
    assert "Briefing on One ICB, Two ICB, PDF" in exports
    assert "Hush hush, PDF" not in exports


@pytest.mark.parametrize("words", [8, 40])
def test_each_part_of_the_pdf_is_one_page_at_most(
    session: Session, client: FlaskClient, words: int
) -> None:
    by = make_user(session)
    full = make_full_system(session, by, words=words)
    one, two = two_boards(session)
    meeting = meet(session, by, full, one, two)
    session.commit()

    pages = PdfReader(io.BytesIO(client.get(f"/interactions/{meeting.id}/briefing.pdf").data)).pages
    said = [" ".join(page.extract_text().split()) for page in pages]

    assert 2 <= len(said) <= 3  # what is short shares a page
    assert "They promised" in said[0]
    assert "Page 2 of" in said[1]
    (of_full,) = (page for page in said if f"{full.name} What it is" in page)
    for wanted in ("Posts", "What we offered", "Last contacts", "Letters and replies", "Letter 0"):
        assert wanted in of_full[of_full.index(full.name) :], wanted
    assert any("NHS Two ICB What it is" in page for page in said)


def test_it_takes_as_many_statements_for_much_as_for_little(
    session: Session, client: FlaskClient, count_statements: CountStatements
) -> None:
    by = make_user(session)
    bodies = two_boards(session)
    meeting = meet(session, by, *bodies)
    session.commit()
    client.get("/people")  # whoever asks is known from here on

    def asked() -> int:
        with count_statements() as statements:
            assert client.get(f"/interactions/{meeting.id}/briefing").status_code == 200
        return len(statements)

    for body in bodies:
        make_sent_letter(session, body)
        make_promise(session, body, by, "First", interaction=meeting)
        make_follow_up(session, body, by, "First")
    session.commit()
    before = asked()
    for number in range(20):
        for body in bodies:
            make_contact(session, body, by, days_ago=number)
            make_follow_up(session, body, by, f"Task {number}")
            make_promise(session, body, by, f"Promise {number}", interaction=meeting)
            person = make_person(session, f"Sample{number}{body.short_name[0]}")
            make_appointment(session, person=person, organisation=body)
            session.add(InteractionPerson(interaction_id=meeting.id, person_id=person.id))
    session.commit()
    assert asked() == before
