"""Who is chased and who is not: nobody who answered, and nobody who may not have had the letter."""

import random
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.accounts.visibility import Visibility
from app.core.mail import caught
from app.core.web.filters import short_day
from app.directory.models import (
    Appointment,
    Organisation,
    Person,
    PersonEmail,
    PostState,
)
from app.directory.services.posts import record_state
from app.interactions.models import (
    Interaction,
    InteractionKind,
    InteractionOrganisation,
    InteractionState,
)
from app.letters.approval import submitting
from app.letters.approval.submitting import NotReady
from app.letters.chasers.proposing import NobodyToChase
from app.letters.delivery import controls
from app.letters.drafting import row_decisions
from app.letters.models import CcRule, Letter, LetterBoard, LetterState, Mailing
from app.letters.recipients import chaser_recipients
from app.letters.recipients.audience import Audience, How
from tests.conftest import CountStatements
from tests.factories import (
    NOON,
    TODAY,
    make_appointment,
    make_organisation,
    make_person,
    make_post,
    make_sent_letter,
    make_succession,
    make_user,
)
from tests.letters.conftest import BASE_URL, board, lead, letters_of, unknown_lead
from tests.letters.silent import (
    MORNING,
    WENT,
    answered,
    chaser_words,
    check_again,
    let_it_go,
    propose,
)

S = LetterState
Begin = Callable[..., Mailing]
Check = Callable[[Mailing], list[Letter]]


@pytest.fixture
def boards(session: Session) -> list[Organisation]:
    """Four boards, each with a lead of its own."""
    found = [board(session, name) for name in ("Ashire", "Bshire", "Cshire", "Dshire")]
    for one in found:
        lead(session, one, make_person(session, one.short_name, title="Dr"))
    return found


@pytest.fixture
def first(session: Session, boards: list[Organisation], begin: Begin, check: Check) -> Mailing:
    """A mailing to all four that went on 2 November."""
    mailing = begin(cc_rule=CcRule.NOBODY)
    check(mailing)
    let_it_go(session, mailing)
    return mailing


def row(letters: list[Letter], name: str) -> Letter:
    return next(one for one in letters if name in one.to_name)


def test_those_who_are_silent_get_a_letter_that_names_the_first(
    session: Session, first: Mailing
) -> None:
    letters = letters_of(session, propose(session, first))

    assert [one.state for one in letters] == [S.READY] * 4
    assert (
        "On 2 November 2026 we wrote to you as Executive Lead for Children and Young People at NHS "
        "Ashire Integrated Care Board: Support in Ashire." in " ".join(letters[0].text.split())
    )
    assert "We wrote again" not in letters[0].text


def test_nobody_who_answered_gets_one_and_the_draft_says_why(
    session: Session, first: Mailing
) -> None:
    answered(session, row(letters_of(session, first), "Bshire"), by="Bea Bshire’s assistant")

    letters = letters_of(session, propose(session, first))

    left_out = row(letters, "Bshire")
    assert left_out.state is S.EXCLUDED
    assert left_out.state_reason == f"Answered on {short_day(TODAY)} (Bea Bshire’s assistant)."
    assert [one.state for one in letters].count(S.READY) == 3


def test_an_answer_of_the_board_counts_to_whichever_letter_it_came(
    session: Session, first: Mailing, boards: list[Organisation]
) -> None:
    """The chair's office answered a letter of ours that it had: that is the board's answer."""
    answered(session, make_sent_letter(session, boards[0], sent_on=WENT), by="the chair’s office")

    letters = letters_of(session, propose(session, first))

    assert row(letters, "Ashire").state is S.EXCLUDED
    assert "the chair’s office" in row(letters, "Ashire").state_reason


@pytest.mark.date_sensitive
def test_what_was_answered_before_the_letter_went_is_no_answer_to_it(
    session: Session, first: Mailing, boards: list[Organisation]
) -> None:
    before = make_sent_letter(session, boards[0], sent_on=WENT - timedelta(days=60))
    answered(session, before, at=MORNING - timedelta(days=30))
    written_down_late = answered(session, before, at=NOON)
    written_down_late.answered_on = WENT - timedelta(days=20)

    assert row(letters_of(session, propose(session, first)), "Ashire").state is S.READY


