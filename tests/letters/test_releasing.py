"""From a checked mailing to letters in the queue: what has to be true, and who may do it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from app.accounts.models import Permission, User
from app.audit.models import AuditEvent
from app.core.errors import NoReason
from app.directory.models import Person, PersonEmail
from app.letters.approval import releasing, submitting
from app.letters.approval.releasing import NotYours
from app.letters.approval.submitting import NotReady
from app.letters.content import attachments
from app.letters.models import (
    Letter,
    LetterEvent,
    LetterState,
    Mailing,
    MailingState,
    TemplateVersion,
)
from app.outbox.models import Message
from app.settings.services import settings_of
from tests.factories import NOON, TODAY, make_person, make_user
from tests.letters.conftest import BASE_URL, board, chair, lead, letters_of

Begin = Callable[..., Mailing]
Check = Callable[[Mailing], list[Letter]]

APPROVER = (Permission.VIEW, Permission.APPROVE)


@pytest.fixture
def checked(session: Session, begin: Begin, check: Check) -> Mailing:
    """Two letters, checked, with nothing wrong."""
    for name in ("Ashire", "Bshire"):
        lead(session, board(session, name), make_person(session, name, title="Dr"))
    mailing = begin()
    check(mailing)
    return session.get_one(Mailing, mailing.id)


def send_test(session: Session, mailing: Mailing, by: User | None = None) -> User:
    by = by or make_user(session, "Ada Author")
    letter = letters_of(session, mailing)[0]
    submitting.send_test(session, mailing, letter, by=by, at=NOON, base_url=BASE_URL)
    return by


def ask(session: Session, mailing: Mailing) -> User:
    by = send_test(session, mailing)
    submitting.ask_for_approval(session, mailing, by=by, at=NOON, base_url=BASE_URL)
    session.flush()
    session.expire_all()
    return by


def release(session: Session, mailing: Mailing, by: User) -> Mailing:
    released = releasing.approve_and_release(session, mailing.id, by=by, at=NOON, base_url=BASE_URL)
    session.flush()
    session.expire_all()
    return released


def blockers(session: Session, mailing: Mailing) -> tuple[str, ...]:
    return submitting.standing(session, mailing, base_url=BASE_URL, on=TODAY).blockers


def test_who_waived_the_test_is_not_the_second_person(session: Session, checked: Mailing) -> None:
    waiver = make_user(session, "Wim Waiver", permissions=(*APPROVER, Permission.COORDINATE))
    submitting.waive_test(checked, "Tried last week.", by=waiver)
    submitting.ask_for_approval(
        session, checked, by=make_user(session, "Ada Author"), at=NOON, base_url=BASE_URL
    )
    session.flush()

    assert "somebody else has to approve" in releasing.why_not_release(session, checked, waiver)


def test_who_wrote_only_the_template_may_release_what_somebody_else_made_of_it(
    session: Session, checked: Mailing
) -> None:
    writer = make_user(session, "Theo Template", permissions=APPROVER)
    version = session.get_one(TemplateVersion, checked.template_version_id)
    version.written_by_id = writer.id
    session.flush()
    ask(session, checked)

    assert releasing.why_not_release(session, checked, writer) == ""


def test_any_coordinator_takes_a_waiting_mailing_back_to_draft(
    session: Session, checked: Mailing
) -> None:
    ask(session, checked)

    submitting.withdraw(session, checked, by=make_user(session, "Cora Coordinator"), at=NOON)

    assert checked.state is MailingState.DRAFT
    assert checked.state_reason == "Withdrawn by Cora Coordinator."


def test_a_second_person_releases_and_every_letter_is_queued_at_once(
    session: Session, checked: Mailing
) -> None:
    ask(session, checked)
    assert checked.state is MailingState.AWAITING_APPROVAL
    approver = make_user(session, "Ben Approver", permissions=APPROVER)
    mailing = release(session, checked, approver)
    assert mailing.state is MailingState.HOLDING
    assert mailing.hold_until == NOON + timedelta(minutes=5)
    assert mailing.approval_lapses_at == NOON + timedelta(hours=24, minutes=5)
    assert mailing.installation == settings_of(session).installation
    letters = letters_of(session, mailing)
    assert {letter.state for letter in letters} == {LetterState.QUEUED}
    events = session.scalars(select(LetterEvent).where(LetterEvent.state == LetterState.QUEUED))
    assert {event.by_id for event in events} == {approver.id}
    said = session.scalars(select(AuditEvent).where(AuditEvent.action == "released")).one()
    assert said.summary.startswith("2 letters, manifest ")


def test_nothing_may_be_asked_before_a_test_to_oneself_of_these_very_words(
    session: Session, checked: Mailing
) -> None:
    assert blockers(session, checked) == ("Send a test to yourself first, or say why not.",)
    by = send_test(session, checked)
    assert blockers(session, checked) == ()
    message = session.scalars(select(Message)).one()
    assert message.recipient == by.email
    assert message.raw is not None
    assert b"To: Ada Author <" in message.raw
    assert b"Cc:" not in message.raw

    attachments.attach(session, checked, file_name="note.txt", content=b"hello", by=by)
    assert blockers(session, checked) == ("Send a test to yourself first, or say why not.",)
    with pytest.raises(NoReason):
        submitting.waive_test(checked, " ", by=by)
    submitting.waive_test(checked, "only the file changed", by=by)
    assert blockers(session, checked) == ()


def test_with_one_row_wrong_a_forged_request_gets_the_sentence_of_the_page(
    session: Session, checked: Mailing, check: Check
) -> None:
    lead(session, board(session, "Cshire"), make_person(session, "Noaddress", email=None))
    check(checked)
    mailing = session.get_one(Mailing, checked.id)
    by = send_test(session, mailing)
    assert blockers(session, mailing) == ("1 row needs you before this can be approved.",)
    with pytest.raises(NotReady, match="1 row needs you before this can be approved"):
        submitting.ask_for_approval(session, mailing, by=by, at=NOON, base_url=BASE_URL)


def test_a_change_since_the_check_has_to_be_looked_at_first(
    session: Session, checked: Mailing
) -> None:
    letter = letters_of(session, checked)[0]
    assert letter.person_id
    session.get_one(Person, letter.person_id).family_name = "Changed"
    session.flush()
    by = send_test(session, checked)
    with pytest.raises(NotReady, match="Check again"):
        submitting.ask_for_approval(session, checked, by=by, at=NOON, base_url=BASE_URL)


def test_the_bytes_are_fixed_on_asking_and_are_the_same_whenever_they_are_built(
    session: Session, checked: Mailing
) -> None:
    by = ask(session, checked)
    first = {one.id: one.sha256 for one in letters_of(session, checked)}
    submitting.withdraw(session, checked, by=by, at=NOON)
    submitting.ask_for_approval(session, checked, by=by, at=NOON, base_url=BASE_URL)
    session.expire_all()
    letters = session.scalars(select(Letter).options(undefer(Letter.mime))).all()
    assert {one.id: one.sha256 for one in letters} == first
    for letter in letters:
        assert letter.mime
        head = letter.mime.decode().partition("\r\n\r\n")[0]
        assert "\nDate:" not in head
        assert f"Message-ID: {letter.message_id}" in head.replace("\r\n ", " ")
        assert f"X-Liaise-Reference: {letter.reference}" in head
        token = (letter.reference or "").replace("-", "").lower()
        assert f"Reply-To: replies+{token}@group.example.org" in head
        assert "Auto-Submitted" not in head


def test_the_author_and_whoever_asked_or_changed_it_cannot_release(
    session: Session, checked: Mailing
) -> None:
    asker = ask(session, checked)
    author = session.get_one(User, checked.created_by_id)
    changer = session.get_one(User, int(checked.author_ids[-1]))
    for person in (asker, author, changer):
        with pytest.raises(NotYours, match="You worked on this mailing"):
            release(session, checked, person)


def test_somebody_without_the_permission_cannot_release(session: Session, checked: Mailing) -> None:
    ask(session, checked)
    coordinator = make_user(session, permissions=(Permission.VIEW, Permission.COORDINATE))
    with pytest.raises(NotYours, match="permission"):
        release(session, checked, coordinator)


def test_a_single_letter_is_released_by_its_author_only_if_the_setting_allows(
    session: Session, begin: Begin, check: Check
) -> None:
    lead(session, board(session), make_person(session, "Only"))
    mailing = begin()
    check(mailing)
    mailing = session.get_one(Mailing, mailing.id)
    author = ask(session, mailing)
    with pytest.raises(NotYours, match="somebody who did not write them"):
        release(session, mailing, author)
    settings_of(session).single_letter_by_author = True
    assert release(session, mailing, author).state is MailingState.HOLDING


def test_a_second_release_of_the_same_mailing_is_refused(
    session: Session, checked: Mailing
) -> None:
    ask(session, checked)
    approver = make_user(session, permissions=APPROVER)
    release(session, checked, approver)
    with pytest.raises(NotReady, match="holding"):
        release(session, checked, approver)
    assert (
        len(session.scalars(select(LetterEvent).where(LetterEvent.note == "released")).all()) == 2
    )


@pytest.mark.parametrize("how", ["bytes", "missing", "added"])
def test_letters_that_are_not_those_put_forward_are_not_released(
    session: Session, checked: Mailing, how: str
) -> None:
    ask(session, checked)
    letters = letters_of(session, checked)
    if how == "bytes":
        letters[0].mime = b"other bytes"
    elif how == "missing":
        letters[0].state = LetterState.EXCLUDED
    else:
        session.add(
            Letter(mailing_id=checked.id, addressee_key="person:0", state=LetterState.READY)
        )
    session.flush()
    with pytest.raises(NotReady, match="no longer those that were put forward"):
        release(session, checked, make_user(session, permissions=APPROVER))


def test_an_objection_after_asking_stops_the_release(session: Session, checked: Mailing) -> None:
    ask(session, checked)
    person_id = letters_of(session, checked)[0].person_id
    assert person_id
    session.get_one(Person, person_id).objected_on = TODAY
    session.flush()
    with pytest.raises(NotReady, match="asked not to be contacted: Dr Alex Ashire"):
        release(session, checked, make_user(session, permissions=APPROVER))


def test_an_objection_on_another_record_of_a_copied_mailbox_stops_the_release(
    session: Session, begin: Begin, check: Check
) -> None:
    body = board(session)
    lead(session, body, make_person(session, "Lead"))
    chair(session, body, make_person(session, "Chair", email="pat.chair@example.org"))
    mailing = begin()
    (letter,) = check(mailing)
    mailing = session.get_one(Mailing, mailing.id)
    ask(session, mailing)
    make_person(session, "Other", email="PatChair+news@example.org", objected_on=TODAY)

    with pytest.raises(NotReady, match="asked not to be contacted: Alex Chair"):
        release(session, mailing, make_user(session, permissions=APPROVER))

    assert session.get_one(Letter, letter.id).state is LetterState.READY


def test_an_objection_on_another_record_of_the_readers_mailbox_stops_the_release(
    session: Session, checked: Mailing
) -> None:
    ask(session, checked)
    address = letters_of(session, checked)[1].to_email
    stranger = make_person(session, "Elsewhere", email=f"another.{address}", objected_on=TODAY)
    approver = make_user(session, permissions=APPROVER)
    assert releasing.why_not_release(session, checked, approver) == ""
    make_person(session, "Twice", email=address.upper(), objected_on=TODAY)

    with pytest.raises(NotReady, match="asked not to be contacted: Dr Alex Bshire"):
        release(session, checked, approver)

    assert stranger.objected_on, "who objected at a mailbox of their own is in nobody's way"


def test_an_objection_of_somebody_whose_address_is_another_by_now_stops_the_release(
    session: Session, checked: Mailing
) -> None:
    """Their letter goes to the address of the check, at which nobody on record objects."""
    ask(session, checked)
    letter = letters_of(session, checked)[1]
    person = session.get_one(Person, letter.person_id)
    email = session.scalars(select(PersonEmail).where(PersonEmail.person_id == person.id)).one()
    email.address = email.address_key = "moved@example.org"
    person.objected_on = TODAY
    session.flush()

    with pytest.raises(NotReady, match="asked not to be contacted: Dr Alex Bshire"):
        release(session, checked, make_user(session, permissions=APPROVER))


def test_without_a_privacy_notice_nothing_is_released(session: Session, checked: Mailing) -> None:
    ask(session, checked)
    settings_of(session).privacy_notice = ""
    with pytest.raises(NotReady, match="privacy notice"):
        release(session, checked, make_user(session, permissions=APPROVER))


def test_an_approver_sends_it_back_with_a_reason(session: Session, checked: Mailing) -> None:
    ask(session, checked)
    approver = make_user(session, "Ben", permissions=APPROVER)
    with pytest.raises(NoReason):
        submitting.send_back(session, checked, "", by=approver, at=NOON)
    submitting.send_back(session, checked, "the second paragraph is too long", by=approver, at=NOON)
    assert checked.state is MailingState.DRAFT
    assert checked.state_reason == "Sent back by Ben: the second paragraph is too long"
    assert not releasing.why_not_release(session, checked, approver), "reading is not writing"


def test_a_lapsed_approval_needs_another_for_the_letters_that_are_left(
    session: Session, checked: Mailing
) -> None:
    ask(session, checked)
    release(session, checked, make_user(session, permissions=APPROVER))
    gone, left = letters_of(session, checked)
    gone.state, left.state = LetterState.SENT, LetterState.EXPIRED
    checked.state = MailingState.EXPIRED
    session.flush()
    submitting.ask_again(session, checked, by=make_user(session), at=NOON)
    session.flush()
    assert (checked.state, checked.letter_count) == (MailingState.AWAITING_APPROVAL, 1)
    release(session, checked, make_user(session, permissions=APPROVER))
    assert [letter.state for letter in letters_of(session, checked)] == [
        LetterState.SENT,
        LetterState.QUEUED,
    ]


def test_what_has_gone_survives_when_the_rest_is_put_forward_and_withdrawn(
    session: Session, checked: Mailing
) -> None:
    ask(session, checked)
    release(session, checked, make_user(session, permissions=APPROVER))
    gone, left = letters_of(session, checked)
    gone.state, left.state = LetterState.SENT, LetterState.EXPIRED
    checked.state = MailingState.EXPIRED
    session.flush()
    submitting.ask_again(session, checked, by=make_user(session), at=NOON)

    submitting.withdraw(session, checked, by=make_user(session), at=NOON)

    session.expire_all()
    states = [letter.state for letter in letters_of(session, checked)]
    assert states == [LetterState.SENT, LetterState.EXPIRED]
    assert checked.state is MailingState.EXPIRED
