"""When a chaser is due, and the one draft that is made of those who are silent."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import scheduler
from app.accounts.models import Permission, User
from app.audit.models import AuditEvent
from app.core import working_days
from app.core.clock import LONDON
from app.core.db import db
from app.core.errors import NoReason
from app.core.web.filters import short_day
from app.digests import mailings
from app.directory.models import Appointment, Organisation
from app.letters.authorship import NotInDraft
from app.letters.chasers import jobs, proposing
from app.letters.chasers.proposing import NoChaser
from app.letters.drafting import checking, templates
from app.letters.drafting.starter_templates import CHASER, STARTERS
from app.letters.models import (
    CcRule,
    Letter,
    LetterState,
    LetterTemplate,
    Mailing,
    MailingState,
    PostalState,
    TemplateVersion,
)
from app.notifications.models import Notification
from app.settings.models import ClosedDay
from tests.conftest import CountStatements
from tests.factories import NOON, TODAY, make_person, make_user
from tests.letters.conftest import BASE_URL, begin_in, board, lead, letters_of, set_up
from tests.letters.silent import WENT, answered, chaser_words, let_it_go, propose

Begin = Callable[..., Mailing]
Check = Callable[[Mailing], list[Letter]]
M = MailingState


@pytest.fixture
def boards(session: Session) -> list[Organisation]:
    found = [board(session, name) for name in ("Ashire", "Bshire")]
    for one in found:
        lead(session, one, make_person(session, one.short_name, title="Dr"))
    return found


@pytest.fixture
def author(session: Session) -> User:
    return make_user(session, "Ada Author")


@pytest.fixture
def first(
    session: Session, boards: list[Organisation], author: User, begin: Begin, check: Check
) -> Mailing:
    mailing = begin(cc_rule=CcRule.NOBODY, by=author)
    check(mailing)
    let_it_go(session, mailing)
    return mailing


@pytest.fixture
def words(session: Session) -> LetterTemplate:
    return chaser_words(session)


def chase(session: Session, mailing: Mailing, words: LetterTemplate, days: int = 10) -> User:
    by = make_user(session, "Carol Coordinator")
    proposing.chase_when_silent(session, mailing, after_days=days, template=words, by=by)
    session.flush()
    return by


@pytest.mark.parametrize(
    ("went", "days", "ready"),
    [
        (date(2026, 11, 2), 10, date(2026, 11, 16)),
        (date(2026, 11, 7), 10, date(2026, 11, 20)),  # a Saturday: counted from Monday
        # Over Christmas: the 25th, the 28th for Boxing Day on a Saturday, and New Year's Day.
        (date(2026, 12, 11), 10, date(2026, 12, 29)),
        (date(2026, 12, 18), 10, date(2027, 1, 6)),
        (date(2026, 12, 24), 1, date(2026, 12, 29)),
        (date(2026, 12, 31), 1, date(2027, 1, 4)),
        (date(2027, 3, 25), 2, date(2027, 3, 31)),  # Good Friday and Easter Monday between
    ],
)
def test_a_chaser_is_due_so_many_working_days_after_the_letter_went(
    session: Session, first: Mailing, went: date, days: int, ready: date
) -> None:
    for letter in letters_of(session, first):
        letter.sent_on = went
    chase(session, first, chaser_words(session), days)

    due_on = proposing.ready_on(session, first)

    assert due_on is not None
    assert due_on.day == ready
    assert proposing.due(session, ready) == [first.id]
    assert proposing.due(session, working_days.subtract(ready, 1).day) == []


@pytest.mark.parametrize("state", [one for one in M if one is not M.DRAFT])
def test_silence_is_counted_once_a_mailing_has_ended_however_it_ended(
    session: Session, first: Mailing, words: LetterTemplate, state: MailingState
) -> None:
    chase(session, first, words, 1)
    first.state = state
    session.flush()

    has_ended = state in (M.FINISHED, M.STOPPED, M.EXPIRED)
    assert proposing.due(session, date(2027, 3, 1)) == ([first.id] if has_ended else [])
    assert (proposing.ready_on(session, first) is not None) == has_ended


def test_our_own_closed_days_are_waited_for_too(
    session: Session, first: Mailing, words: LetterTemplate
) -> None:
    chase(session, first, words)
    session.add(ClosedDay(day=date(2026, 11, 9), why="Moving house"))
    session.flush()

    assert proposing.due(session, date(2026, 11, 16)) == []
    assert proposing.due(session, date(2026, 11, 17)) == [first.id]


def test_letters_that_went_on_different_days_are_chased_when_the_last_had_its_time(
    session: Session, first: Mailing, words: LetterTemplate
) -> None:
    letters_of(session, first)[1].sent_on = date(2026, 11, 4)
    chase(session, first, words)

    assert proposing.due(session, date(2026, 11, 17)) == []
    assert proposing.due(session, date(2026, 11, 18)) == [first.id]


def test_what_is_still_sending_is_not_due(
    session: Session, first: Mailing, words: LetterTemplate
) -> None:
    chase(session, first, words)
    first.state = M.PAUSED
    session.flush()

    assert proposing.due(session, TODAY) == []
    with pytest.raises(NoChaser, match="This mailing is paused"):
        propose(session, first, words)


def test_the_clock_makes_one_draft_and_tells_its_author(
    session: Session, first: Mailing, words: LetterTemplate, author: User
) -> None:
    by = chase(session, first, words)
    answered(session, letters_of(session, first)[0])

    assert jobs.propose_chasers(session, NOON, BASE_URL) == 1
    assert jobs.propose_chasers(session, NOON, BASE_URL) == 0

    chaser = proposing.chaser_of(session, first)
    assert chaser is not None
    assert (chaser.name, chaser.state) == ("Chaser of Offer of support, winter 2026", M.DRAFT)
    assert (chaser.letter_count, chaser.created_by_id) == (1, by.id)
    assert chaser.frozen_at == NOON, "checked, so that it can be read at once"
    told = session.scalars(select(Notification).order_by(Notification.user_id)).all()
    assert [one.user_id for one in told] == sorted((by.id, author.id))
    assert (
        told[0].text == "A chaser is ready to be checked: “Chaser of Offer of support, winter 2026”"
    )
    assert told[0].path == f"/letters/mailings/{first.id}/chaser"


@pytest.mark.parametrize("meanwhile", ["made by another process", "called off by a person"])
def test_a_chaser_that_was_due_is_left_alone_if_settled_before_its_turn_came(
    session: Session, first: Mailing, words: LetterTemplate, meanwhile: str
) -> None:
    by = chase(session, first, words)
    assert proposing.due(session, TODAY) == [first.id]
    if meanwhile == "called off by a person":
        proposing.do_not_chase(first, by=by)
    else:
        assert proposing.propose_when_due(session, first.id, at=NOON, base_url=BASE_URL)
    session.flush()

    assert proposing.propose_when_due(session, first.id, at=NOON, base_url=BASE_URL) is None


def test_when_everybody_answered_there_is_no_draft_and_the_history_says_so(
    session: Session, first: Mailing, words: LetterTemplate
) -> None:
    chase(session, first, words)
    for letter in letters_of(session, first):
        answered(session, letter)
    session.commit()

    assert jobs.propose_chasers(session, NOON, BASE_URL) == 0
    assert jobs.propose_chasers(session, NOON, BASE_URL) == 0

    assert proposing.chaser_of(session, first) is None
    session.refresh(first)
    assert first.chase_settled_on == TODAY
    said = session.scalars(select(AuditEvent).where(AuditEvent.action == "no chaser")).all()
    assert [one.summary for one in said] == [
        "There is nobody to chase: everybody has answered, or has to be left out."
    ]
    told = session.scalars(select(Notification)).all()
    assert first.created_by_id in {one.user_id for one in told}
    assert {one.text for one in told} == {
        f"No chaser of “{first.name}” was prepared. There is nobody to chase: everybody has "
        "answered, or has to be left out."
    }


def test_a_round_with_nothing_due_is_two_statements(
    session: Session, first: Mailing, count_statements: CountStatements
) -> None:
    session.commit()
    with count_statements() as statements:
        jobs.propose_chasers(session, NOON, BASE_URL)
    assert len([one for one in statements if one.startswith("SELECT")]) == 2


@pytest.mark.parametrize("mailed_too", [False, True])
def test_silence_is_counted_from_the_first_letter_that_went_by_mail_or_by_post(
    session: Session, first: Mailing, words: LetterTemplate, mailed_too: bool
) -> None:
    posted, mailed = letters_of(session, first)[:2]
    for letter in (posted,) if mailed_too else (posted, mailed):
        letter.state, letter.post_state = LetterState.BY_POST, PostalState.POSTED
        letter.sent_at, letter.posted_on = None, WENT
    session.flush()
    went = datetime.combine(WENT, time(), LONDON)
    if mailed_too:
        went -= timedelta(hours=1)
        mailed.sent_at = went

    assert propose(session, first, words).chases_since == went


def test_asked_for_twice_it_is_one_draft(
    session: Session, first: Mailing, words: LetterTemplate
) -> None:
    one = propose(session, first, words)

    assert propose(session, first, words) is one
    assert session.query(Mailing).where(Mailing.chases_id == first.id).count() == 1


def test_a_dropped_chaser_leaves_its_reason_and_does_not_come_back_by_itself(
    session: Session, first: Mailing, words: LetterTemplate
) -> None:
    chase(session, first, words)
    jobs.propose_chasers(session, NOON, BASE_URL)
    chaser = proposing.chaser_of(session, first)
    assert chaser is not None
    with pytest.raises(NoReason, match="Say why no chaser is wanted"):
        proposing.drop(session, chaser, "  ", by=make_user(session))

    proposing.drop(session, chaser, "We meet them all on Friday", by=make_user(session, "Cara"))
    session.flush()

    assert session.query(Letter).where(Letter.mailing_id == chaser.id).count() == 0
    assert proposing.due(session, TODAY) == []
    assert jobs.propose_chasers(session, NOON, BASE_URL) == 0
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "dropped the chaser")
    ).one()
    assert (event.kind, event.record_id) == ("mailing", first.id)
    assert event.summary == "We meet them all on Friday (Cara)"
    assert propose(session, first, words).chases_id == first.id, "somebody may still propose one"


def test_only_a_draft_can_be_dropped(
    session: Session, first: Mailing, words: LetterTemplate
) -> None:
    with pytest.raises(NoChaser, match="Only a chaser"):
        proposing.drop(session, first, "No", by=make_user(session))
    chaser = propose(session, first, words)
    chaser.state = M.HOLDING
    with pytest.raises(NotInDraft, match="Return it to draft"):
        proposing.drop(session, chaser, "No", by=make_user(session))


def test_nobody_is_reminded_in_the_words_they_had(session: Session, first: Mailing) -> None:
    version = session.get_one(TemplateVersion, first.template_version_id)
    same = session.get_one(LetterTemplate, version.template_id)
    with pytest.raises(NoChaser, match="Choose another template"):
        chase(session, first, same)
    with pytest.raises(NoChaser, match="Choose another template"):
        propose(session, first, same)


def test_there_are_two_chasers_at_most(
    session: Session, first: Mailing, words: LetterTemplate
) -> None:
    second_words = chaser_words(session, "Second")
    chaser = propose(session, first, words)
    with pytest.raises(NoChaser, match="This mailing is draft"):
        propose(session, chaser, second_words)
    let_it_go(session, chaser, on=date(2026, 11, 16))
    second = propose(session, chaser, second_words)
    let_it_go(session, second, on=TODAY)

    with pytest.raises(NoChaser, match="second chaser already"):
        propose(session, second, chaser_words(session, "Third"))
    with pytest.raises(NoChaser, match="second chaser already"):
        chase(session, second, chaser_words(session, "Fourth"))


def test_whoever_set_or_wrote_it_cannot_release_it(
    session: Session, first: Mailing, words: LetterTemplate
) -> None:
    by = chase(session, first, words)
    jobs.propose_chasers(session, NOON, BASE_URL)
    chaser = proposing.chaser_of(session, first)
    assert chaser is not None
    assert chaser.author_ids == [str(by.id)]


def test_a_chaser_ready_waits_for_every_coordinator(
    session: Session, first: Mailing, words: LetterTemplate
) -> None:
    propose(session, first, words)
    coordinator = make_user(session, permissions=(Permission.VIEW, Permission.COORDINATE))
    viewer = make_user(session, permissions=(Permission.VIEW,))

    (line,) = mailings.lines(session, coordinator, NOON)

    assert line.pill == "Chaser ready"
    assert line.link.words == (
        "“Chaser of Offer of support, winter 2026”: 2 letters to those who are silent"
    )
    assert [*mailings.lines(session, viewer, NOON)] == []


# On the pages


def test_the_wait_is_set_where_the_letter_is_written(
    session: Session, client: FlaskClient, boards: list[Organisation], begin: Begin
) -> None:
    words, mailing = chaser_words(session), begin()
    page = client.get(f"/letters/mailings/{mailing.id}/write").text
    assert "No automatic chaser." in page

    client.post(
        f"/letters/mailings/{mailing.id}/chase", data={"template": words.id, "after_days": "10"}
    )

    page = client.get(f"/letters/mailings/{mailing.id}/write").text
    assert "If there is no reply after 10 working days, a chaser is prepared from" in page
    client.post(f"/letters/mailings/{mailing.id}/chase", data={"template": 0, "after_days": "10"})
    page = client.get(f"/letters/mailings/{mailing.id}/write").text
    assert "No automatic chaser." in page


def test_a_refusal_keeps_what_was_typed(
    session: Session, client: FlaskClient, first: Mailing, words: LetterTemplate
) -> None:
    page = client.post(
        f"/letters/mailings/{first.id}/chase", data={"template": words.id, "after_days": "400"}
    ).text
    assert "Give a number of working days from 1 to 90." in page
    assert 'value="400"' in page
    page = client.post(
        f"/letters/mailings/{first.id}/chase",
        data={"template": 0, "after_days": "10", "act": "now"},
    ).text
    assert "Choose the words of the chaser first." in page


def test_from_the_page_of_a_mailing_to_its_chaser_and_back(
    session: Session, client: FlaskClient, first: Mailing, words: LetterTemplate
) -> None:
    client.post(
        f"/letters/mailings/{first.id}/chase", data={"template": words.id, "after_days": "10"}
    )
    page = client.get(f"/letters/mailings/{first.id}/truth").text
    assert "If there is no reply after 10 working days" in page
    assert "16 Nov" in page
    answered(session, letters_of(session, first)[0], by="Bea")

    made = client.post(f"/letters/mailings/{first.id}/propose-chaser")
    again = client.post(f"/letters/mailings/{first.id}/propose-chaser")

    chaser = proposing.chaser_of(session, first)
    assert chaser is not None
    assert made.location == again.location == f"/letters/mailings/{chaser.id}/check"
    page = client.get(made.location).text
    assert "to those who had that letter and have not answered" in page
    assert f"Answered on {short_day(TODAY)} (Bea)." in page
    assert "Include" not in page, "who answered cannot be put back in"
    assert "the letter of 2 November 2026" in page
    found = client.get(f"/letters/mailings/{first.id}/chaser")
    assert found.location == f"/letters/mailings/{chaser.id}"
    assert "Chaser of Offer of support" in client.get(f"/letters/mailings/{first.id}/truth").text
    assert "chaser</span>" in client.get("/letters/").text

    client.post(f"/letters/mailings/{chaser.id}/drop", data={"reason": "We meet them"})

    assert proposing.chaser_of(session, first) is None
    found = client.get(f"/letters/mailings/{first.id}/chaser")
    assert found.location == f"/letters/mailings/{first.id}"


def test_where_the_post_has_a_new_holder_a_letter_of_its_own_is_offered(
    session: Session, client: FlaskClient, first: Mailing, boards: list[Organisation]
) -> None:
    old = letters_of(session, first)[0]
    held = session.scalars(select(Appointment).where(Appointment.person_id == old.person_id)).one()
    held.ended_on = date(2026, 11, 10)
    new = make_person(session, "Newcomer", title="Dr")
    lead(session, boards[0], new, started_on=date(2026, 11, 11))
    chaser = propose(session, first)

    page = client.get(f"/letters/mailings/{chaser.id}/check").text

    assert "no longer holds the post at Ashire: Dr Alex Newcomer." in page
    assert f'href="/letters/mailings/new?board={boards[0].id}"' in page


def test_whom_a_chaser_is_for_is_not_chosen(
    session: Session, client: FlaskClient, first: Mailing, words: LetterTemplate
) -> None:
    chaser = propose(session, first, words)
    page = client.get(f"/letters/mailings/{chaser.id}/choose").text
    assert "Nobody chooses" in page
    assert "Check the letters" in page
    client.post(f"/letters/mailings/{chaser.id}/choose", data={"how": "posts", "kind": "icb"})
    session.expire_all()
    assert session.get_one(Mailing, chaser.id).audience["how"] == "posts", "as it was"
    assert session.get_one(Mailing, chaser.id).letter_count == 2


def test_each_letter_leads_to_the_one_it_follows_and_back(
    session: Session,
    client: FlaskClient,
    first: Mailing,
    words: LetterTemplate,
    boards: list[Organisation],
) -> None:
    chaser = propose(session, first, words)
    followed, follower = letters_of(session, first)[0], let_it_go(session, chaser, on=TODAY)[0]

    old, new = (client.get(f"/letters/letters/{one.id}").text for one in (followed, follower))

    assert f'href="/letters/letters/{follower.id}"' in old
    assert "Our letter about Ashire" in old
    assert f'href="/letters/letters/{followed.id}"' in new
    assert "the letter of 2 November 2026" in new
    story = client.get(f"/organisations/{boards[0].id}/timeline").text
    assert "Support in Ashire" in story
    assert "Our letter about Ashire" in story


def test_the_starter_names_the_letter_it_follows(session: Session, first: Mailing) -> None:

    starter = next(one for one in STARTERS if one.name == CHASER)
    template = templates.write_template(
        session,
        name="Ours",
        purpose="",
        subject=starter.subject,
        body=starter.body,
        by=None,
        at=NOON,
    )

    letter = letters_of(session, propose(session, first, template))[0]

    assert letter.state is LetterState.READY
    assert "We wrote to you on 2 November 2026 as" in letter.text
    assert "“Support in Ashire”. We haven’t heard back" in " ".join(letter.text.split())
    assert "Some weeks ago" not in letter.text


def test_the_scheduler_has_it_on_its_timetable(live_app: Flask) -> None:
    with live_app.app_context():
        set_up(db.session)
        body = board(db.session, "Ashire")
        lead(db.session, body)
        mailing = begin_in(db.session, cc_rule=CcRule.NOBODY)

        checking.check(db.session, mailing, by=make_user(db.session), at=NOON, base_url=BASE_URL)
        let_it_go(db.session, mailing, on=WENT)
        chase(db.session, mailing, chaser_words(db.session), 1)
        db.session.commit()
        (job,) = [one for one in scheduler.TIMETABLE if one.name == "chasers"]

    assert scheduler.run(live_app, job)

    with live_app.app_context():
        assert db.session.query(Mailing).where(Mailing.chases_id.is_not(None)).count() == 1