@pytest.mark.date_sensitive
@pytest.mark.parametrize(("days", "is_answered"), [(-1, False), (0, True), (1, True)])
def test_what_a_board_answers_from_the_day_of_the_letter_on_is_its_answer(
    session: Session, first: Mailing, boards: list[Organisation], days: int, is_answered: bool
) -> None:
    """To another letter of ours: nobody can tell which came first on one day, so it counts."""
    before = make_sent_letter(session, boards[0], sent_on=WENT - timedelta(days=60))
    answered(session, before).answered_on = WENT + timedelta(days=days)
    session.flush()

    chased = row(letters_of(session, propose(session, first)), "Ashire")

    assert chased.state is (S.EXCLUDED if is_answered else S.READY)


def test_the_answer_of_a_body_that_took_over_is_the_boards(
    session: Session, first: Mailing, boards: list[Organisation]
) -> None:
    heir, sister = board(session, "Heirshire"), board(session, "Sistershire")
    make_succession(session, boards[0], heir, on=date(2027, 4, 1))
    parent = board(session, "Oldshire")
    make_succession(session, parent, boards[1])
    make_succession(session, parent, sister)
    answered(session, make_sent_letter(session, heir, sent_on=WENT))
    answered(session, make_sent_letter(session, sister, sent_on=WENT))

    letters = letters_of(session, propose(session, first))

    assert row(letters, "Ashire").state is S.EXCLUDED
    assert row(letters, "Bshire").state is S.READY, "a sister speaks for itself"


def test_of_three_boards_the_chaser_names_those_that_are_silent(
    session: Session, begin: Begin, check: Check
) -> None:
    three = [board(session, name) for name in ("Ashire", "Bshire", "Cshire")]
    person = make_person(session, "Three", title="Dr")
    for one in three:
        lead(session, one, person)
    mailing = begin(subject="Our offer", cc_rule=CcRule.NOBODY)
    check(mailing)
    let_it_go(session, mailing)
    answered(session, make_sent_letter(session, three[1], sent_on=WENT), by="Bshire’s chair")

    (letter,) = letters_of(session, propose(session, mailing))

    assert letter.state is S.READY
    assert "NHS Ashire Integrated Care Board and NHS Cshire" in " ".join(letter.text.split())
    assert "Bshire" not in letter.text
    assert letter.findings["warnings"] == [
        f"Bshire answered on {short_day(TODAY)} (Bshire’s chair): the chaser leaves it out."
    ]


def test_an_answer_to_the_letter_itself_answers_for_every_board_it_named(
    session: Session, begin: Begin, check: Check
) -> None:
    person = make_person(session, "Two", title="Dr")
    for name in ("Ashire", "Bshire"):
        lead(session, board(session, name), person)
    mailing = begin(cc_rule=CcRule.NOBODY)
    check(mailing)
    (letter,) = let_it_go(session, mailing)
    answered(session, letter)

    with pytest.raises(NobodyToChase, match="nobody to chase"):
        propose(session, mailing)


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (S.UNKNOWN, "Whether the earlier letter arrived is not known. Find that out first."),
        (S.REFUSED, "The earlier letter was refused. 550 no such user"),
        (S.STOPPED, "The earlier letter was stopped before it left. 550 no such user"),
        (S.EXPIRED, "The approval of the earlier letter lapsed before it left. 550 no such user"),
        (S.EXCLUDED, "Had no earlier letter. 550 no such user"),
        (S.WAITING_TO_RETRY, "The earlier letter is still on its way. 550 no such user"),
    ],
)
def test_a_letter_that_may_not_have_been_had_is_not_chased(
    session: Session, first: Mailing, state: LetterState, why: str
) -> None:
    letter = letters_of(session, first)[0]
    letter.state, letter.state_reason = state, "550 no such user"
    session.flush()

    chased = letters_of(session, propose(session, first))[0]

    assert (chased.state, chased.state_reason) == (S.EXCLUDED, why)


def test_a_letter_that_only_the_catcher_has_is_not_chased(session: Session, first: Mailing) -> None:
    letter = letters_of(session, first)[0]
    letter.server_reply = caught.REPLY
    session.flush()

    chased = letters_of(session, propose(session, first))[0]

    assert chased.state is S.EXCLUDED
    assert "caught here" in chased.state_reason


def test_mail_that_bounced_since_is_not_chased_at_the_next_address(
    session: Session, first: Mailing
) -> None:
    letter = letters_of(session, first)[0]
    person = session.get_one(Person, letter.person_id)
    email = session.query(PersonEmail).where(PersonEmail.person_id == person.id).one()
    email.failed_on = TODAY
    session.add(
        PersonEmail(person_id=person.id, address="new@example.org", address_key="new@example.org")
    )
    session.flush()

    chased = letters_of(session, propose(session, first))[0]

    assert chased.state is S.EXCLUDED
    assert f"failed on {short_day(TODAY)}: it may not have arrived" in chased.state_reason


