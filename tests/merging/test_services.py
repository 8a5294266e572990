"""Two records of one person become one, lose nothing, and can be two again."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.queries import events_about
from app.bin.dependencies import pointing_at as columns_pointing_at
from app.bin.models import Binned, BinnedHow
from app.directory.models import Appointment, NotTheSame, Person, PersonEmail, SubscriberType
from app.followups.models import FollowUp
from app.interactions.models import Interaction, InteractionPerson, Outcome
from app.letters.models import (
    Letter,
    LetterAnswer,
    LetterRecipient,
    LetterState,
    Mailing,
    MailingState,
    PostalState,
)
from app.merging import services
from app.merging.mailings import LetterUnderWay
from app.merging.rules import FACTS, OBJECTION, Side
from app.merging.services import MergeChoices, MergedAlready, NobodyElse, StandsOnIt
from tests.factories import NOON, TODAY, make_appointment, make_person, make_user
from tests.merging.furnished import Twice, every_row, make_twice, pointing_at
from tests.sending.mailings import add_letter, make_mailing

LATER = NOON + timedelta(days=3)


@pytest.fixture
def twice(session: Session) -> Twice:
    return make_twice(session)


def merged(session: Session, twice: Twice, **picked: Side) -> Binned:
    binned = services.merge(
        session,
        stays=twice.stays,
        goes=twice.goes,
        wanted=MergeChoices(picked),
        by=twice.by,
        at=NOON,
    )
    session.commit()
    session.expire_all()
    return binned


def take_back(session: Session, binned: Binned, twice: Twice) -> services.TakenBack:
    back = services.take_back(session, binned, by=twice.by, at=LATER)
    session.commit()
    session.expire_all()
    return back


def test_merging_and_taking_it_back_returns_every_row_of_every_table(
    session: Session, twice: Twice
) -> None:
    before = every_row(session)

    binned = merged(session, twice)
    between = every_row(session)
    back = take_back(session, binned, twice)

    assert between != before
    assert every_row(session) == before
    assert back.person.id == twice.goes.id
    assert back.left == []


def test_nothing_points_at_who_went_and_nothing_is_lost(session: Session, twice: Twice) -> None:
    stays, goes = twice.stays.id, twice.goes.id
    kept = (Letter, LetterAnswer, Outcome, FollowUp, Interaction)
    counted = {model: session.scalar(select(func.count()).select_from(model)) for model in kept}
    of_theirs = pointing_at(session, goes)
    unused = {name for name, count in of_theirs.items() if not count}
    assert unused <= {"not_the_same.other_id"}, "furnish the person with what is new"

    merged(session, twice)

    assert set(pointing_at(session, goes).values()) == {0}
    assert counted == {
        model: session.scalar(select(func.count()).select_from(model)) for model in kept
    }
    assert session.scalar(select(func.count(Letter.id)).where(Letter.person_id == stays)) == 6
    met = select(InteractionPerson.interaction_id).where(InteractionPerson.person_id == stays)
    assert set(session.scalars(met)) == {twice.met.id, twice.met_both.id, twice.secret.id}
    assert session.get(Person, goes) is None


def test_every_column_that_can_hold_a_person_has_been_thought_of() -> None:
    """A new one moves by itself. Look whether it needs a rule of its own, and furnish it."""
    found = {f"{column.table.name}.{column.name}" for column in columns_pointing_at("person")}

    assert found == {
        "appointment.person_id",  # the same post at the same time becomes one appointment
        "follow_up.person_id",
        "follow_up.record_id",
        "interaction_person.person_id",  # at the same meeting they were there once
        "letter.person_id",  # with the key by which a chaser finds it
        "letter_recipient.person_id",
        "not_the_same.other_id",  # in order, and not of themselves
        "not_the_same.person_id",
        "person_email.person_id",  # the same address is there once
        "point.person_id",
    }


def test_every_field_of_a_person_is_chosen_or_has_a_rule() -> None:
    chosen = {field for fact in FACTS for field in fact.fields}
    assert chosen | set(OBJECTION) | {"id", "is_demo"} == set(Person.__table__.columns.keys())


def test_the_fuller_value_stays_unless_somebody_chooses(session: Session, twice: Twice) -> None:
    merged(session, twice, family_name=Side.STAYS)

    stays = session.get_one(Person, twice.stays.id)
    assert (stays.title, stays.given_name, stays.family_name) == ("Dr", "Alex", "Sample")
    assert stays.note == "Met twice.\n\nPrefers the phone."
    assert (stays.phone, stays.known_as, stays.post_nominals) == ("01632 960001", "Al", "OBE")
    assert stays.postal_address.startswith("1 Road")
    assert stays.post_returned_on is None
    assert stays.subscriber_type is SubscriberType.INDIVIDUAL


def test_an_address_takes_along_that_post_came_back_from_it(session: Session, twice: Twice) -> None:
    merged(session, twice, postal_address=Side.GOES)

    stays = session.get_one(Person, twice.stays.id)
    assert (stays.postal_address, stays.post_returned_why) == ("2 Road\nSA1 1AA", "Gone away")


def test_who_objected_on_either_record_has_objected_since_the_first_day(
    session: Session, twice: Twice
) -> None:
    twice.stays.objected_on, twice.stays.objection_note = date(2026, 5, 1), "On the phone."
    session.commit()

    merged(session, twice)

    stays = session.get_one(Person, twice.stays.id)
    assert stays.objected_on == date(2026, 3, 1)
    assert stays.objection_note == "On the phone.\n\nBy mail."


def test_all_addresses_are_kept_once_and_one_that_failed_has_failed(
    session: Session, twice: Twice
) -> None:
    merged(session, twice)

    held = session.scalars(
        select(PersonEmail).where(PersonEmail.person_id == twice.stays.id).order_by(PersonEmail.id)
    ).all()
    assert {one.address_key for one in held} == {
        *("alex@example.org", "alex.sample@example.com"),
        *("a.sampel@example.org", "office@example.org"),
    }
    assert len(held) == 4
    assert [one.failure for one in held if one.failed_on] == ["550 no such user"]
    assert [one.address_key for one in held if one.is_preferred] == ["alex@example.org"]


def test_the_same_post_at_the_same_time_was_held_once(session: Session, twice: Twice) -> None:
    merged(session, twice)

    held = session.scalars(select(Appointment).where(Appointment.person_id == twice.stays.id)).all()
    assert len(held) == 3
    assert len({one.post_id for one in held}) == 3


def test_at_one_meeting_they_were_there_once_as_what_either_record_says(
    session: Session, twice: Twice
) -> None:
    merged(session, twice)

    there = session.get_one(InteractionPerson, (twice.met_both.id, twice.stays.id))
    assert there.capacity == "Chair"


def test_a_letter_keeps_whom_it_was_to_and_is_found_by_its_chaser(
    session: Session, twice: Twice
) -> None:
    merged(session, twice)

    to_both = session.scalars(
        select(Letter).where(Letter.mailing_id == twice.finished.id).order_by(Letter.id)
    ).all()
    alone = session.scalars(
        select(Letter)
        .join(Mailing, Mailing.id == Letter.mailing_id)
        .where(Mailing.name == "To one")
    ).one()
    assert [one.addressee_key for one in to_both] == [
        f"person:{twice.stays.id}",
        f"person:{twice.goes.id}",
    ]
    assert alone.addressee_key == f"person:{twice.stays.id}"
    assert len({one.to_email for one in to_both}) == 2


def test_a_mailing_chosen_by_hand_names_who_stays_and_drops_what_was_said_of_the_other(
    session: Session, twice: Twice
) -> None:
    merged(session, twice)

    audience = session.get_one(Mailing, twice.draft.id).audience
    assert audience["person_ids"] == [twice.stays.id]
    assert f"person:{twice.stays.id}" not in audience["left_out"]


@pytest.mark.parametrize("state", [MailingState.AWAITING_APPROVAL, MailingState.SENDING])
def test_nobody_goes_while_a_letter_to_them_has_still_to_leave(
    session: Session, twice: Twice, state: MailingState
) -> None:
    letter = session.scalars(
        select(Letter).where(
            Letter.mailing_id == twice.finished.id, Letter.person_id == twice.goes.id
        )
    ).one()
    letter.state, twice.finished.state = LetterState.QUEUED, state
    session.commit()

    with pytest.raises(LetterUnderWay, match="Merge them once it has been sent"):
        merged(session, twice)
    session.rollback()

    letter.state = LetterState.SENT
    session.commit()
    merged(session, twice)


@pytest.mark.parametrize(
    ("state", "paper"),
    [
        (LetterState.QUEUED, None),
        (LetterState.BY_POST, PostalState.APPROVED),
    ],
)
def test_nobody_goes_while_a_letter_of_which_they_get_a_copy_has_still_to_leave(
    session: Session, twice: Twice, state: LetterState, paper: PostalState | None
) -> None:
    """The letter is somebody else's; the one who goes stands on its envelope alone."""
    mailing = make_mailing(session, author=twice.by)
    letter = add_letter(session, mailing, "lead@example.org", copies=("copy@example.org",))
    copy = session.scalars(
        select(LetterRecipient).where(LetterRecipient.letter_id == letter.id, LetterRecipient.is_cc)
    ).one()
    copy.person_id = twice.goes.id
    letter.state, letter.post_state = state, paper
    session.commit()

    with pytest.raises(LetterUnderWay, match="Merge them once it has been sent"):
        merged(session, twice)
    session.rollback()

    copy.person_id = twice.stays.id
    session.commit()
    merged(session, twice)


