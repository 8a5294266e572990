"""What is somebody's own is nobody else's, whatever number or token stands in the address."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import SignInSession, User
from app.interactions.models import Interaction
from app.letters.approval import as_read
from app.letters.content.attachments import attachments_of
from app.letters.models import Attachment, Letter, Mailing
from tests.security.walking import addresses, differences, everything
from tests.security.world import World

SignIn = Callable[[User], FlaskClient]
NUMBERS_ASKED_FOR = {
    "directory.appoint": ("person_id",),
    "directory.assign_owners": ("ids", "owner"),
    "directory.owners": ("ids", "region", "owner"),
    "directory.organisations": ("region", "owner", "page", "on"),
    "interactions.choose": ("q", "what", "on"),
    "interactions.meetings": ("ours", "theme", "region", "page", "since"),
    "interactions.people_there": ("organisations", "on"),
    "interactions.rewrite": ("organisations", "people", "ours", "themes"),
    "interactions.write_down": (
        "organisations",
        "people",
        "ours",
        "themes",
        "follow_owner",
        "person_id",
    ),
    "letters.mailing_check": ("letter", "page"),
    "letters.mailing_choose": ("region", "owner", "organisations", "people"),
    "letters.mailing_new": ("template", "board", "signatory"),
    "letters.mailing_test": ("letter",),
    "letters.record_outside": ("person", "also"),
    "letters.template": ("version",),
    "letters.template_new": ("template",),
    "letters.truth": ("seen", "waited", "page"),
    "overview.organisation_timeline": ("page",),
    "overview.system": ("page",),
    "accounts.user": ("member",),
}
LAST_SEEN = {"sign_in_session": {"seen_at", "store"}}


def test_a_file_between_its_steps_is_its_owners_alone(
    app: Flask, session: Session, world: World, sign_in: SignIn
) -> None:
    other = sign_in(world.colleague)
    before = everything(session, but=LAST_SEEN)
    tried = 0
    for one in addresses(app, world):
        if one.path.startswith(f"/imports/files/{world.names['token']}"):
            assert other.open(one.path, method=one.method).status_code == 404, one.path
            tried += 1
    other.post("/imports/new", data={"instead": world.names["token"]})
    assert differences(before, everything(session, but=LAST_SEEN)) == {}
    assert tried >= 8
    owner = sign_in(world.me)
    assert owner.get(f"/imports/files/{world.names['token']}/columns").status_code == 200


def test_nobody_signs_out_a_browser_of_somebody_else(
    session: Session, world: World, browser: FlaskClient
) -> None:
    theirs = world.names["session_id"]
    browser.post(f"/account/sessions/{theirs}/end")
    browser.post("/account/sessions/end-others")
    session.expire_all()
    assert session.get_one(SignInSession, theirs).ended_at is None


def test_nobody_rewrites_the_note_of_somebody_else(
    session: Session, world: World, sign_in: SignIn
) -> None:
    note = world.names["interaction_id"]
    said = session.get_one(Interaction, note).body
    form = {"kind": "note", "happened_on": "2026-11-01", "body": "Other words."}
    answer = sign_in(world.colleague).post(f"/interactions/{note}/edit", data=form)
    assert "Only the person who wrote this, or somebody of ours who was there, can" in answer.text
    session.expire_all()
    assert session.get_one(Interaction, note).body == said


def test_a_letter_or_file_is_found_only_under_its_own_mailing_or_letter(
    session: Session, world: World, browser: FlaskClient
) -> None:
    names = world.names
    before = everything(session, but=LAST_SEEN)
    elsewhere = names["released_id"]
    letter = f"/letters/mailings/{elsewhere}/letters/{names['letter_id']}"
    assert browser.get(f"{letter}/as-sent").status_code == 404
    mailing = session.get_one(Mailing, elsewhere)
    letters = session.scalars(select(Letter).where(Letter.mailing_id == elsewhere)).all()
    attached = attachments_of(session, mailing)
    marks = {
        f"{letter}/decide": as_read.before_deciding(letters).mark,
        f"/letters/mailings/{elsewhere}/test": as_read.before_release(
            mailing, letters, attached
        ).mark,
    }
    session.commit()
    for address, mark in marks.items():
        sent = {"decision": "take back", "letter": names["letter_id"], as_read.FIELD: mark}
        assert browser.post(address, data=sent).status_code == 404, address
    file = f"/letters/{names['sent_id']}/files/{names['file_id']}"
    assert browser.get(file).status_code == 404
    browser.post(f"/letters/mailings/{elsewhere}/attachments/{names['attachment_id']}/remove")
    assert differences(before, everything(session, but=LAST_SEEN)) == {}
    assert session.get(Attachment, names["attachment_id"]) is not None


def test_unseen_characters_in_an_address_find_nothing(
    app: Flask, world: World, browser: FlaskClient
) -> None:
    for rule in app.url_map.iter_rules():
        words = {name for name in rule.arguments if not name.endswith("_id")}
        if words and rule.endpoint != "static" and "GET" in (rule.methods or ()):
            path = re.sub(r"<int:[^>]+>", "1", rule.rule)
            response = browser.get(re.sub(r"<[^>]+>", "per%00son%01", path))
            assert response.status_code in {404, 410}, path


@pytest.mark.parametrize("number", ["0", "999999", "99999999999999999999"])
def test_what_does_not_exist_is_not_found_and_breaks_nothing(
    app: Flask, session: Session, world: World, browser: FlaskClient, number: str
) -> None:
    """The last is more than any column of numbers holds."""
    before = everything(session, but=LAST_SEEN)
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        wanted = {name: int(number) for name in rule.arguments if name.endswith("_id")}
        if not wanted:
            continue
        values = {**{name: "person" for name in rule.arguments}, **wanted}
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            path = adapter.build(rule.endpoint, values, method)
            response = browser.open(path, method=method)
            assert response.status_code in {302, 303, 404}, (
                f"{method} {path}: {response.status_code}"
            )
    assert differences(before, everything(session, but=LAST_SEEN)) == {}
    assert session.scalar(select(Letter.id).limit(1))


@pytest.mark.parametrize("value", ["99999999999999999999", "-1", "²", "x'; DROP TABLE person"])
def test_nonsense_for_a_number_breaks_no_page(
    app: Flask, world: World, browser: FlaskClient, value: str
) -> None:
    for endpoint, names in NUMBERS_ASKED_FOR.items():
        for one in addresses(app, world):
            if one.endpoint == endpoint:
                for name in names:
                    response = browser.open(
                        one.path, method=one.method, query_string={name: value}, data={name: value}
                    )
                    assert response.status_code < 500, f"{one.path} {name}={value!r}"