@pytest.mark.date_sensitive
@pytest.mark.parametrize(("days", "had_it"), [(-1, True), (0, False), (1, False)])
def test_whose_address_failed_from_the_day_of_the_letter_on_may_not_have_had_it(
    session: Session, first: Mailing, days: int, had_it: bool
) -> None:
    letter = letters_of(session, first)[0]
    email = session.query(PersonEmail).where(PersonEmail.person_id == letter.person_id).one()
    email.failed_on = WENT + timedelta(days=days)
    new = "new@example.org"
    session.add(PersonEmail(person_id=letter.person_id, address=new, address_key=new))
    session.flush()

    chased = letters_of(session, propose(session, first))[0]

    assert chased.state is (S.READY if had_it else S.EXCLUDED)
    assert ("it may not have arrived" in chased.state_reason) is not had_it
    assert (chased.to_email == new) is had_it


def test_an_objection_beats_the_chaser(session: Session, first: Mailing) -> None:
    person = session.get_one(Person, letters_of(session, first)[0].person_id)
    person.objected_on = TODAY
    session.flush()

    chased = letters_of(session, propose(session, first))[0]

    assert chased.state is S.EXCLUDED
    assert chased.state_reason == f"Asked not to be contacted on {short_day(TODAY)}."


@pytest.mark.date_sensitive
def test_a_successor_in_the_post_is_proposed_and_never_written_to(
    session: Session, first: Mailing, boards: list[Organisation]
) -> None:
    old = letters_of(session, first)[0]
    (held,) = session.query(Appointment).where(Appointment.person_id == old.person_id).all()
    held.ended_on = date(2026, 11, 10)
    new = make_person(session, "Newcomer", title="Dr")
    make_appointment(session, person=new, organisation=boards[0], started_on=date(2026, 11, 11))

    letters = letters_of(session, propose(session, first))

    left_out = letters[0]
    assert left_out.addressee_key == old.addressee_key
    assert left_out.state_reason == (
        f"{old.to_name} no longer holds the post at Ashire: {new.name}. Write to them with a "
        "letter of their own."
    )
    assert left_out.findings["instead"] == [boards[0].id]
    assert new.id not in [one.person_id for one in letters]


def test_a_board_that_has_ended_is_not_chased(
    session: Session, first: Mailing, boards: list[Organisation]
) -> None:
    heir = board(session, "Heirshire")
    boards[0].dissolved_on = date(2026, 11, 15)
    make_succession(session, boards[0], heir, on=date(2026, 11, 15))

    left_out = letters_of(session, propose(session, first))[0]

    assert left_out.state is S.EXCLUDED
    assert "no longer exists. Write to Heirshire" in left_out.state_reason
    assert left_out.findings["instead"] == [heir.id]


def test_an_office_is_chased_while_the_lead_is_not_known(
    session: Session, begin: Begin, check: Check
) -> None:
    one, other = unknown_lead(session, "Ashire"), unknown_lead(session, "Bshire")
    one.office_email, other.office_email = "a@example.org", "b@example.org"
    mailing = begin(cc_rule=CcRule.NOBODY)
    check(mailing)
    let_it_go(session, mailing)
    person = make_person(session, "Found", title="Dr")
    make_appointment(session, person=person, organisation=other)

    letters = letters_of(session, propose(session, mailing))

    assert [one.state for one in letters] == [S.READY, S.EXCLUDED]
    assert "The post at Bshire has a holder now: Dr Alex Found" in letters[1].state_reason


def test_a_chaser_to_a_post_found_vacant_since_needs_a_decision_too(
    session: Session, begin: Begin, check: Check
) -> None:
    one = unknown_lead(session, "Ashire")
    one.office_email = "a@example.org"
    mailing = begin(cc_rule=CcRule.NOBODY)
    check(mailing)
    let_it_go(session, mailing)
    post = make_post(session, one)
    record_state(
        session,
        post=post,
        state=PostState.VACANT,
        observed_on=TODAY,
        source="",
        by=None,
        on=TODAY,
    )

    chaser = propose(session, mailing)
    (letter,) = letters_of(session, chaser)

    assert [one["kind"] for one in letter.findings["problems"]] == ["vacant"]
    assert "Dear colleague," in letter.text
    assert "as Executive Lead" not in letter.text
    author = make_user(session, "Ada Author")
    row_decisions.decide(session, chaser, letter, "write to the office", "they asked", by=author)
    assert [one.state for one in check(chaser)] == [S.READY]