def test_a_record_is_not_merged_with_itself_nor_with_what_has_gone(
    session: Session, twice: Twice
) -> None:
    with pytest.raises(NobodyElse):
        services.merge(
            session,
            stays=twice.stays,
            goes=twice.stays,
            wanted=MergeChoices({}),
            by=twice.by,
            at=NOON,
        )
    merged(session, twice)
    with pytest.raises(MergedAlready, match="was merged into"):
        services.merge(
            session,
            stays=twice.goes,
            goes=twice.stays,
            wanted=MergeChoices({}),
            by=twice.by,
            at=NOON,
        )


def test_what_was_changed_since_stays_as_it_is_and_is_said(session: Session, twice: Twice) -> None:
    binned = merged(session, twice)
    stays = session.get_one(Person, twice.stays.id)
    stays.phone = "01632 960999"
    session.commit()

    back = take_back(session, binned, twice)

    assert back.left == ["phone"]
    assert session.get_one(Person, twice.stays.id).phone == "01632 960999"
    assert session.get_one(Person, twice.goes.id).phone == "01632 960001"


def test_an_objection_made_to_the_one_record_holds_for_both_afterwards(
    session: Session, twice: Twice
) -> None:
    twice.goes.objected_on, twice.goes.objection_note = None, ""
    session.commit()
    binned = merged(session, twice)
    stays = session.get_one(Person, twice.stays.id)
    stays.objected_on, stays.objection_note = TODAY, "Enough."
    session.commit()

    back = take_back(session, binned, twice)

    for person_id in (twice.stays.id, twice.goes.id):
        person = session.get_one(Person, person_id)
        assert (person.objected_on, person.objection_note) == (TODAY, "Enough.")
    assert any("objection recorded since" in words for words in back.left)


