"""Letters recorded by hand, and answers to them."""

from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.models import AuditSubject
from app.core import clock
from app.core.errors import DomainError
from app.directory.models import OrganisationKind
from app.followups.models import FollowUp
from app.letters.models import Letter, LetterAnswer, LetterFile, LetterKind, LetterState
from app.letters.tracking.external_letters import Scan, record_outside_letter
from app.letters.tracking.replies import record_answer
from app.overview.engagement import EngagementStep
from app.overview.status import standing_of
from tests.factories import (
    NOON,
    TODAY,
    make_organisation,
    make_person,
    make_sent_letter,
    make_system,
    make_user,
)

pytestmark = pytest.mark.date_sensitive
MONDAY = date(2026, 11, 16)


def test_an_answer_says_when_who_and_what(session: Session) -> None:
    letter = make_sent_letter(session, make_organisation(session), sent_on=MONDAY)
    user = make_user(session)
    answer = record_answer(
        session,
        letter=letter,
        answered_on=TODAY,
        answered_by=" the lead’s assistant ",
        said="They would like to meet.",
        by=user,
        at=NOON,
        today=TODAY,
    )

    assert session.scalars(select(LetterAnswer)).all() == [answer]
    assert (answer.answered_by, answer.recorded_by_id) == ("the lead’s assistant", user.id)
    assert session.query(AuditSubject).filter_by(kind="letter", record_id=letter.id).count() >= 2


@pytest.mark.parametrize(
    ("answered_on", "who", "sentence"),
    [
        (MONDAY - timedelta(days=1), "the lead", "went on 16 November 2026"),
        (TODAY + timedelta(days=1), "the lead", "today’s date or an earlier one"),
        (TODAY, "  ", "Say who answered"),
    ],
)
def test_an_impossible_answer_is_refused_with_a_sentence(
    session: Session, answered_on: date, who: str, sentence: str
) -> None:
    letter = make_sent_letter(session, make_organisation(session), sent_on=MONDAY)

    with pytest.raises(DomainError, match=sentence):
        record_answer(
            session,
            letter=letter,
            answered_on=answered_on,
            answered_by=who,
            said="",
            by=make_user(session),
            at=NOON,
            today=TODAY,
        )


@pytest.mark.parametrize("answered_on", [MONDAY, MONDAY + timedelta(days=1), TODAY])
def test_an_answer_comes_from_the_day_of_the_letter_up_to_today(
    session: Session, answered_on: date
) -> None:
    letter = make_sent_letter(session, make_organisation(session), sent_on=MONDAY)
    answer = record_answer(
        session,
        letter=letter,
        answered_on=answered_on,
        answered_by="the lead",
        said="",
        by=make_user(session),
        at=NOON,
        today=TODAY,
    )

    assert session.scalars(select(LetterAnswer)).all() == [answer]


def test_a_letter_that_never_went_cannot_be_answered(session: Session) -> None:
    letter = make_sent_letter(session, make_organisation(session))
    letter.state = LetterState.REFUSED

    with pytest.raises(DomainError, match="This letter is refused"):
        record_answer(
            session,
            letter=letter,
            answered_on=TODAY,
            answered_by="the lead",
            said="",
            by=make_user(session),
            at=NOON,
            today=TODAY,
        )


def test_a_letter_sent_outside_counts_as_sent(session: Session) -> None:
    system, board = make_system(session)
    letter = record_outside_letter(
        session,
        sent_on=MONDAY,
        subject="Introducing ourselves",
        channel="post",
        person=make_person(session),
        addressee="",
        organisations=[board],
        scan=Scan("letter.pdf", b"%PDF-1.7 made up"),
        by=make_user(session),
        today=TODAY,
    )
    row = standing_of(session, system.id, TODAY)

    assert letter.mailing_id is None
    assert row is not None
    assert (row.engagement.step, row.engagement.reached_on) == (EngagementStep.LETTER_SENT, MONDAY)


def test_a_scan_is_served_under_one_plain_name_whatever_it_was_called(
    session: Session, client: FlaskClient
) -> None:
    letter = make_sent_letter(session, make_organisation(session))
    scan = LetterFile(
        letter_id=letter.id,
        file_name="scan\r\nX-Ours: no.pdf",
        media_type="application/pdf",
        size=5,
        sha256="0" * 64,
        content=b"%PDF-",
    )
    session.add(scan)
    session.commit()

    answer = client.get(f"/letters/{letter.id}/files/{scan.id}")

    assert answer.data == b"%PDF-"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="scanX-Ours no.pdf"'


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"sent_on": TODAY + timedelta(days=1)}, "today’s date or an earlier one"),
        ({"organisations": []}, "at least one organisation"),
        ({"addressee": " "}, "Choose the person it went to"),
        ({"channel": "pigeon"}, "how it was sent"),
    ],
)
def test_half_a_record_is_refused(
    session: Session, change: dict[str, object], sentence: str
) -> None:
    record: dict[str, object] = {
        "sent_on": TODAY,
        "subject": "Hello",
        "channel": "post",
        "person": None,
        "addressee": "The Chair",
        "organisations": [make_organisation(session)],
        "by": make_user(session),
        "today": TODAY,
    }

    with pytest.raises(DomainError, match=sentence):
        record_outside_letter(session, **(record | change))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", LetterKind)
