"""Every form that changes what there is: two people have it open, and nothing of either is lost."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.letters.models import PrintRunLetter
from app.settings.services import settings_of
from tests.editing.opening import opened, remembering_form
from tests.security.walking import addresses
from tests.security.world import World

SignIn = Callable[[User], FlaskClient]


@dataclass(frozen=True)
class Edit:
    """A field that both change, one that only the first changes, and who else may open it."""

    field: str
    one: str
    other: str
    beside: str = ""
    beside_says: str = ""
    same_user: bool = False


EDITS = {
    "accounts.member": Edit("name", "One Charity", "Another Charity"),
    "accounts.my_account": Edit("name", "Mo Me", "Max Me", "theme", "dark", same_user=True),
    "accounts.user": Edit("name", "Cody Colleague", "Cora Colleague"),
    "directory.edit_appointment": Edit("job_title", "Nurse", "Chief", "source", "A web page"),
    "directory.edit_organisation": Edit("note", "One.", "Another.", "short_name", "Shorter"),
    "directory.edit_person": Edit("phone", "1", "2", "title", "Dame"),
    "directory.edit_post_type": Edit("name", "One Lead", "Another Lead", "source", "A law"),
    "documents.edit": Edit("title", "One plan", "Another plan", "cycle", "2027/28"),
    "interactions.edit_theme": Edit("name", "One theme", "Another theme"),
    "interactions.rewrite": Edit("subject", "One", "Another", "place", "York", same_user=True),
    "letters.mailing_write": Edit("name", "One name", "Another name", "reply_to", "a@example.org"),
    "letters.signatory": Edit("name", "Dr One", "Dr Another", "job_title", "Chair"),
    "letters.template_edit": Edit("subject", "One", "Another", "purpose", "To try"),
    "milestones.duty_edit": Edit("title", "One duty", "Another duty", "basis", "An Act"),
    "milestones.edit": Edit("title", "One date", "Another date", "basis", "An Act"),
    "promises.follow_up_change": Edit("what", "One thing", "Another thing", "details", "More."),
    "promises.offer_change": Edit("what", "One session", "Two sessions", "details", "More."),
    "promises.point_change": Edit("text", "One promise", "Another promise", "priority", "high"),
    "settings.addresses": Edit("from_name", "One", "Another", "reply_to", "b@example.org"),
    "settings.group": Edit("group_name", "One Group", "Another Group", "postal_address", "1 Road"),
    "settings.privacy_notice": Edit("privacy_notice", "One.", "Another."),
    "settings.settings": Edit("hold_minutes", "11", "12", "recent_days", "44"),
    "workstreams.date_edit": Edit("what", "One day", "Another day", "source", "A report of ours"),
    "workstreams.paper_edit": Edit("title", "One paper", "Another", "published_on", "2026-11-01"),
    "workstreams.workstream_edit": Edit("name", "One strand", "Another", "purpose", "Why."),
}


@pytest.fixture
def edit(
    request: pytest.FixtureRequest, app: Flask, session: Session, world: World, sign_in: SignIn
) -> "Desk":
    endpoint: str = request.param
    settings_of(session).letters_a_minute = 30
    session.execute(delete(PrintRunLetter))  # so that the mailing is a draft
    session.commit()
    paths = [one.path for one in addresses(app, world) if one.endpoint == endpoint]
    known = EDITS[endpoint]
    return Desk(
        known,
        paths[0],
        sign_in(world.me),
        sign_in(world.me if known.same_user else world.colleague),
    )


@dataclass
class Desk:
    edit: Edit
    path: str
    first: FlaskClient
    second: FlaskClient


every_form = pytest.mark.parametrize("edit", sorted(EDITS), indirect=True)


@every_form
def test_two_people_change_different_things_and_both_are_kept(edit: Desk) -> None:
    if not edit.edit.beside:
        pytest.skip("a form of one thing")
    first, second = opened(edit.first, edit.path), opened(edit.second, edit.path)
    assert first.save(**{edit.edit.beside: edit.edit.beside_says}).status_code == 302
    assert second.save(**{edit.edit.field: edit.edit.one}).status_code == 302

    now = opened(edit.first, edit.path)
    assert now.says(edit.edit.beside) == edit.edit.beside_says
    assert now.says(edit.edit.field) == edit.edit.one


@every_form
@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_two_people_change_the_same_and_the_second_chooses(edit: Desk, choice: str) -> None:
    field, one, other = edit.edit.field, edit.edit.one, edit.edit.other
    first, second = opened(edit.first, edit.path), opened(edit.second, edit.path)
    assert first.save(**{field: one}).status_code == 302
    told = second.is_told(**{field: other})

    assert told.says(field) == other, "what was typed stays"
    assert one in told.text, "and what the first saved is shown"
    assert opened(edit.first, edit.path).says(field) == one, "nothing is saved before a choice"
    assert told.says(f"keep-{field}") == "mine"
    assert told.save(**{f"keep-{field}": choice}).status_code == 302
    assert opened(edit.first, edit.path).says(field) == (other if choice == "mine" else one)


# Forms at the address of a record that do not put right what it says.
OTHERS = {
    "accounts.demo_sign_in": "changes nothing",
    "accounts.first_administrator": "adds",
    "accounts.invitation": "sets a password",
    "accounts.new_password": "sets a password",
    "directory.add_email": "adds",
    "directory.add_name": "adds",
    "directory.appoint": "adds",
    "directory.check_appointment": "adds that somebody looked",
    "directory.email_failed": "adds that it bounced",
    "directory.end_appointment": "is refused when it has ended",
    "directory.end_organisation": "is refused when it has ended",
    "directory.record_objection": "is refused when there is one",
    "directory.record_succession": "adds",
    "directory.withdraw_objection": "is refused when there is none",
    "imports.check": "is of one person’s import",
    "imports.columns": "is of one person’s import",
    "interactions.attendees": "adds",
    "interactions.cancel": "is done once",
    "interactions.write_down": "adds",
    "interactions.write_notes": "knows the version it began from",
    "letters.answer": "adds",
    "letters.letter_bounced": "is done once",
    "letters.letter_came_back": "is done once",
    "letters.mailing_chase": "adds",
    "letters.mailing_ways": "is a list of many, with what goes for those ticked",
    "letters.record_outside": "adds",
    "merging.side_by_side": "makes one record of two",
    "milestones.cancel": "is done once",
    "promises.follow_up_drop": "is done once",
    "promises.follow_up_snooze": "says why, and until when",
    "promises.offer_step": "adds a step",
    "promises.point_add": "adds",
    "reminders.rule_stop": "asks once more",
    "reminders.tell_again": "asks once more",
    "workstreams.date_new": "adds",
    "workstreams.paper_new": "adds",
}


def forms_about_records(app: Flask, world: World) -> Iterator[tuple[str, str]]:
    seen = list(addresses(app, world))
    posts = {one.path for one in seen if one.method == "POST"}
    for one in seen:
        if one.method == "GET" and one.path in posts and any(map(str.isdigit, one.path)):
            yield one.endpoint, one.path


def test_no_form_that_puts_a_record_right_forgets_what_it_showed(
    app: Flask, world: World, sign_in: SignIn
) -> None:
    browser = sign_in(world.me)
    forgetful = {
        endpoint
        for endpoint, path in forms_about_records(app, world)
        if endpoint not in OTHERS and remembering_form(browser.get(path).text) is None
    }
    assert not forgetful, "use app.editing.forms (hold, edits, said), or say in OTHERS what it does"


def test_the_forms_said_to_be_others_exist_and_are(
    app: Flask, world: World, sign_in: SignIn
) -> None:
    browser = sign_in(world.me)
    found = dict(forms_about_records(app, world))
    assert {one for one in OTHERS if one not in app.view_functions} == set()
    remembering = {
        one for one in OTHERS if one in found and remembering_form(browser.get(found[one]).text)
    }
    assert not remembering