def test_people_who_were_picked_are_chased_in_the_posts_they_still_hold(
    session: Session, boards: list[Organisation], begin: Begin, check: Check
) -> None:
    person = make_person(session, "Picked", title="Dr")
    make_appointment(session, person=person, organisation=boards[0], code="chair")
    mailing = begin(
        audience=Audience(how=How.PEOPLE, person_ids=(person.id,)), cc_rule=CcRule.NOBODY
    )
    check(mailing)
    let_it_go(session, mailing)

    (letter,) = letters_of(session, propose(session, mailing))

    assert (letter.state, letter.person_id) == (S.READY, person.id)


def test_a_meeting_since_is_pointed_out_and_left_to_a_person(
    session: Session, first: Mailing, boards: list[Organisation]
) -> None:
    talked(session, boards[0], date(2026, 11, 12))
    talked(session, boards[1], date(2026, 11, 12), visible_to=Visibility.AUTHOR)
    talked(session, boards[2], WENT - timedelta(days=1))
    talked(session, boards[3], TODAY, state=InteractionState.PLANNED)

    letters = letters_of(session, propose(session, first))

    assert [one.findings["warnings"] for one in letters] == [
        [
            "A meeting with Ashire on 12 Nov 2026 is recorded since the letter. "
            "Was it answered there?"
        ],
        [],
        [],
        [],
    ]
    assert [one.state for one in letters] == [S.READY] * 4


@pytest.mark.date_sensitive
@pytest.mark.parametrize(("days", "is_said"), [(-1, False), (0, True), (1, True)])
def test_a_meeting_is_pointed_out_from_the_day_of_the_letter_on(
    session: Session, first: Mailing, boards: list[Organisation], days: int, is_said: bool
) -> None:
    talked(session, boards[0], WENT + timedelta(days=days))

    chased = letters_of(session, propose(session, first))[0]

    assert (
        any("Was it answered there?" in words for words in chased.findings["warnings"]) is is_said
    )


def talked(
    session: Session,
    body: Organisation,
    on: date,
    *,
    visible_to: Visibility = Visibility.GROUP,
    state: InteractionState = InteractionState.HELD,
) -> None:
    meeting = Interaction(
        kind=InteractionKind.MEETING,
        happened_on=on,
        state=state,
        written_at=NOON,
        author_id=make_user(session).id,
        visible_to=visible_to,
    )
    session.add(meeting)
    session.flush()
    session.add(InteractionOrganisation(interaction_id=meeting.id, organisation_id=body.id))
    session.flush()


def test_a_reply_after_the_check_keeps_the_chaser_from_being_put_forward(
    session: Session, first: Mailing
) -> None:
    chaser = propose(session, first)
    submitting.waive_test(chaser, "The words are known", by=make_user(session))
    session.flush()
    ready = submitting.standing(session, chaser, base_url=BASE_URL, on=TODAY)
    assert ready.may_ask, ready.blockers

    answered(session, row(letters_of(session, first), "Cshire"))

    with pytest.raises(NotReady, match="Something changed since the letters were checked"):
        submitting.ask_for_approval(
            session, chaser, by=make_user(session), at=NOON, base_url=BASE_URL
        )
    letters = check_again(session, chaser)
    assert row(letters, "Cshire").state is S.EXCLUDED


def test_a_letter_found_to_have_arrived_joins_the_draft_at_its_next_check(
    session: Session, first: Mailing
) -> None:
    unknown = letters_of(session, first)[0]
    unknown.state = S.UNKNOWN
    session.flush()
    chaser = propose(session, first)
    assert letters_of(session, chaser)[0].state is S.EXCLUDED

    controls.it_arrived(session, unknown, by=make_user(session), at=NOON)
    session.flush()

    assert submitting.standing(session, chaser, base_url=BASE_URL, on=TODAY).changed
    assert check_again(session, chaser)[0].state is S.READY


def test_a_second_chaser_names_both_letters_and_goes_to_those_who_had_the_first(
    session: Session, first: Mailing
) -> None:
    chaser = propose(session, first)
    letters = let_it_go(session, chaser, on=date(2026, 11, 16))
    letters[1].state, letters[1].state_reason = S.REFUSED, "550 gone"
    answered(session, letters[2])
    answered(session, letters_of(session, first)[3], by="somebody at Dshire")

    second = propose(session, chaser, chaser_words(session, "Second chaser"))

    found = letters_of(session, second)
    assert second.name == "Second chaser of Offer of support, winter 2026"
    assert [one.state for one in found] == [S.READY, S.EXCLUDED, S.EXCLUDED, S.EXCLUDED]
    assert "On 2 November 2026 we wrote to you" in " ".join(found[0].text.split())
    assert "We wrote again on 16 November 2026." in found[0].text