def test_merges_on_merges_are_taken_back_in_order(session: Session, twice: Twice) -> None:
    last = make_person(session, "Last")
    make_appointment(session, person=last, organisation=twice.board, code="chair")
    session.commit()
    before = every_row(session)
    first = merged(session, twice)
    second = services.merge(
        session, stays=last, goes=twice.stays, wanted=MergeChoices({}), by=twice.by, at=NOON
    )
    session.commit()
    session.expire_all()

    with pytest.raises(StandsOnIt, match="was merged into"):
        services.take_back(session, first, by=twice.by, at=LATER)
    session.rollback()
    take_back(session, second, twice)
    take_back(session, first, twice)

    assert every_row(session) == before


def test_of_two_merged_into_one_the_later_is_taken_back_first(
    session: Session, twice: Twice
) -> None:
    other = make_person(session, "Other")
    session.commit()
    before = every_row(session)
    first = merged(session, twice)
    second = services.merge(
        session, stays=twice.stays, goes=other, wanted=MergeChoices({}), by=twice.by, at=NOON
    )
    session.commit()
    session.expire_all()

    with pytest.raises(StandsOnIt, match=r"Other was merged into .* after this"):
        services.take_back(session, first, by=twice.by, at=LATER)
    session.rollback()
    take_back(session, second, twice)
    take_back(session, first, twice)

    assert every_row(session) == before


def test_the_histories_of_both_say_what_was_done(session: Session, twice: Twice) -> None:
    binned = merged(session, twice)
    take_back(session, binned, twice)

    for person_id in (twice.stays.id, twice.goes.id):
        done = [event.action for event in session.scalars(events_about("person", person_id))]
        assert {"merged", "took a merge back"} <= set(done)
    assert binned.how is BinnedHow.MERGED
    assert binned.restored_at == LATER


def test_a_real_person_merged_with_a_made_up_one_is_real(session: Session, twice: Twice) -> None:
    merged(session, twice)
    assert session.get_one(Person, twice.stays.id).is_demo is False


def test_two_people_are_told_apart_once_whoever_is_named_first(session: Session) -> None:
    one, other, by = make_person(session), make_person(session), make_user(session)
    for pair in ((one, other), (other, one)):
        services.tell_apart(session, *pair, by=by, at=NOON)
    said = session.scalars(select(NotTheSame)).one()
    assert (said.person_id, said.other_id) == (one.id, other.id)
    services.ask_again(session, said)
    assert session.scalars(select(NotTheSame)).all() == []
