"""Two people have the same form open: what the second is told, and that nothing is lost."""

import pytest
from sqlalchemy.orm import Session

from app.directory.models import OrganisationKind, Person, PostType
from tests.editing.conftest import Two
from tests.editing.opening import opened
from tests.factories import make_organisation, make_person
from tests.security.world import World


@pytest.fixture
def person(session: Session) -> Person:
    person = make_person(session, given_name="Alex", family_name="Sample")
    person.phone, person.note = "01392 1", "First line.\nSecond line."
    session.commit()
    return person


@pytest.fixture
def path(person: Person) -> str:
    return f"/people/{person.id}/edit"


def test_different_fields_are_both_kept_and_the_second_is_told(
    two: Two, path: str, person: Person, session: Session
) -> None:
    ann, ben = (opened(one, path) for one in two)
    ann.save(phone="01392 2")
    page = two[1].get(ben.save(post_nominals="OBE").location).text

    session.expire_all()
    assert (person.phone, person.post_nominals) == ("01392 2", "OBE")
    assert "Saved. Ann Example changed “Phone” meanwhile; that is kept too." in page


def test_the_same_field_is_shown_from_all_sides_and_nothing_is_saved(
    two: Two, path: str, person: Person, session: Session
) -> None:
    ann, ben = (opened(one, path) for one in two)
    ann.save(phone="01392 2")
    told = ben.is_told(phone="01392 3", title="Dr")

    session.expire_all()
    assert (person.phone, person.title) == ("01392 2", "")
    assert "Ann Example changed the same while you were writing" in told.text
    assert "It was <b>01392 1</b>." in told.text
    assert (told.says("phone"), told.says("title")) == ("01392 3", "Dr")
    assert (told.says("keep-phone"), told.offered["keep-phone"]) == ("mine", ["mine", "theirs"])


@pytest.mark.parametrize(("choice", "kept"), [("mine", "01392 3"), ("theirs", "01392 2")])
def test_who_is_told_keeps_their_own_or_takes_the_other_s(
    two: Two, person: Person, session: Session, choice: str, kept: str
) -> None:
    ann, ben = (opened(one, f"/people/{person.id}/edit") for one in two)
    ann.save(phone="01392 2")
    told = ben.is_told(phone="01392 3", title="Dr")

    assert told.save(keep_phone=choice).status_code == 302
    session.expire_all()
    assert (person.phone, person.title) == (kept, "Dr")


def test_another_change_meanwhile_is_told_again(
    two: Two, path: str, person: Person, session: Session
) -> None:
    ann, ben = (opened(one, path) for one in two)
    ann.save(phone="01392 2")
    told = ben.is_told(phone="01392 3")
    opened(two[0], path).save(phone="01392 4")
    again = told.is_told(keep_phone="theirs")

    assert "It has been changed once more since you chose." in again.text
    assert "01392 4" in again.text
    assert again.says("phone") == "01392 3"
    assert again.says("keep-phone") == "theirs"
    again.save()
    session.expire_all()
    assert person.phone == "01392 4"


def test_long_notes_go_together_line_by_line(
    two: Two, path: str, person: Person, session: Session
) -> None:
    ann, ben = (opened(one, path) for one in two)
    ann.save(note="First line, put right.\r\nSecond line.")
    ben.save(note="First line.\r\nSecond line.\r\nThird line.")

    session.expire_all()
    assert person.note == "First line, put right.\nSecond line.\nThird line."


def test_of_one_line_of_a_note_both_can_be_kept(
    two: Two, path: str, person: Person, session: Session
) -> None:
    ann, ben = (opened(one, path) for one in two)
    ann.save(note="By Ann.\r\nSecond line.")
    told = ben.is_told(note="By Ben.\r\nSecond line.")

    assert told.offered["keep-note"] == ["mine", "theirs", "both"]
    told.save(keep_note="both")
    session.expire_all()
    assert person.note == "By Ann.\nBy Ben.\nSecond line."


def test_half_an_address_and_another_half_make_none(
    two: Two, path: str, person: Person, session: Session
) -> None:
    person.postal_address = "1 Old Road\nOldtown\nEX1 1QT"
    session.commit()
    ann, ben = (opened(one, path) for one in two)
    ann.save(postal_address="2 New Road\nOldtown\nEX1 1QT")
    told = ben.is_told(postal_address="1 Old Road\nNewtown\nEX1 1QT")

    assert told.offered["keep-postal_address"] == ["mine", "theirs"]


def test_a_list_takes_what_either_ticked(two: Two, session: Session) -> None:
    kind = PostType(code="x", name="Lead", addressed_as="The lead", organisation_kinds=["icb"])
    session.add(kind)
    session.commit()
    ann, ben = (opened(one, f"/post-types/{kind.id}/edit") for one in two)
    ann.save(organisation_kinds=["icb", "provider"])
    ben.save(organisation_kinds=["icb", "regulator"])

    session.expire_all()
    assert {OrganisationKind(one).value for one in kind.organisation_kinds} == {
        "icb",
        "provider",
        "regulator",
    }