def test_the_chain_is_no_reason_not_to_write_so_soon_but_the_same_words_are(
    session: Session, first: Mailing
) -> None:
    chaser = propose(session, first)
    version = first.template_version_id
    assert chaser_recipients.not_counted(session, chaser) == [chaser.id, first.id]

    chaser.template_version_id = version
    session.flush()

    assert chaser_recipients.not_counted(session, chaser) == [chaser.id]
    letters = check_again(session, session.get_one(Mailing, chaser.id))
    assert f"Had these very words {(TODAY - WENT).days} days ago" in letters[0].state_reason


def test_whom_somebody_left_out_of_the_draft_stays_left_out(
    session: Session, first: Mailing
) -> None:
    chaser = propose(session, first)
    letter = letters_of(session, chaser)[0]
    row_decisions.decide(
        session, chaser, letter, "leave out", "Spoke to them", by=make_user(session, "Cara")
    )

    letters = check_again(session, chaser)

    assert letters[0].state_reason == "Left out: Spoke to them (Cara)"


@pytest.mark.parametrize("seed", range(6))
def test_however_it_went_whoever_is_chased_had_the_letter_and_is_silent(
    session: Session, begin: Begin, check: Check, seed: int
) -> None:
    chance = random.Random(seed)
    bodies = [board(session, f"B{number:02}shire") for number in range(14)]
    people = [make_person(session, f"No{number}", title="Dr") for number in range(8)]
    for one in bodies:
        lead(session, one, chance.choice(people))
    mailing = begin(subject="Our offer", cc_rule=CcRule.NOBODY)
    check(mailing)
    earlier = let_it_go(session, mailing)
    spared = [bodies[seed], bodies[-1]]  # so that somebody is left to chase
    has_answered: set[int] = set()
    for letter in earlier:
        named = {one.organisation_id for one in boards_named(session, letter)}
        if named.isdisjoint(one.id for one in spared) and chance.random() < 0.5:
            letter.state = chance.choice([S.SENT, S.UNKNOWN, S.REFUSED, S.STOPPED])
            if letter.state is S.SENT:
                answered(session, letter)
                has_answered |= named
    for one in chance.sample(bodies[:-1], 4):
        if one not in spared:
            answered(session, make_sent_letter(session, one, sent_on=WENT))
            has_answered.add(one.id)

    chased = letters_of(session, propose(session, mailing))

    before = {one.addressee_key: one for one in earlier}
    assert {one.addressee_key for one in chased} == set(before), "nobody is forgotten"
    for letter in chased:
        named = {one.organisation_id for one in boards_named(session, letter)}
        had = {one.organisation_id for one in boards_named(session, before[letter.addressee_key])}
        if letter.state is S.READY:
            assert before[letter.addressee_key].state is S.SENT
            assert named == had - has_answered
        else:
            assert letter.state is S.EXCLUDED
            assert letter.state_reason
            assert before[letter.addressee_key].state is not S.SENT or had <= has_answered


def boards_named(session: Session, letter: Letter) -> list[LetterBoard]:
    return session.query(LetterBoard).where(LetterBoard.letter_id == letter.id).all()


def test_gathering_takes_as_many_statements_for_many_letters_as_for_few(
    app: Flask,
    session: Session,
    begin: Begin,
    check: Check,
    count_statements: CountStatements,
) -> None:
    for number in range(3):
        body = make_organisation(session, f"NHS {number} Board", short_name=f"{number}shire")
        lead(session, body, make_person(session, f"No{number}", title="Dr"))
    small = begin(cc_rule=CcRule.NOBODY, name="Small")
    check(small)
    let_it_go(session, small)
    small_chaser = propose(session, small)
    for number in range(3, 30):
        body = make_organisation(session, f"NHS {number} Board", short_name=f"{number}shire")
        lead(session, body, make_person(session, f"No{number}", title="Dr"))
    large = begin(cc_rule=CcRule.NOBODY, name="Large")
    check(large)
    for letter in letters_of(session, large):
        letter.state = S.READY
    let_it_go(session, large)
    large_chaser = propose(session, large, chaser_words(session, "Other chaser"))

    def statements_of(chaser: Mailing) -> int:
        session.expire_all()
        session.get_one(Mailing, chaser.id)
        with count_statements() as statements:
            chaser_recipients.readers(session, session.get_one(Mailing, chaser.id), on=TODAY)
        return len(statements)

    assert statements_of(large_chaser) == statements_of(small_chaser) <= 25
