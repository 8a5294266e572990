"""After two records became one, their letters are chased, checked and kept back as one person's."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.directory.models import Organisation, Person
from app.letters.drafting import staleness
from app.letters.models import CcRule, LetterState, Mailing
from app.letters.recipients.audience import Audience, How
from app.merging import services
from app.merging.services import MergeChoices
from tests.factories import NOON, TODAY, make_person, make_user
from tests.letters.conftest import BASE_URL, begin_in, board, lead, letters_of, set_up
from tests.letters.silent import WENT, check_again, let_it_go, propose


@pytest.fixture(autouse=True)
def group(session: Session) -> None:
    set_up(session)


@pytest.fixture
def two(session: Session) -> tuple[Person, Person, Organisation, Organisation]:
    """The lead of two boards, on a record at each."""
    one, other = board(session, "Ashire"), board(session, "Bshire")
    return (
        lead(session, one, make_person(session, "Sample", title="Dr")),
        lead(session, other, make_person(session, "Sample", title="Dr")),
        one,
        other,
    )


def mailing_to(session: Session, *people: Person) -> Mailing:
    audience = Audience(how=How.PEOPLE, person_ids=tuple(one.id for one in people))
    mailing = begin_in(session, audience=audience, cc_rule=CcRule.NOBODY)
    session.flush()
    check_again(session, mailing)
    return mailing


def merge(session: Session, stays: Person, goes: Person) -> None:
    services.merge(
        session, stays=stays, goes=goes, wanted=MergeChoices({}), by=make_user(session), at=NOON
    )
    session.flush()
    session.expire_all()


def test_who_had_the_letter_under_the_other_record_is_chased_under_the_one(
    session: Session, two: tuple[Person, Person, Organisation, Organisation]
) -> None:
    stays, goes, *_ = two
    first = mailing_to(session, goes)
    let_it_go(session, first)
    merge(session, stays, goes)

    (chaser,) = letters_of(session, propose(session, first))

    assert (chaser.state, chaser.person_id) == (LetterState.READY, stays.id)
    assert chaser.addressee_key == f"person:{stays.id}"


def test_where_both_records_were_written_to_each_letter_has_its_row_in_the_chaser(
    session: Session, two: tuple[Person, Person, Organisation, Organisation]
) -> None:
    stays, goes, *_ = two
    first = mailing_to(session, stays, goes)
    let_it_go(session, first)
    merge(session, stays, goes)

    chasers = letters_of(session, propose(session, first))

    assert [one.state for one in chasers] == [LetterState.READY, LetterState.EXCLUDED]
    assert {one.person_id for one in chasers} == {stays.id}
    assert "would go to" in chasers[1].state_reason


def test_a_draft_to_both_becomes_one_letter_at_its_next_check(
    session: Session, two: tuple[Person, Person, Organisation, Organisation]
) -> None:
    stays, goes, *_ = two
    draft = mailing_to(session, stays, goes)
    merge(session, stays, goes)
    draft = session.get_one(Mailing, draft.id)

    assert staleness.changed_since(session, draft, on=TODAY, base_url=BASE_URL)
    (letter,) = check_again(session, draft)

    assert letter.person_id == stays.id
    assert "Ashire" in letter.text
    assert "Bshire" in letter.text


def test_somebody_written_to_under_the_other_record_was_written_to_lately(
    session: Session, two: tuple[Person, Person, Organisation, Organisation]
) -> None:
    stays, goes, *_ = two
    let_it_go(session, mailing_to(session, goes), on=TODAY - timedelta(days=3))
    merge(session, stays, goes)

    (letter,) = letters_of(session, mailing_to(session, stays))

    assert letter.state is LetterState.EXCLUDED
    assert WENT < TODAY


def test_an_objection_on_the_record_that_went_keeps_every_later_letter_back(
    session: Session, two: tuple[Person, Person, Organisation, Organisation]
) -> None:
    stays, goes, *_ = two
    goes.objected_on = TODAY
    session.flush()
    merge(session, stays, goes)

    (letter,) = letters_of(session, mailing_to(session, stays))

    assert letter.state is LetterState.EXCLUDED
    assert "Asked not to be contacted" in letter.state_reason