def test_choosing_says_choices_in_words(two: Two, session: Session) -> None:
    whole = make_organisation(session, "Whole One", kind=OrganisationKind.ICS)
    other = make_organisation(session, "Whole Two", kind=OrganisationKind.ICS)
    part = make_organisation(session, "Part", kind=OrganisationKind.ICB)
    session.commit()
    ann, ben = (opened(one, f"/organisations/{part.id}/edit") for one in two)
    ann.save(part_of_id=str(whole.id))
    told = ben.is_told(part_of_id=str(other.id))

    assert "Whole One" in told.text
    assert "It was empty." in told.text


def test_in_one_s_own_other_window_it_says_so(two: Two, path: str) -> None:
    one, other = opened(two[0], path), opened(two[0], path)
    one.save(phone="01392 2")
    told = other.is_told(phone="01392 3")

    assert "You changed the same in another window" in told.text


def test_a_day_is_the_same_however_it_is_typed(
    two: Two, path: str, person: Person, session: Session
) -> None:
    ann, ben = (opened(one, path) for one in two)
    ann.save(details_obtained_on="2026-11-02")

    assert ben.save(details_obtained_on="2 November 2026").status_code == 302


def test_what_cannot_be_read_stays_beside_what_somebody_else_saved(two: Two, path: str) -> None:
    ann, ben = (opened(one, path) for one in two)
    ann.save(details_obtained_on="2026-11-02")
    told = ben.is_told(details_obtained_on="last week", phone="7")

    assert "Enter a date, such as 31 March 2026" in told.text
    assert (told.says("details_obtained_on"), told.says("phone")) == ("last week", "7")


def test_a_submission_of_one_field_leaves_the_others_as_they_are(
    two: Two, path: str, person: Person, session: Session
) -> None:
    ann = opened(two[0], path)
    ann.save(title="Dr")
    two[1].post(path, data={"only": "phone", "phone": "01392 9", "title": "Dame"})

    session.expire_all()
    assert (person.phone, person.title, person.note) == (
        "01392 9",
        "Dr",
        "First line.\nSecond line.",
    )


def test_a_refusal_keeps_both_changes_in_the_form(
    two: Two, path: str, person: Person, session: Session
) -> None:
    ann, ben = (opened(one, path) for one in two)
    ann.save(phone="01392 2")
    told = ben.is_told(given_name="", family_name="")

    assert (told.says("phone"), told.says("family_name")) == ("01392 2", "")
    told.save(known_as="Lex")
    session.expire_all()
    assert (person.phone, person.known_as, person.family_name) == ("01392 2", "Lex", "")


def test_who_records_a_post_as_vacant_is_told_that_somebody_found_something_else(
    world: World, two: Two
) -> None:
    path = f"/posts/{world.names['post_id']}/state"
    ann, ben = (opened(one, path) for one in two)
    said_why = {"source": "The board’s page", "observed_on": "2026-11-22"}
    assert ann.save(state="not published", **said_why).status_code == 302
    told = ben.is_told(state="vacant", **said_why)

    assert told.says("state") == "vacant"
    assert "Ann Example" in told.text
    assert told.save(keep_state="mine").status_code == 302


def test_who_gives_a_body_another_owner_is_told_that_somebody_did_meanwhile(
    world: World, two: Two
) -> None:
    path = f"/organisations/{world.names['organisation_id']}/owner"
    ann, ben = (opened(one, path) for one in two)
    ann.save(user_id=str(world.colleague.id))
    told = ben.is_told(user_id="")

    assert "Cory Colleague" in told.text
    assert told.save(keep_user_id="theirs").status_code == 302
    assert opened(two[0], path).says("user_id") == str(world.colleague.id)


def test_who_records_that_a_body_met_a_milestone_is_told_of_another_finding(
    world: World, two: Two
) -> None:
    path = f"/milestones/{world.names['milestone_id']}/bodies/{world.names['organisation_id']}"
    ann, ben = (opened(one, path) for one in two)
    assert ann.save(state="not applicable", note="It has none.").status_code == 302
    told = ben.is_told(state="met", met_on="2026-11-20", note="On its page.")

    assert "It does not apply to it" in told.text
    assert told.says("state") == "met"


def test_who_moves_a_milestone_is_told_that_it_has_moved_meanwhile(world: World, two: Two) -> None:
    path = f"/milestones/{world.names['milestone_id']}/move"
    ann, ben = (opened(one, path) for one in two)
    assert ann.save(kind="announced", falls_on="2027-05-01", why="A letter.").status_code == 302
    told = ben.is_told(kind="announced", falls_on="2027-06-01", why="Another letter.")

    assert "1 May 2027" in told.text
    assert told.save(**{"keep-falls_on": "mine"}).status_code == 302
