"""The pages on which two records become one: what they show, refuse, keep and take back."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.bin import services as bin_services
from app.bin.models import Binned
from app.directory.models import NotTheSame, Person
from app.imports.models import LeadImport
from app.interactions.models import Interaction, InteractionPerson
from app.letters.models import Letter, LetterState, Mailing, MailingState
from tests.factories import NOON, make_user
from tests.merging.furnished import Twice, every_row, make_twice

SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def twice(session: Session) -> Twice:
    return make_twice(session)


def address(twice: Twice) -> str:
    return f"/people/{twice.stays.id}/merge/{twice.goes.id}"


def as_served(page: str, form_id: str = "merge-form") -> dict[str, str]:
    """What a browser would send of the form without touching anything."""
    form = page.split(f'id="{form_id}"')[1].split("</form>", maxsplit=1)[0]
    sent = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = (re.search(rf'{key}="([^"]*)"', tag) for key in ("name", "value"))
        if name and value and ('type="radio"' not in tag or " checked" in tag):
            sent[name.group(1)] = value.group(1)
    return sent


def test_both_records_are_shown_with_what_hangs_on_them_and_what_would_come_of_it(
    client: FlaskClient, twice: Twice
) -> None:
    page = client.get(address(twice)).text

    for words in ("This record stays", "This one becomes part of it", "4 letters", "1 answer"):
        assert words in page
    assert "Dr Al Sampel" in page
    assert "Both, one below the other" in page
    assert "Objected to contact" in page
    assert "stands on both records and becomes one" in page
    assert f'href="/people/{twice.goes.id}/merge/{twice.stays.id}"' in page


def test_what_somebody_may_not_read_is_not_counted(
    sign_in: SignIn, session: Session, twice: Twice
) -> None:
    theirs = sign_in(twice.by).get(address(twice)).text
    others = sign_in(twice.somebody).get(address(twice)).text

    assert "3 meetings, calls and notes" in theirs
    assert "2 meetings, calls and notes" in others
    assert "2 promises" in theirs
    assert "1 promise<" in others
    assert "A secret" not in others


def test_choosing_field_by_field_shows_what_comes_of_it_and_writes_nothing(
    client: FlaskClient, session: Session, twice: Twice
) -> None:
    before = every_row(session)
    sent = as_served(client.get(address(twice)).text) | {"title": "stays", "act": "preview"}

    page = client.post(address(twice), data=sent)

    result = page.text.split('id="result"')[1]
    assert "<b>Al Sample</b>" in result
    assert re.search(r'<input checked[^>]*id="title-0"', page.text)
    assert every_row(session)["person"] == before["person"]


def test_one_press_merges_and_one_press_makes_them_two_again(
    client: FlaskClient, session: Session, twice: Twice
) -> None:
    before = every_row(session)
    sent = as_served(client.get(address(twice)).text)

    page = client.post(address(twice), data=sent, follow_redirects=True)
    binned = session.scalars(select(Binned)).one()
    assert "Dr Al Sampel was merged into this record." in page.text
    assert f'action="/merges/{binned.id}/undo"' in page.text

    back = client.post(f"/merges/{binned.id}/undo", follow_redirects=True)
    session.expire_all()
    assert "Dr Al Sampel is a person of their own again." in back.text
    assert every_row(session) == before


def test_an_old_address_leads_to_the_one_record_and_says_so(
    client: FlaskClient, session: Session, twice: Twice
) -> None:
    client.post(address(twice), data=as_served(client.get(address(twice)).text))

    page = client.get(f"/people/{twice.goes.id}", follow_redirects=True)

    assert page.request.path == f"/people/{twice.stays.id}"
    assert "You followed a link to Dr Al Sampel, which was merged into this record" in page.text
    history = f"/history/person/{twice.goes.id}"
    assert f'href="{history}"' in page.text
    assert "Merged" in client.get(history).text
    assert f'href="{history}"' in client.get(f"/history/person/{twice.stays.id}").text


def test_whoever_merges_what_was_changed_meanwhile_is_asked_to_look_again(
    client: FlaskClient, session: Session, twice: Twice
) -> None:
    sent = as_served(client.get(address(twice)).text)
    twice.goes.phone = "01632 960123"
    session.commit()

    page = client.post(address(twice), data=sent)
    assert "One of the two was changed while you looked" in page.text
    assert session.scalars(select(Binned)).all() == []

    client.post(address(twice), data=as_served(page.text))
    assert session.scalars(select(Binned)).one()


def test_a_letter_on_its_way_is_said_with_a_link_to_its_mailing(
    client: FlaskClient, session: Session, twice: Twice
) -> None:
    mailing = session.scalars(select(Mailing).where(Mailing.name == "To one")).one()
    mailing.state = MailingState.HOLDING
    session.scalars(
        select(Letter).where(Letter.mailing_id == mailing.id)
    ).one().state = LetterState.QUEUED
    session.commit()

    page = client.post(address(twice), data=as_served(client.get(address(twice)).text))

    assert "“To one” is about to leave" in page.text
    assert f'href="/letters/mailings/{mailing.id}"' in page.text


def test_a_choice_that_was_not_offered_is_refused(
    client: FlaskClient, session: Session, twice: Twice
) -> None:
    sent = as_served(client.get(address(twice)).text) | {"title": "both"}
    assert client.post(address(twice), data=sent).status_code == 200
    assert session.scalars(select(Binned)).all() == []


def test_nobody_is_merged_with_themselves_nor_with_nobody(
    client: FlaskClient, twice: Twice
) -> None:
    for path in (f"/people/{twice.stays.id}/merge/{twice.stays.id}", "/people/1/merge/99999"):
        assert client.get(path).status_code == 404


def test_who_came_second_is_told_what_the_first_one_did(
    client: FlaskClient, session: Session, twice: Twice
) -> None:
    sent = as_served(client.get(address(twice)).text)
    client.post(address(twice), data=sent)

    page = client.post(address(twice), data=sent, follow_redirects=True)

    assert "Dr Al Sampel was merged into" in page.text
    assert len(session.scalars(select(Binned)).all()) == 1


def test_taking_back_the_first_of_two_merges_says_which_to_undo_before(
    client: FlaskClient, session: Session, twice: Twice
) -> None:
    client.post(address(twice), data=as_served(client.get(address(twice)).text))
    first = session.scalars(select(Binned)).one()
    last = Person(given_name="Last", family_name="One")
    session.add(last)
    session.commit()
    path = f"/people/{last.id}/merge/{twice.stays.id}"
    client.post(path, data=as_served(client.get(path).text))

    page = client.post(f"/merges/{first.id}/undo", follow_redirects=True)

    assert page.request.path == f"/people/{last.id}"
    assert "Undo that first" in page.text


def test_the_list_of_people_counts_pairs_and_the_page_tells_them_apart(
    client: FlaskClient, session: Session, twice: Twice
) -> None:
    assert 'href="/people/twice"' in client.get("/people").text
    page = client.get("/people/twice").text
    assert "1 pair of people may be one person recorded twice" in page
    assert "the same email address and nearly the same name at Devon" in page
    assert "2 pairs known to be two people" not in page

    apart = f"/people/{twice.stays.id}/apart/{twice.goes.id}"
    said = client.post(apart, follow_redirects=True)
    assert "are two people" in said.text
    assert f'action="{apart}/undo"' in said.text
    assert "Nobody seems to be recorded twice" in said.text
    client.post(f"{apart}/undo")
    assert "may be one person recorded twice" in client.get("/people/twice").text
    assert session.get(NotTheSame, (twice.stays.id, twice.goes.id)) is None


def test_a_persons_page_asks_about_who_looks_the_same_only_those_who_can_merge(
    sign_in: SignIn, session: Session, twice: Twice
) -> None:
    path = f"/people/{twice.stays.id}"
    reader = make_user(session, "Robin Reader", permissions=(Permission.VIEW,))
    session.commit()

    assert "May be recorded twice" in sign_in(twice.by).get(path).text
    page = sign_in(reader).get(path).text
    assert "May be recorded twice" not in page
    assert "Merge…" not in page


def test_somebody_else_is_found_by_name(client: FlaskClient, twice: Twice) -> None:
    page = client.get(f"/people/{twice.stays.id}/merge", query_string={"find": "Kin"}).text
    assert "Look at both" in page
    assert "Alex Kin" in page
    assert "Likely the same" in page


def test_a_meeting_written_down_while_its_person_was_merged_has_the_one_record(
    client: FlaskClient, session: Session, twice: Twice
) -> None:
    client.post(address(twice), data=as_served(client.get(address(twice)).text))
    noted = {
        **{"kind": "call", "happened_on": "2026-11-20", "visible_to": "group"},
        **{"subject": "A call", "body": "Words", "people": str(twice.goes.id)},
        **{"organisations": str(twice.board.id), "form_token": "a" * 32},
    }

    client.post("/log", data=noted)

    call = session.scalars(select(Interaction).where(Interaction.subject == "A call")).one()
    assert session.get(InteractionPerson, (call.id, twice.stays.id)) is not None


def test_a_meeting_in_the_bin_comes_back_with_the_one_record(
    client: FlaskClient, session: Session, twice: Twice
) -> None:
    meeting = session.get_one(Interaction, twice.met.id)
    binned = bin_services.put_in_bin(session, meeting, name="Met", by=twice.by, at=NOON)
    session.commit()
    client.post(address(twice), data=as_served(client.get(address(twice)).text))
    session.expire_all()

    bin_services.restore(session, binned, by=twice.by, at=NOON)

    assert session.get(InteractionPerson, (twice.met.id, twice.stays.id)) is not None


def test_an_import_that_made_who_went_says_so_and_can_be_undone_after_taking_it_back(
    client: FlaskClient, session: Session, twice: Twice
) -> None:
    made = session.scalars(select(LeadImport)).one()
    sent = as_served(client.get(address(twice)).text)
    client.post(address(twice), data=sent)

    page = client.post(f"/imports/{made.id}/undo", follow_redirects=True)

    assert "cannot be undone" in page.text
    assert session.get_one(LeadImport, made.id).undone_at is None


def test_who_was_editing_the_one_that_went_sees_where_it_went_and_all_they_typed(
    client: FlaskClient, session: Session, twice: Twice
) -> None:
    edit = f"/people/{twice.goes.id}/edit"
    assert client.get(edit).status_code == 200
    client.post(address(twice), data=as_served(client.get(address(twice)).text))

    page = client.post(edit, data={"note": "Rings on Tuesdays", "phone": "01632 960777"})

    assert page.status_code == 410
    assert "is part of another record now" in page.text
    assert f'href="/people/{twice.stays.id}"' in page.text
    assert "Rings on Tuesdays" in page.text
    assert "01632 960777" in page.text