def test_the_kind_of_a_letter_sent_outside_is_shown_wherever_it_is_told_of(
    session: Session, client: FlaskClient, kind: LetterKind
) -> None:
    board = make_organisation(session)
    session.commit()
    page = f"/letters/outside/{board.id}"
    assert f'value="{kind.value}"' in client.get(page).text
    typed = {
        "sent_on": TODAY.isoformat(),
        "kind": kind.value,
        "channel": "portal",
        "person": 0,
        "addressee": "The information team",
        "subject": "Waiting times",
    }

    shown = client.post(page, data=typed, follow_redirects=True).text

    assert f"<h1>{kind.words} to The information team</h1>" in " ".join(shown.split())
    timeline = client.get(f"/organisations/{board.id}/timeline").text
    assert f"<b>{kind.words}</b> “Waiting times”" in timeline
    briefing = client.get(f"/organisations/{board.id}/briefing").text
    named = "" if kind is LetterKind.LETTER else f"{kind.words}: "
    assert f"<dd>{named}Waiting times" in briefing


def test_a_kind_of_letter_that_there_is_not_is_refused(
    session: Session, client: FlaskClient
) -> None:
    board = make_organisation(session)
    session.commit()
    typed = {
        "sent_on": TODAY.isoformat(),
        "kind": "telegram",
        "channel": "post",
        "person": 0,
        "addressee": "The Chair",
        "subject": "Hello",
    }
    assert client.post(f"/letters/outside/{board.id}", data=typed).status_code == 200
    assert not session.scalars(select(Letter)).all()


def test_the_same_letter_recorded_twice_is_kept_once(session: Session) -> None:
    board, user = make_organisation(session), make_user(session)
    kept = {
        record_outside_letter(
            session,
            sent_on=TODAY,
            subject="Hello",
            channel="post",
            person=None,
            addressee="The Chair",
            organisations=[board],
            by=user,
            today=TODAY,
        ).id
        for _ in range(2)
    }

    assert len(kept) == 1


def test_a_letter_recorded_again_as_another_kind_is_the_same_letter(session: Session) -> None:
    """As an import has it."""
    board, user = make_organisation(session), make_user(session)
    kept = [
        record_outside_letter(
            session,
            sent_on=TODAY,
            subject="Waiting times",
            kind=kind,
            channel="portal",
            person=None,
            addressee="The information team",
            organisations=[board],
            by=user,
            today=TODAY,
        )
        for kind in (LetterKind.LETTER, LetterKind.FOI_REQUEST)
    ]
    assert session.scalars(select(Letter)).all() == kept[:1]
    assert kept[0].kind is LetterKind.FOI_REQUEST


def test_a_letter_to_a_department_keeps_its_words_and_the_day_of_the_answer(
    session: Session, client: FlaskClient
) -> None:
    department = make_organisation(
        session, "Department for Health", kind=OrganisationKind.GOVERNMENT_DEPARTMENT
    )
    session.commit()
    page = f"/letters/outside/{department.id}"
    assert page in client.get(f"/organisations/{department.id}").text
    expected = clock.today() + timedelta(days=20)
    typed = {
        "sent_on": clock.today().isoformat(),
        "kind": "freedom of information request",
        "channel": "email",
        "person": 0,
        "addressee": "Freedom of information team",
        "subject": "Request for the equality analysis",
        "words": "Please send us\nthe analysis of March.",
    }

    early = clock.today() - timedelta(days=1)
    refused = client.post(page, data={**typed, "answer_by": early.isoformat()})
    assert "cannot be expected before the letter was sent" in refused.text
    assert "the analysis of March." in refused.text
    for _ in range(2):
        said = client.post(
            page, data={**typed, "answer_by": expected.isoformat()}, follow_redirects=True
        )

    assert "the analysis of March." in said.text
    (waiting,) = session.scalars(select(FollowUp)).all()
    assert waiting.what == "Answer expected to “Request for the equality analysis”"
    assert (waiting.due_on, waiting.organisation_id) == (expected, department.id)
