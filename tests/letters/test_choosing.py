"""Who gets a letter, who stands in, and who gets a copy."""

import random
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from app.core.errors import NoReason
from app.core.web.filters import short_day
from app.directory.models import Organisation, OrganisationKind, PersonEmail, PostState
from app.directory.services.posts import record_state
from app.letters.approval import submitting
from app.letters.drafting.row_decisions import decide
from app.letters.models import CcRule, Letter, LetterBoard, LetterRecipient, LetterState, Mailing
from app.letters.recipients import choosing
from app.letters.recipients.audience import Audience, How, LeadState, SendBy
from app.letters.recipients.recipient import Recipient
from tests.factories import (
    TODAY,
    make_appointment,
    make_organisation,
    make_person,
    make_post,
    make_user,
)
from tests.letters.conftest import BASE_URL, board, chair, lead, unknown_lead


def readers(
    session: Session, audience: Audience | None = None, cc_rule: CcRule = CcRule.NOBODY
) -> list[Recipient]:
    return choosing.readers(session, audience=audience or Audience(), cc_rule=cc_rule, on=TODAY)


def names(found: list[Recipient]) -> list[str]:
    return [reader.addressee.to_name for reader in found]


def test_a_person_who_leads_three_boards_gets_one_letter_naming_all(
    session: Session, begin: Callable[..., Mailing], check: Callable[[Mailing], list[Letter]]
) -> None:
    boards = [board(session, name) for name in ("Ashire", "Bshire", "Cshire")]
    person = make_person(session, "Three", title="Dr")
    for one in boards:
        lead(session, one, person)
    shared_chair = make_person(session, "Chairing")
    chair(session, boards[0], shared_chair)
    chair(session, boards[1], shared_chair)
    chair(session, boards[2])

    (letter,) = check(begin())

    assert (
        "NHS Ashire Integrated Care Board, NHS Bshire Integrated Care Board "
        "and NHS Cshire Integrated Care Board" in letter.text
    )
    named = session.query(LetterBoard).where(LetterBoard.letter_id == letter.id).all()
    assert {row.organisation_id for row in named} == {one.id for one in boards}
    copies = session.query(LetterRecipient).where(LetterRecipient.is_cc.is_(True)).all()
    assert len(copies) == 2, "each chair once"
    assert (
        "Alex Chairing, Chair, NHS Ashire Integrated Care Board; Chair, NHS Bshire" in letter.text
    )


@pytest.mark.date_sensitive
def test_only_the_holder_of_that_day_at_a_board_of_that_day_is_written_to(
    session: Session,
) -> None:
    gone = make_organisation(session, "NHS Gone", dissolved_on=TODAY)
    lead(session, gone)
    here = board(session)
    lead(session, here, make_person(session, "Former"), ended_on=TODAY - timedelta(days=1))
    lead(session, here, make_person(session, "Future"), started_on=TODAY + timedelta(days=1))
    lead(session, here, make_person(session, "Present"))
    assert names(readers(session)) == ["Alex Present"]


def test_a_shared_post_gives_each_holder_a_letter(session: Session) -> None:
    here = board(session)
    lead(session, here, make_person(session, "One"))
    lead(session, here, make_person(session, "Two"))
    assert names(readers(session)) == ["Alex One", "Alex Two"]


@pytest.mark.date_sensitive
def test_an_acting_holder_is_a_known_lead(session: Session) -> None:
    lead(session, board(session), make_person(session, "Acting"), is_acting=True)
    (reader,) = readers(session)
    assert (reader.addressee.to_name, reader.addressee.stands_in_as) == ("Alex Acting", "")


