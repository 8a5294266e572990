"""Letters by post: who gets them, what stands in the window, and what becomes of them."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.core.mail import caught as catcher_caught
from app.digests import mailings
from app.directory.models import Organisation, Person, PersonEmail
from app.letters import caught
from app.letters.approval import releasing, submitting
from app.letters.approval.submitting import NotReady
from app.letters.chasers import proposing
from app.letters.delivery import by_post, controls, lifecycle
from app.letters.drafting import row_decisions, templates
from app.letters.models import (
    Channel,
    Letter,
    LetterState,
    Mailing,
    MailingState,
    PostalState,
)
from app.letters.print import runs
from app.letters.recipients.audience import Audience, SendBy
from app.letters.recipients.final_check import reason_to_leave_out
from app.settings.rules import MailKind, OutwardMail
from app.settings.services import settings_of
from tests.factories import NOON, TODAY, make_person, make_user
from tests.letters.conftest import BASE_URL, BODY, board, chair, lead, letters_of, unknown_lead
from tests.pages import form_on, press

Begin = Callable[..., Mailing]
Check = Callable[[Mailing], list[Letter]]
SignIn = Callable[[User], FlaskClient]

ADDRESS = "1 Example Street\nSampleton\nEX1 1QT"
LINES = "1 Example Street", "Sampleton", "EX1 1QT"
APPROVER = (Permission.VIEW, Permission.APPROVE)
LIVE = OutwardMail(MailKind.LIVE, "")


def posting(by: SendBy = SendBy.POST, **further: object) -> Audience:
    return replace(Audience(), by=by, **further)  # type: ignore[arg-type]


def body_with_address(session: Session, name: str = "Sampleshire") -> Organisation:
    body = board(session, name)
    body.postal_address = ADDRESS
    return body


def without_email(session: Session, name: str = "Paper") -> Person:
    return make_person(session, name, title="Dr", email=None)


def released(session: Session, mailing: Mailing) -> Mailing:
    """Put forward and approved, as people do it."""
    author = make_user(session, "Ada Author")
    submitting.waive_test(mailing, "Tried last week.", by=author)
    submitting.ask_for_approval(session, mailing, by=author, at=NOON, base_url=BASE_URL)
    session.flush()
    approver = make_user(session, "Ben Approver", permissions=APPROVER)
    releasing.approve_and_release(session, mailing.id, by=approver, at=NOON, base_url=BASE_URL)
    session.flush()
    session.expire_all()
    return mailing


def keep_up(session: Session, minutes: int) -> None:
    at = NOON + timedelta(minutes=minutes)
    lifecycle.keep_up(session, settings_of(session), LIVE, at)
    session.flush()
    session.expire_all()


def set_paper(session: Session, letter: Letter, state: PostalState) -> None:
    session.execute(update(Letter).where(Letter.id == letter.id).values(post_state=state))
    session.expire_all()


def words_of(letter: Letter) -> list[str]:
    return [problem["words"] for problem in letter.findings["problems"]]


def test_a_lead_without_an_email_address_gets_the_letter_by_post_if_that_was_chosen(
    session: Session, begin: Begin, check: Check
) -> None:
    lead(session, body_with_address(session, "Ashire"), without_email(session))
    lead(session, body_with_address(session, "Bshire"), make_person(session, "Mail", title="Dr"))

    paper, mail = check(begin(audience=posting(SendBy.EMAIL_OR_POST)))

    assert (paper.channel, paper.post_state, paper.to_email) == ("post", PostalState.READY, "")
    assert paper.findings["why_post"] == (
        "No email address is recorded, so the letter goes by post."
    )
    assert paper.state is LetterState.READY
    assert (mail.channel, mail.post_state, mail.envelope) == ("email", None, "")


def test_a_failed_address_is_no_bar_to_the_post(
    session: Session, begin: Begin, check: Check
) -> None:
    person = lead(session, body_with_address(session), make_person(session, "Sample", title="Dr"))
    session.query(PersonEmail).filter_by(person_id=person.id).update(
        {"failed_on": TODAY, "failure": "550 no such user"}
    )

    (by_mail,) = check(begin())
    assert by_mail.state is LetterState.EXCLUDED
    (letter,) = check(begin(audience=posting(SendBy.EMAIL_OR_POST), name="On paper"))
    assert letter.state is LetterState.READY
    assert "550 no such user, so the letter goes by post" in letter.findings["why_post"]


@pytest.mark.parametrize("by", SendBy)
def test_an_objection_is_absolute_whichever_way_is_chosen(
    session: Session, begin: Begin, check: Check, by: SendBy
) -> None:
    person = lead(session, body_with_address(session), without_email(session))
    person.objected_on = TODAY

    (letter,) = check(begin(audience=posting(by)))

    assert letter.state is LetterState.EXCLUDED
    assert "Asked not to be contacted" in letter.state_reason
    assert letter.post_state is None


def test_the_window_shows_the_readers_own_address_before_that_of_the_body(
    session: Session, begin: Begin, check: Check
) -> None:
    own = lead(session, body_with_address(session, "Ashire"), without_email(session, "Own"))
    own.postal_address = "2 Home Lane\nSampleton EX2 2QT"
    lead(session, body_with_address(session, "Bshire"), without_email(session, "Office"))

    at_home, at_work = check(begin(audience=posting()))

    assert at_home.envelope.split("\n") == [at_home.to_name, "2 Home Lane", "Sampleton", "EX2 2QT"]
    assert at_work.envelope.split("\n") == [
        at_work.to_name,
        "NHS Bshire Integrated Care Board",
        *LINES,
    ]


def test_where_no_name_is_known_and_no_email_the_post_is_written_to_at_the_bodys_address(
    session: Session, begin: Begin, check: Check
) -> None:
    unknown_lead(session, "Sampleshire").postal_address = ADDRESS

    (letter,) = check(begin(audience=posting(SendBy.EMAIL_OR_POST)))

    assert letter.state is LetterState.READY
    assert letter.envelope.split("\n") == [
        "Executive Lead for Children and Young People",
        "NHS Sampleshire Integrated Care Board",
        *LINES,
    ]


def test_a_letter_on_paper_names_the_office_by_whose_way_it_goes(
    session: Session, begin: Begin, check: Check
) -> None:
    body = unknown_lead(session, "Sampleshire")
    body.postal_address = ADDRESS
    chair(session, body)

    (letter,) = check(begin(audience=posting()))

    assert letter.envelope.split("\n")[:3] == [
        "Executive Lead for Children and Young People",
        "by way of the office of the chair",
        "NHS Sampleshire Integrated Care Board",
    ]
    assert letter.to_email == ""


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "No postal address is recorded for Dr Alex Paper or Sampleshire."),
        ("1 Example Street\nSampleton", "the last line is “Sampleton”"),
        ("1 Example Street\n-\nEX1 1QT", "holds no letter or number"),
        ("No fixed abode\nEX1 1QT", "no fixed abode"),
        ("1\n2\n3\n4\n5\n6\nEX1 1QT", "fit below the name"),
        ("1\n2\n3\n4\n5\nEX1 1QT", "name and address have 8 lines"),
    ],
)
def test_an_address_that_the_post_would_refuse_is_a_problem_of_its_row(
    session: Session, begin: Begin, check: Check, address: str, said: str
) -> None:
    body = board(session)
    body.postal_address = address
    lead(session, body, without_email(session))
    mailing = begin(audience=posting())

    (letter,) = check(mailing)

    (problem,) = letter.findings["problems"]
    assert said in problem["words"]
    assert (problem["kind"], problem["id"]) == ("organisation_by_post", body.id)
    submitting.waive_test(mailing, "Tried last week.", by=make_user(session, "Ada Author"))
    with pytest.raises(NotReady, match="1 row needs you"):
        submitting.ask_for_approval(
            session, mailing, by=make_user(session, "Ada Author"), at=NOON, base_url=BASE_URL
        )


def test_an_address_from_which_post_came_back_is_put_right_first(
    session: Session, begin: Begin, check: Check
) -> None:
    person = lead(session, board(session), without_email(session))
    person.postal_address = ADDRESS
    session.flush()
    person.post_returned_on, person.post_returned_why = TODAY, "moved away"

    (letter,) = check(begin(audience=posting()))

    (problem,) = letter.findings["problems"]
    assert "came back from this address" in problem["words"]
    assert (problem["kind"], problem["id"]) == ("person_by_post", person.id)


def test_letters_that_cannot_be_printed_are_a_problem_on_paper_and_a_warning_by_mail(
    session: Session, begin: Begin, check: Check
) -> None:
    lead(session, body_with_address(session, "学 Shire"), make_person(session, "Ŵŷ", title="Dr"))

    (paper,) = check(begin(audience=posting()))
    (mail,) = check(begin(name="By mail"))

    assert [one for one in words_of(paper) if "“学” would be an empty box" in one]
    assert mail.state is LetterState.READY
    assert [one for one in mail.findings["warnings"] if "“学” would be an empty box" in one]


def test_one_reader_can_get_it_another_way_than_the_rest_and_that_can_be_taken_back(
    session: Session, begin: Begin, check: Check
) -> None:
    lead(session, body_with_address(session), make_person(session, "Sample", title="Dr"))
    author = make_user(session, "Ada Author")
    mailing = begin()
    (letter,) = check(mailing)

    row_decisions.send_by(session, mailing, [letter], Channel.BOTH, by=author)
    (letter,) = check(mailing)
    assert (letter.channel, letter.post_state) == ("both", PostalState.READY)
    assert letter.to_email
    row_decisions.send_by(session, mailing, [letter], None, by=author)
    (letter,) = check(mailing)
    assert (letter.channel, letter.post_state) == ("email", None)


def test_old_choices_without_a_way_are_by_email() -> None:
    kept = Audience().as_json()
    del kept["by"], kept["sent_by"]

    assert Audience.from_json(kept) == Audience()


def test_a_letter_by_post_alone_has_no_copies_and_says_so(
    session: Session, begin: Begin, check: Check
) -> None:
    body = body_with_address(session)
    lead(session, body, make_person(session, "Sample", title="Dr"))
    chair(session, body)

    (alone,) = check(begin(audience=posting(SendBy.POST)))
    (both,) = check(begin(audience=posting(SendBy.BOTH), name="Both ways"))

    assert alone.findings["copies"] == 0
    assert "nobody gets a copy" in alone.findings["no_copies"][0]
    assert "Copy to" not in alone.text
    assert both.findings["copies"] == 1


def test_a_changed_address_or_way_is_shown_as_changed_since_the_check(
    session: Session, begin: Begin, check: Check
) -> None:
    body = body_with_address(session)
    lead(session, body, without_email(session))
    mailing = begin(audience=posting())
    check(mailing)

    session.get_one(Organisation, body.id).postal_address = "9 Other Street\nSampleton\nEX1 1QT"
    session.flush()

    standing = submitting.standing(session, mailing, base_url=BASE_URL, on=TODAY)
    assert "the envelope would show another address now." in standing.changed[0]


def test_an_approved_envelope_cannot_change_unseen(
    session: Session, begin: Begin, check: Check
) -> None:
    lead(session, body_with_address(session), without_email(session))
    mailing = begin(audience=posting())
    check(mailing)
    author = make_user(session, "Ada Author")
    submitting.waive_test(mailing, "Tried last week.", by=author)
    submitting.ask_for_approval(session, mailing, by=author, at=NOON, base_url=BASE_URL)
    session.flush()
    session.execute(update(Letter).values(envelope="Somebody else\n1 Other Street\nEX1 1QT"))
    session.expire_all()

    approver = make_user(session, "Ben Approver", permissions=APPROVER)
    with pytest.raises(NotReady, match="no longer those that were put forward"):
        releasing.approve_and_release(session, mailing.id, by=approver, at=NOON, base_url=BASE_URL)


def test_released_letters_by_post_never_enter_the_queue_of_the_mail(
    session: Session, begin: Begin, check: Check
) -> None:
    lead(session, body_with_address(session, "Ashire"), without_email(session))
    lead(session, body_with_address(session, "Bshire"), make_person(session, "Mail", title="Dr"))
    mailing = begin(audience=posting(SendBy.BOTH))
    check(mailing)

    released(session, mailing)

    paper, both = letters_of(session, mailing)
    assert (paper.state, paper.post_state) == (LetterState.BY_POST, PostalState.APPROVED)
    assert paper.mime is None
    assert (both.state, both.post_state) == (LetterState.QUEUED, PostalState.APPROVED)


def test_many_letters_by_post_always_need_a_second_person(
    session: Session, begin: Begin, check: Check
) -> None:
    settings_of(session).single_letter_by_author = True
    author = make_user(session, "Ada Author", permissions=(*APPROVER, Permission.COORDINATE))
    for name in ("Ashire", "Bshire"):
        lead(session, body_with_address(session, name), without_email(session, name))
    mailing = begin(audience=posting(), by=author)
    check(mailing)

    assert "somebody else has to approve" in releasing.why_not_release(session, mailing, author)


def test_an_objection_after_asking_stops_the_release_of_a_letter_by_post(
    session: Session, begin: Begin, check: Check
) -> None:
    person = lead(session, body_with_address(session), without_email(session))
    mailing = begin(audience=posting())
    check(mailing)
    author = make_user(session, "Ada Author")
    submitting.waive_test(mailing, "Tried last week.", by=author)
    submitting.ask_for_approval(session, mailing, by=author, at=NOON, base_url=BASE_URL)
    session.flush()
    session.get_one(Person, person.id).objected_on = TODAY
    session.flush()

    approver = make_user(session, "Ben Approver", permissions=APPROVER)
    with pytest.raises(NotReady, match="asked not to be contacted"):
        releasing.approve_and_release(session, mailing.id, by=approver, at=NOON, base_url=BASE_URL)


def test_an_objection_after_the_release_keeps_a_letter_from_the_printer(
    session: Session, begin: Begin, check: Check
) -> None:
    person = lead(session, body_with_address(session), without_email(session))
    mailing = begin(audience=posting())
    check(mailing)
    released(session, mailing)
    (letter,) = letters_of(session, mailing)
    assert reason_to_leave_out(session, letter.id, NOON, on_paper=True) is None

    session.get_one(Person, person.id).objected_on = TODAY
    session.flush()

    reason = reason_to_leave_out(session, letter.id, NOON, on_paper=True)
    assert reason
    assert by_post.leave_out(session, letter, reason, at=NOON)
    session.expire_all()
    (letter,) = letters_of(session, mailing)
    assert (letter.state, letter.post_state) == (LetterState.EXCLUDED, PostalState.STOPPED)


def test_an_address_that_failed_since_stops_the_mail_and_not_the_paper(
    session: Session, begin: Begin, check: Check
) -> None:
    person = lead(session, body_with_address(session), make_person(session, "Mail", title="Dr"))
    mailing = begin(audience=posting(SendBy.BOTH))
    check(mailing)
    released(session, mailing)
    (letter,) = letters_of(session, mailing)
    session.execute(
        update(PersonEmail)
        .where(PersonEmail.person_id == person.id)
        .values(failed_on=TODAY, failure="550 no such user")
    )

    by_mail = reason_to_leave_out(session, letter.id, NOON)
    assert by_mail == "Mail to this address has failed since: 550 no such user"
    assert reason_to_leave_out(session, letter.id, NOON, on_paper=True) is None


def test_nothing_is_printed_before_the_hold_is_over(
    session: Session, begin: Begin, check: Check
) -> None:
    lead(session, body_with_address(session), without_email(session))
    mailing = begin(audience=posting())
    check(mailing)
    assert "approved and released" in runs.why_not_now(session, mailing)
    released(session, mailing)
    assert "on hold until" in runs.why_not_now(session, mailing)

    keep_up(session, 6)

    assert runs.why_not_now(session, mailing) == ""
    assert mailing.state is MailingState.SENDING


def test_a_mailing_has_finished_when_all_its_paper_is_posted(
    session: Session, begin: Begin, check: Check
) -> None:
    lead(session, body_with_address(session), without_email(session))
    mailing = begin(audience=posting())
    check(mailing)
    released(session, mailing)
    (letter,) = letters_of(session, mailing)

    for state in (PostalState.APPROVED, PostalState.PRINTED):
        set_paper(session, letter, state)
        keep_up(session, 6)
        assert mailing.state is MailingState.SENDING
    set_paper(session, letter, PostalState.POSTED)
    keep_up(session, 7)

    assert mailing.state is MailingState.FINISHED


def test_stop_keeps_back_what_is_not_printed(session: Session, begin: Begin, check: Check) -> None:
    for name in ("Ashire", "Bshire"):
        lead(session, body_with_address(session, name), without_email(session, name))
    mailing = begin(audience=posting())
    check(mailing)
    released(session, mailing)
    printed, waiting = letters_of(session, mailing)
    set_paper(session, printed, PostalState.PRINTED)

    stopped = controls.stop(
        session, mailing, by=make_user(session, "Ada Author"), at=NOON, why="Stopped by Ada."
    )

    session.expire_all()
    printed, waiting = letters_of(session, mailing)
    assert stopped == 1
    assert (printed.state, printed.post_state) == (LetterState.BY_POST, PostalState.PRINTED)
    assert (waiting.state, waiting.post_state) == (LetterState.STOPPED, PostalState.STOPPED)


def test_an_approval_that_lapsed_leaves_the_unprinted_to_be_approved_again(
    session: Session, begin: Begin, check: Check
) -> None:
    for name in ("Ashire", "Bshire"):
        lead(session, body_with_address(session, name), without_email(session, name))
    mailing = begin(audience=posting())
    check(mailing)
    released(session, mailing)
    printed, _ = letters_of(session, mailing)
    set_paper(session, printed, PostalState.PRINTED)

    keep_up(session, 25 * 60)

    printed, waiting = letters_of(session, mailing)
    assert mailing.state is MailingState.EXPIRED
    assert printed.post_state is PostalState.PRINTED
    assert (waiting.state, waiting.post_state) == (LetterState.EXPIRED, PostalState.READY)
    submitting.ask_again(session, mailing, by=make_user(session, "Ada Author"), at=NOON)
    session.flush()
    releasing.approve_and_release(
        session,
        mailing.id,
        by=make_user(session, "Ben Approver", permissions=APPROVER),
        at=NOON + timedelta(hours=26),
        base_url=BASE_URL,
    )
    session.expire_all()
    printed, waiting = letters_of(session, mailing)
    assert printed.post_state is PostalState.PRINTED
    assert (waiting.state, waiting.post_state) == (LetterState.BY_POST, PostalState.APPROVED)


def test_what_was_printed_is_not_printed_again_when_its_mail_is_approved_once_more(
    session: Session, begin: Begin, check: Check
) -> None:
    """Its mail had not left when the approval lapsed; its paper was out of the printer."""
    for name in ("Ashire", "Bshire", "Cshire"):
        lead(session, body_with_address(session, name), make_person(session, name, title="Dr"))
    mailing = begin(audience=posting(SendBy.BOTH))
    check(mailing)
    released(session, mailing)
    printed, posted, _ = letters_of(session, mailing)
    set_paper(session, printed, PostalState.PRINTED)
    set_paper(session, posted, PostalState.POSTED)
    keep_up(session, 25 * 60)
    everything = letters_of(session, mailing)
    assert [one.state for one in everything] == [LetterState.EXPIRED] * 3

    submitting.ask_again(session, mailing, by=make_user(session, "Ada Author"), at=NOON)
    session.flush()
    approver = make_user(session, "Ben Approver", permissions=APPROVER)
    releasing.approve_and_release(session, mailing.id, by=approver, at=NOON, base_url=BASE_URL)

    session.expire_all()
    assert [(one.state, one.post_state) for one in letters_of(session, mailing)] == [
        (LetterState.QUEUED, PostalState.PRINTED),
        (LetterState.QUEUED, PostalState.POSTED),
        (LetterState.QUEUED, PostalState.APPROVED),
    ]


def test_paper_of_a_letter_that_was_mailed_is_not_approved_again_after_a_lapse(
    session: Session, begin: Begin, check: Check
) -> None:
    """Its reader has it; of one whose mail has not left, the paper may be wanted still."""
    for name in ("Ashire", "Bshire"):
        lead(session, body_with_address(session, name), make_person(session, name, title="Dr"))
    mailing = begin(audience=posting(SendBy.BOTH))
    check(mailing)
    released(session, mailing)
    mailed, _ = letters_of(session, mailing)
    mailed.state, mailed.sent_at, mailed.sent_on = LetterState.SENT, NOON, TODAY
    session.flush()

    keep_up(session, 25 * 60)

    assert [(one.state, one.post_state) for one in letters_of(session, mailing)] == [
        (LetterState.SENT, PostalState.STOPPED),
        (LetterState.EXPIRED, PostalState.READY),
    ]


def test_printed_letters_may_be_posted_after_the_approval_would_have_lapsed(
    session: Session, begin: Begin, check: Check
) -> None:
    lead(session, body_with_address(session), without_email(session))
    mailing = begin(audience=posting())
    check(mailing)
    released(session, mailing)
    set_paper(session, letters_of(session, mailing)[0], PostalState.PRINTED)

    keep_up(session, 25 * 60)

    assert mailing.state is MailingState.SENDING


def test_a_letter_by_post_counts_as_written_to_that_reader_lately(
    session: Session, begin: Begin, check: Check
) -> None:
    lead(session, body_with_address(session, "Ashire"), without_email(session))
    unknown_lead(session, "Bshire").postal_address = ADDRESS
    mailing = begin(audience=posting())
    check(mailing)
    released(session, mailing)

    again = check(begin(audience=posting(), name="Once more"))
    assert {letter.state_reason for letter in again} == {
        "Another letter is on its way: “Offer of support, winter 2026”."
    }
    session.execute(
        update(Letter)
        .where(Letter.mailing_id == mailing.id)
        .values(post_state=PostalState.POSTED, posted_on=TODAY, sent_on=TODAY)
    )
    again = check(begin(audience=posting(), name="And again"))
    assert {letter.state_reason for letter in again} == {
        "Wrote to this reader today: “Offer of support, winter 2026”."
    }


def test_the_way_is_chosen_with_whom_it_is_for_and_stays_chosen(
    session: Session, client: FlaskClient, begin: Begin
) -> None:
    body = body_with_address(session)
    lead(session, body, without_email(session))
    mailing = begin()
    session.commit()
    where = f"/letters/mailings/{mailing.id}"

    choice = {"how": "posts", "post_type": "children", "kind": "icb", "lead_state": "all"}
    page = client.post(
        f"{where}/choose", data={**choice, "by": "email or post"}, follow_redirects=True
    )

    assert "1 letter ready, all by post" in page.text
    assert "No email address is recorded, so the letter goes by post." in page.text
    again = client.get(f"{where}/choose").text
    assert re.search(r'<input[^>]*checked[^>]* value="email or post"', again)


def test_with_a_wrong_envelope_nothing_can_be_asked_and_its_record_is_a_press_away(
    session: Session, client: FlaskClient, begin: Begin
) -> None:
    body = board(session)
    body.postal_address = "1 Example Street\nSampleton"
    lead(session, body, without_email(session))
    mailing = begin(audience=posting())
    session.commit()
    where = f"/letters/mailings/{mailing.id}"

    page = client.post(f"{where}/check-again", follow_redirects=True).text

    assert "the last line is “Sampleton”" in page
    assert f"/organisations/{body.id}/edit?only=postal_address" in page
    assert "Ask for approval of" not in page
    forged = form_on(client, where, "/test").carries
    refused = client.post(f"{where}/ask", data=forged, follow_redirects=True)
    assert "1 row needs you" in refused.text
    session.expire_all()
    assert session.get_one(Mailing, mailing.id).state is MailingState.DRAFT


def test_many_readers_are_sent_another_way_at_once_and_back(
    session: Session, client: FlaskClient, begin: Begin
) -> None:
    for name in ("Ashire", "Bshire", "Cshire"):
        person = make_person(session, name, title="Dr")
        lead(session, body_with_address(session, name), person)
    mailing = begin()
    session.commit()
    where = f"/letters/mailings/{mailing.id}"
    client.post(f"{where}/check-again")

    def ids() -> list[int]:
        session.expire_all()
        return [letter.id for letter in letters_of(session, mailing)]

    ways = f"{where}/ways"
    press(client, ways, "/send-by", ids=ids()[:2], way="post")
    page = client.get(ways).text
    assert page.count("chosen for this reader") == 2
    assert "2 by post" in client.get(f"{where}/check").text
    press(client, ways, "/send-by", ids=ids(), way="")
    assert "3 letters ready, all by email" in client.get(f"{where}/check").text
    nobody = press(client, ways, "/send-by", way="post")
    assert "Tick at least one reader first." in nobody.text


def test_a_reader_without_an_email_address_is_a_press_from_the_post(
    session: Session, client: FlaskClient, begin: Begin
) -> None:
    lead(session, body_with_address(session), without_email(session))
    mailing = begin()
    session.commit()
    where = f"/letters/mailings/{mailing.id}"
    page = client.post(f"{where}/check-again", follow_redirects=True).text
    assert "No email address is recorded." in page
    assert "Send it by post" in page

    page = press(client, f"{where}/check", "/send-by", way="post").text

    assert "1 letter ready, all by post" in page


def test_the_truth_page_tells_of_both_tracks(
    session: Session, client: FlaskClient, begin: Begin, check: Check
) -> None:
    lead(session, body_with_address(session, "Ashire"), without_email(session))
    lead(session, body_with_address(session, "Bshire"), make_person(session, "Mail", title="Dr"))
    mailing = begin(audience=posting(SendBy.BOTH))
    check(mailing)
    released(session, mailing)
    paper, both = letters_of(session, mailing)
    both.state, both.sent_at, both.sent_on = LetterState.SENT, NOON, TODAY
    keep_up(session, 6)
    set_paper(session, paper, PostalState.PRINTED)
    session.commit()

    page = client.get(f"/letters/mailings/{mailing.id}/truth").text

    assert "1 of 2 gone; 1 to print; 1 to post." in page
    assert "1 by post: approved" in page
    assert "1 by post: printed" in page
    paper.post_state, paper.posted_on, paper.sent_on = PostalState.POSTED, TODAY, TODAY
    both.post_state, both.posted_on = PostalState.RETURNED, TODAY
    session.commit()
    page = client.get(f"/letters/mailings/{mailing.id}/truth").text
    assert "2 of 2 gone; 1 came back." in page
    listed = client.get(f"/letters/mailings/{mailing.id}/truth?paper=posted").text
    assert "1 letter" in listed
    csv = client.get(f"/letters/mailings/{mailing.id}/truth?format=csv").text
    assert "1 Example Street" in csv


def test_a_letter_caught_as_mail_but_posted_too_counts_as_gone(
    session: Session, client: FlaskClient, begin: Begin, check: Check
) -> None:
    lead(session, body_with_address(session), make_person(session, "Mail", title="Dr"))
    mailing = begin(audience=posting(SendBy.BOTH))
    check(mailing)
    released(session, mailing)
    (letter,) = letters_of(session, mailing)
    letter.state, letter.sent_at, letter.sent_on = LetterState.SENT, NOON, TODAY
    letter.server_reply = catcher_caught.REPLY
    session.commit()
    counted = select(Letter.id).where(Letter.where_gone(), caught.counts())
    assert session.scalars(counted).all() == []
    page = client.get(f"/letters/mailings/{mailing.id}/truth").text
    assert "0 of 1 gone, 1 caught here; 1 to print." in page

    letter.post_state, letter.posted_on = PostalState.POSTED, TODAY
    session.commit()

    assert session.scalars(counted).all() == [letter.id]
    page = client.get(f"/letters/mailings/{mailing.id}/truth").text
    assert "1 of 1 gone." in page
    assert "caught here" in page


def test_who_had_it_by_post_and_is_silent_is_chased_by_post(
    session: Session, begin: Begin, check: Check
) -> None:
    for name in ("Ashire", "Bshire"):
        lead(session, body_with_address(session, name), without_email(session, name))
    mailing = begin(audience=posting(SendBy.EMAIL_OR_POST))
    check(mailing)
    released(session, mailing)
    posted, returned = letters_of(session, mailing)
    for letter, state in ((posted, PostalState.POSTED), (returned, PostalState.RETURNED)):
        letter.post_state, letter.posted_on, letter.sent_on = state, TODAY, TODAY
    returned.returned_why = "moved away"
    session.flush()
    keep_up(session, 6)
    assert mailing.state is MailingState.FINISHED
    words = templates.write_template(
        session, name="Chaser", purpose="", subject="Again", body=BODY, by=None, at=NOON
    )

    chaser = proposing.propose(
        session, mailing, words, by=make_user(session, "Ada Author"), at=NOON, base_url=BASE_URL
    )

    session.expire_all()
    again, never = letters_of(session, chaser)
    assert (again.channel, again.post_state) == ("post", PostalState.READY)
    assert never.state is LetterState.EXCLUDED
    assert "came back: moved away" in never.state_reason


def test_letters_that_wait_for_a_printer_are_on_the_list_of_whoever_coordinates(
    session: Session, begin: Begin, check: Check
) -> None:
    for name in ("Ashire", "Bshire"):
        lead(session, body_with_address(session, name), without_email(session, name))
    mailing = begin(audience=posting())
    check(mailing)
    released(session, mailing)
    coordinator = make_user(session, "Cora", permissions=(Permission.VIEW, Permission.COORDINATE))

    def told() -> list[str]:
        return [
            line.link.words
            for line in mailings.lines(session, coordinator, NOON + timedelta(hours=1))
        ]

    assert told() == []  # the hold is not over
    keep_up(session, 6)
    assert told() == ["2 letters of “Offer of support, winter 2026” wait to be printed"]
    set_paper(session, letters_of(session, mailing)[0], PostalState.PRINTED)
    assert told() == [
        "1 letter of “Offer of support, winter 2026” waits to be posted",
        "1 letter of “Offer of support, winter 2026” waits to be printed",
    ]