def test_stand_ins_come_in_their_order(session: Session) -> None:
    here = unknown_lead(session, "Sampleshire")
    with_send = Audience(send_lead_stands_in=True)

    (reader,) = readers(session)
    assert "No Executive Lead for Children and Young People is known" in reader.problem

    ceo = make_person(session, "Chief", email="chief@example.org")
    lead(session, here, ceo, code="chief_executive")
    (reader,) = readers(session)
    assert (reader.addressee.email, reader.addressee.stands_in_as) == (
        "chief@example.org",
        "office of the chief executive",
    )

    here.office_email = "office@example.org"
    session.flush()
    (reader,) = readers(session)
    assert (reader.addressee.email, reader.addressee.stands_in_as) == (
        "office@example.org",
        "office of the chair",
    )

    chair(session, here, make_person(session, "Chair", email="chair@example.org"))
    (reader,) = readers(session)
    assert reader.addressee.email == "chair@example.org"
    assert reader.addressee.key == f"office:{here.id}"

    lead(session, here, make_person(session, "Send", email="send@example.org"), code="send")
    assert readers(session)[0].addressee.email == "chair@example.org"
    (reader,) = readers(session, with_send)
    assert reader.addressee.to_name == "Alex Send"
    assert "special educational needs" in reader.addressee.stands_in_as


def seen(session: Session, body: Organisation, state: PostState) -> None:
    record_state(
        session,
        post=make_post(session, body),
        state=state,
        observed_on=date(2026, 3, 3),
        source="Board papers",
        by=None,
        on=TODAY,
    )


@pytest.mark.date_sensitive
@pytest.mark.parametrize(
    ("state", "said"),
    [
        (PostState.VACANT, "as we understand that the post of Executive Lead"),
        (PostState.NOT_PUBLISHED, "as the name of the Executive Lead"),
    ],
)
def test_a_recorded_vacancy_is_named_with_the_day_it_was_seen_and_its_source(
    state: PostState,
    said: str,
    session: Session,
    begin: Callable[..., Mailing],
    check: Callable[[Mailing], list[Letter]],
) -> None:
    here = unknown_lead(session, "Sampleshire")
    here.office_email = "office@example.org"
    seen(session, here, state)

    (letter,) = check(begin())

    assert letter.salutation == ("Dear Executive Lead", "Dear colleague")[state is PostState.VACANT]
    assert letter.findings["by_way"] == (
        f"The post is recorded as {state.value} (seen on 3 March 2026, source: Board papers), "
        "so the letter goes to the office of the chair."
    )
    assert said in letter.text
    assert "not known to us" not in letter.text


def test_a_recorded_vacancy_needs_a_decision_with_a_reason_before_approval(
    session: Session, begin: Callable[..., Mailing], check: Callable[[Mailing], list[Letter]]
) -> None:
    """The decision is about that body: another vacancy in the same mailing is asked about."""
    here, there = unknown_lead(session, "Ashire"), unknown_lead(session, "Bshire")
    here.office_email, there.office_email = "a@example.org", "b@example.org"
    for body in (here, there):
        seen(session, body, PostState.VACANT)
    mailing, by = begin(), make_user(session, "Ada")

    letters = check(mailing)

    question = (
        "The post of Executive Lead for Children and Young People at {} is recorded as vacant. "
        "Leave this letter out, or write to the office anyway and say why."
    )
    assert [one.findings["problems"] for one in letters] == [
        [{"words": question.format(name), "kind": "vacant", "id": None}]
        for name in ("Ashire", "Bshire")
    ]
    standing = submitting.standing(session, mailing, base_url=BASE_URL, on=TODAY)
    assert "2 rows need you before this can be approved." in standing.blockers

    with pytest.raises(NoReason):
        decide(session, mailing, letters[0], "write to the office", " ", by=by)
    decide(session, mailing, letters[0], "write to the office", "the chair asked us to", by=by)
    first, second = check(mailing)
    assert first.state is LetterState.READY
    assert first.findings["warnings"] == [
        "The post at Ashire is vacant. Written to anyway: the chair asked us to (Ada)"
    ]
    assert second.state is LetterState.DRAFT
    decide(session, mailing, second, "leave out", "nobody there", by=by)
    assert [one.state for one in check(mailing)] == [LetterState.READY, LetterState.EXCLUDED]


@pytest.mark.parametrize("by", [SendBy.EMAIL_OR_POST, SendBy.POST, SendBy.BOTH])
def test_a_vacant_post_is_asked_about_by_whichever_way_and_whoever_stands_in(
    by: SendBy,
    session: Session,
    begin: Callable[..., Mailing],
    check: Callable[[Mailing], list[Letter]],
) -> None:
    by_post, by_send_lead = unknown_lead(session, "Ashire"), unknown_lead(session, "Bshire")
    lead(session, by_send_lead, make_person(session, "Send"), code="send")
    for body in (by_post, by_send_lead):
        body.postal_address = "1 Road\nTown\nEX1 1QT"
        seen(session, body, PostState.VACANT)
    for how in (How.POSTS, How.BODIES):
        ids = (by_post.id, by_send_lead.id) if how is How.BODIES else ()
        chosen = Audience(how=how, organisation_ids=ids, send_lead_stands_in=True, by=by)
        for letter in check(begin(audience=chosen)):
            assert [one["kind"] for one in letter.findings["problems"]][-1] == "vacant"
            assert letter.findings["nobody_named"]
            assert "We write to you as" not in letter.text


@pytest.mark.parametrize(
    ("words", "is_stopped"),
    [
        ("We write to you as ((role)) at ((board)).", True),
        ("We wrote to you, as the ((role)), last week.", True),
        ("In your role as Executive Lead you see much.", True),
        ("As the ((role)) at ((board)), you know this.", True),
        ("We write to you as the ((role)) at ((board)) is not known to us.", False),
        ("We send this to you ((stands in)).", False),
        ("This is for the ((role)) at ((board)).", False),
    ],
)
def test_a_letter_that_tells_an_office_it_is_the_lead_is_stopped(
    words: str,
    is_stopped: bool,
    session: Session,
    begin: Callable[..., Mailing],
    check: Callable[[Mailing], list[Letter]],
) -> None:
    """Known or not why nobody is named, and by whichever way it goes."""
    unknown_lead(session, "Ashire").office_email = "office@example.org"
    unknown_lead(session, "Bshire").postal_address = "1 Road\nTown\nEX1 1QT"
    lead(session, board(session, "Cshire"), make_person(session, "Known", title="Dr"))
    audience = Audience(by=SendBy.EMAIL_OR_POST)

    letters = check(begin(body=f"((salutation)),\n\n{words}\n", audience=audience))

    is_claim = [
        any(
            "but nobody is named in that post" in one["words"]
            for one in letter.findings["problems"]
        )
        for letter in letters
    ]
    assert is_claim == [is_stopped, is_stopped, False]


def test_a_recorded_vacancy_without_an_office_to_write_to_is_a_row_to_put_right(
    session: Session,
) -> None:
    seen(session, board(session), PostState.VACANT)

    (reader,) = readers(session)

    assert reader.problem == (
        "The post is recorded as vacant (seen on 3 March 2026, source: Board papers), and there "
        "is no address for the chair or chief executive."
    )
    (passed_over,) = readers(session, Audience(lead_state=LeadState.KNOWN))
    assert passed_over.excluded.startswith("The post is recorded as vacant (seen on 3 March 2026")


@pytest.mark.date_sensitive
def test_a_vacancy_seen_before_somebody_was_appointed_and_left_says_nothing_any_more(
    session: Session,
) -> None:
    here = board(session)
    seen(session, here, PostState.VACANT)
    lead(session, here, started_on=date(2026, 4, 1), ended_on=date(2026, 10, 31))

    assert "No Executive Lead for Children and Young People is known" in readers(session)[0].problem


def test_where_no_chair_is_known_the_letter_says_that_no_copy_goes(
    session: Session, begin: Callable[..., Mailing], check: Callable[[Mailing], list[Letter]]
) -> None:
    with_chair, without = board(session, "Ashire"), board(session, "Bshire")
    lead(session, with_chair, make_person(session, "One"))
    lead(session, without, make_person(session, "Two"))
    chair(session, with_chair)

    first, second = check(begin(cc_rule=CcRule.CHAIR))

    assert (first.findings["copies"], first.findings["no_copies"]) == (1, [])
    assert second.findings["no_copies"] == ["No chair of Bshire is known: no copy there."]


def test_a_chair_who_gets_the_letter_itself_gets_no_copy_and_the_letter_says_so(
    session: Session, begin: Callable[..., Mailing], check: Callable[[Mailing], list[Letter]]
) -> None:
    chair(session, unknown_lead(session, "Ashire"))

    (letter,) = check(begin(cc_rule=CcRule.CHAIR))

    assert letter.findings["copies"] == 0
    assert letter.findings["no_copies"] == ["The chair of Ashire gets the letter itself."]


def test_an_office_is_written_to_by_the_post_and_not_by_its_holders_name(
    session: Session, begin: Callable[..., Mailing], check: Callable[[Mailing], list[Letter]]
) -> None:
    here = unknown_lead(session, "Sampleshire")
    chair(session, here, make_person(session, "Chair", email="chair@example.org"))
    (letter,) = check(begin())
    assert letter.salutation == "Dear Executive Lead"
    assert letter.to_name == "Executive Lead for Children and Young People"
    assert letter.to_email == "chair@example.org"
    assert letter.person_id is None
    assert "as the name of the Executive Lead for Children and Young People is not" in letter.text
    assert "Yours sincerely" in letter.text
    assert "Alex Chair" not in letter.text
    copies = session.query(LetterRecipient).where(LetterRecipient.is_cc.is_(True)).all()
    assert copies == [], "the chair is the reader, and gets no copy besides"


def test_a_chair_who_objected_does_not_stand_in(session: Session) -> None:
    here = unknown_lead(session, "Sampleshire")
    chair(session, here, make_person(session, "No", objected_on=TODAY))
    lead(
        session, here, make_person(session, "Chief", email="c@example.org"), code="chief_executive"
    )
    assert readers(session)[0].addressee.email == "c@example.org"


@pytest.mark.parametrize(
    "address", ["Lead@Example.org", "lead+board@example.org", "l.e.ad@example.org"]
)
def test_an_objection_beats_every_path_also_by_another_record_of_the_same_mailbox(
    session: Session, address: str
) -> None:
    make_person(session, "Objecting", email="lead@example.org", objected_on=TODAY)
    lead(session, board(session), make_person(session, "Again", email=address))
    (reader,) = readers(session)
    assert reader.excluded.startswith("Asked not to be contacted")


def test_an_objection_of_the_lead_is_not_answered_by_writing_to_the_chair(
    session: Session,
) -> None:
    here = board(session)
    lead(session, here, make_person(session, "No", objected_on=TODAY))
    chair(session, here)
    (reader,) = readers(session, cc_rule=CcRule.CHAIR)
    assert reader.excluded == f"Asked not to be contacted on {short_day(TODAY)}."


def test_a_lead_without_address_is_a_row_to_put_right(session: Session) -> None:
    lead(session, board(session), make_person(session, "Quiet", email=None))
    assert readers(session)[0].problem == "No email address is recorded."


def test_an_address_that_failed_is_not_tried_again_while_another_is_known(
    session: Session,
) -> None:
    person = lead(session, board(session), make_person(session, "Moved", email="old@example.org"))
    (email,) = session.query(PersonEmail).where(PersonEmail.person_id == person.id).all()
    email.failed_on, email.failure = TODAY, "550 no such user"
    session.flush()
    (reader,) = readers(session)
    failed = f"Mail to old@example.org failed on {short_day(TODAY)}"
    assert reader.excluded == f"{failed}: 550 no such user."
    session.add(
        PersonEmail(
            person_id=person.id,
            address="new@example.org",
            address_key="new@example.org",
            is_preferred=False,
        )
    )
    session.flush()
    assert readers(session)[0].addressee.email == "new@example.org"


def test_an_audience_can_be_narrowed(session: Session) -> None:
    known = board(session, "Known")
    lead(session, known, make_person(session, "Lead"))
    unknown = unknown_lead(session, "Unknown")
    unknown.office_email = "office@example.org"
    council = make_organisation(session, "Sample Council", kind=OrganisationKind.LOCAL_AUTHORITY)
    lead(session, council, make_person(session, "Elsewhere"))
    session.flush()

    assert len(readers(session)) == 2
    found = readers(session, Audience(lead_state=LeadState.KNOWN))
    assert names([one for one in found if not one.excluded]) == ["Alex Lead"]
    (passed_over,) = [one for one in found if one.excluded]
    assert passed_over.addressee.key == f"office:{unknown.id}"
    assert passed_over.excluded == choosing.NOBODY_KNOWN
    assert passed_over.addressee.email == "", "there is no letter to send by mistake"
    (reader,) = readers(session, Audience(lead_state=LeadState.UNKNOWN))
    assert reader.addressee.email == "office@example.org"
    picked = Audience(how=How.BODIES, organisation_ids=(known.id,))
    assert names(readers(session, picked)) == ["Alex Lead"]


def test_people_can_be_picked_by_hand_and_get_one_letter_for_their_posts(
    session: Session,
) -> None:
    first, second = board(session, "One"), board(session, "Two")
    person = lead(session, first, make_person(session, "Picked"))
    lead(session, second, person, code="send")
    lead(session, second, make_person(session, "Other"))
    (reader,) = readers(session, Audience(how=How.PEOPLE, person_ids=(person.id,)))
    assert reader.addressee.to_name == "Alex Picked"
    assert [seat.short_name for seat in reader.addressee.seats] == ["One", "Two"]


def test_a_copy_that_cannot_go_is_noted_and_never_silently_dropped(session: Session) -> None:
    here = board(session)
    lead(session, here)
    chair(session, here, make_person(session, "Hidden", email=None))
    (reader,) = readers(session, cc_rule=CcRule.CHAIR)
    assert reader.copies == ()
    assert reader.notes == (
        "No copy to Alex Hidden (Chair, NHS Sampleshire Integrated Care Board): "
        "no working address is recorded.",
    )


def test_copies_go_to_office_holders_of_the_boards_named_and_to_nobody_else(
    session: Session, begin: Callable[..., Mailing], check: Callable[[Mailing], list[Letter]]
) -> None:
    mine, other = board(session, "Mine"), board(session, "Other")
    lead(session, mine, make_person(session, "Lead", email="lead@example.org"))
    chair(session, mine, make_person(session, "Mychair", email="mine@example.org"))
    chair(session, other, make_person(session, "Otherchair", email="other@example.org"))
    letters = check(begin(audience=Audience(how=How.BODIES, organisation_ids=(mine.id,))))
    (letter,) = letters
    rows = session.query(LetterRecipient).where(LetterRecipient.letter_id == letter.id).all()
    assert [(row.address, row.is_cc) for row in rows] == [
        ("lead@example.org", False),
        ("mine@example.org", True),
    ]


def test_shuffling_how_rows_were_entered_changes_no_letter(
    session: Session, begin: Callable[..., Mailing], check: Callable[[Mailing], list[Letter]]
) -> None:
    """Name, address, board and greeting belong together by record, not by row."""
    numbers = list(range(20))
    random.Random(7).shuffle(numbers)
    people = {
        n: make_person(session, f"Family{n}", title="Dr", email=f"lead{n}@example.org")
        for n in numbers
    }
    bodies: dict[int, Organisation] = {}
    for n in random.Random(8).sample(numbers, 20):
        bodies[n] = board(session, f"Shire{n:02}")
    for n in random.Random(9).sample(numbers, 20):
        make_post(session, bodies[n])
        make_appointment(session, person=people[n], organisation=bodies[n])

    letters = check(begin())

    assert len(letters) == 20
    for letter in letters:
        n = int(letter.to_email.removeprefix("lead").partition("@")[0])
        assert letter.to_name == f"Dr Alex Family{n}"
        assert letter.text.count(f"Dear Dr Family{n},") == 1
        assert f"NHS Shire{n:02} Integrated Care Board" in letter.text
        assert letter.subject == f"Support in Shire{n:02}"
        assert letter.state is LetterState.READY
