"""Looking after accounts and member organisations."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import user_admin
from app.accounts.models import MemberOrganisation, Permission, User
from app.accounts.user_admin import LastAdministrator
from app.audit.models import AuditEvent, AuditSubject
from app.core import clock, schema
from app.core.db import db
from tests.accounts.conftest import PASSWORD, Clock, make_colleague
from tests.factories import make_user

SignIn = Callable[[User], FlaskClient]
VIEW = (Permission.VIEW,)


def details(user: User, *permissions: str) -> dict[str, object]:
    member = user.member_organisation_id
    return {"name": user.name, "member": member, "permissions": list(permissions)}


def actions(session: Session, user: User) -> list[str]:
    of_user = AuditEvent.kind == "user", AuditEvent.record_id == user.id
    return list(session.scalars(select(AuditEvent.action).where(*of_user).order_by(AuditEvent.id)))


def test_the_list_shows_who_is_active_invited_and_disabled_and_narrows_to_each(
    session: Session, client: FlaskClient
) -> None:
    make_colleague(session, "kit@example.org", "Kit Active", VIEW)
    make_user(session, "Noor Invited", email="noor@example.org", permissions=VIEW)
    gone = make_colleague(session, "gone@example.org", "Gwen Disabled")
    gone.disabled_at = clock.now()
    session.commit()
    for state, name in (("active", "Kit"), ("invited", "Noor"), ("disabled", "Gwen")):
        page = client.get(f"/users?state={state}").text
        assert name in page
        assert not any(other in page for other in {"Kit", "Noor", "Gwen"} - {name})
    assert "Kit" not in client.get("/users?may=administer").text
    assert "Noor" in client.get("/users?q=NOOR@").text
    lines = client.get("/users?format=csv").text.removeprefix("\ufeff").splitlines()
    assert lines[0] == "Name,Email address,Member organisation,Permissions,State,Last seen"
    assert "Gwen Disabled,gone@example.org,Sample Charity" in lines[1]


def test_permissions_names_and_member_organisations_are_changed_and_recorded(
    session: Session, client: FlaskClient
) -> None:
    user = make_colleague(session, permissions=VIEW)
    other = MemberOrganisation(name="Another Charity")
    session.add(other)
    session.commit()
    data = {"name": "Kit Renamed", "member": other.id, "permissions": ["approve", "view"]}
    assert client.post(f"/users/{user.id}", data=data).status_code == 302
    session.expire_all()
    assert (user.name, user.permissions) == ("Kit Renamed", ["view", "approve"])
    assert user.member_organisation_id == other.id
    assert {"changed", "permissions changed"} <= set(actions(session, user))


def test_nobody_approves_without_being_able_to_read(session: Session, client: FlaskClient) -> None:
    user = make_colleague(session, permissions=VIEW)
    client.post(f"/users/{user.id}", data=details(user, "approve"))
    session.expire_all()
    assert user.permissions == ["view", "approve"]
    invited = {"email": "ben@example.org", **details(user, "approve"), "name": "Ben Sample"}
    client.post("/users/invite", data=invited)
    ben = session.scalars(select(User).where(User.email == "ben@example.org")).one()
    assert ben.permissions == ["view", "approve"]


def test_an_upgrade_gives_view_to_those_who_could_only_approve(live_app: Flask) -> None:
    with live_app.app_context():
        engine = db.engine
    with Session(engine) as session:
        approver = make_user(session, "Ben", permissions=(Permission.APPROVE,))
        administrator = make_user(session, "Ida", permissions=(Permission.ADMINISTER,))
        session.commit()
        schema.downgrade(engine, "0031_next_letter")
        schema.upgrade(engine)
        session.expire_all()
        assert approver.permissions == ["view", "approve"]
        assert administrator.permissions == ["administer"]
        told = session.scalars(
            select(AuditEvent.summary)
            .join(AuditSubject, AuditSubject.event_id == AuditEvent.id)
            .where(AuditSubject.kind == "user", AuditSubject.record_id == approver.id)
        ).all()
        assert (
            "Now: view, approve. Whoever may approve letters has to be able to read them." in told
        )
    engine.dispose()


def test_the_last_active_administrator_keeps_that_permission(
    session: Session, sign_in: SignIn
) -> None:
    user = make_colleague(session)
    make_user(session, "Invited only")
    gone = make_colleague(session, "gone@example.org")
    gone.disabled_at = clock.now()
    browser = sign_in(user)
    response = browser.post(f"/users/{user.id}", data=details(user, "view"))
    assert "is the only active administrator" in response.text
    session.expire_all()
    assert user.may(Permission.ADMINISTER)


def test_two_administrators_cannot_remove_each_other_at_once(session: Session) -> None:
    one, two = make_colleague(session), make_colleague(session, "two@example.org")
    user_admin.disable(session, two, by=one, at=clock.now())
    with pytest.raises(LastAdministrator):
        user_admin.disable(session, one, by=two, at=clock.now())


def test_nobody_disables_their_own_account(session: Session, sign_in: SignIn) -> None:
    user = make_colleague(session)
    make_colleague(session, "two@example.org")
    response = sign_in(user).post(f"/users/{user.id}/disable")
    assert response.status_code == 409
    assert "You cannot disable your own account" in response.text


def test_an_address_has_one_account(session: Session, client: FlaskClient) -> None:
    user = make_colleague(session)
    data = {**details(user, "view"), "email": " KIT@example.org"}
    assert "There is an account for kit@example.org already." in (
        client.post("/users/invite", data=data).text
    )


def test_fields_that_are_not_on_the_form_change_nothing(
    session: Session, sign_in: SignIn, client: FlaskClient
) -> None:
    user = make_colleague(session, permissions=VIEW)
    extra = {"permissions": "administer", "email": "e@example.org", "password_hash": "x", "id": 1}
    sign_in(user).post("/account", data={"name": "Kit", "theme": "dark", **extra})
    client.post(f"/users/{user.id}", data={**details(user, "view"), "email": "e@example.org"})
    session.expire_all()
    assert (user.email, user.permissions) == ("kit@example.org", ["view"])
    assert user.password_hash != "x"


def test_a_permission_that_does_not_exist_is_refused(session: Session, client: FlaskClient) -> None:
    user = make_colleague(session, permissions=VIEW)
    assert client.post(f"/users/{user.id}", data=details(user, "root")).status_code == 200
    session.expire_all()
    assert user.permissions == ["view"]


def test_hostile_names_are_shown_as_they_were_typed(session: Session, client: FlaskClient) -> None:
    payload = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"
    user = make_colleague(session, name=payload)
    user.member_organisation = MemberOrganisation(name=payload)
    session.commit()
    for address in ("/users", f"/users/{user.id}", "/member-organisations", "/users/invite"):
        page = client.get(address).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "49" not in page.replace("2049", "") or "{{7*7}}" in page


def test_member_organisations_are_added_and_renamed_each_name_once(
    session: Session, client: FlaskClient
) -> None:
    client.post("/member-organisations/add", data={"name": " Kites  for All "})
    member = session.scalars(
        select(MemberOrganisation).where(MemberOrganisation.name == "Kites for All")
    ).one()
    again = client.post("/member-organisations/add", data={"name": "kites for all"})
    assert "There is a member organisation called kites for all already." in again.text
    client.post(f"/member-organisations/{member.id}", data={"name": "Kites for Everybody"})
    assert "Kites for Everybody" in client.get("/member-organisations").text


def test_users_who_are_not_there_are_not_found(client: FlaskClient) -> None:
    assert client.get("/users/999999").status_code == 404
    assert client.post("/users/999999/disable").status_code == 404


def test_a_sensitive_page_asks_for_the_password_after_fifteen_minutes(
    time: Clock, session: Session, sign_in: SignIn
) -> None:
    user = make_colleague(session)
    browser = sign_in(user)
    time.pass_by(minutes=15)
    assert browser.get("/users/invite").status_code == 200
    time.pass_by(seconds=1)
    asked = browser.get("/users/invite")
    assert asked.location == "/confirm-password?next=/users/invite"
    wrong = browser.post(asked.location, data={"confirm_password": "not mine"})
    assert "That is not your password." in wrong.text
    right = browser.post(asked.location, data={"confirm_password": PASSWORD})
    assert right.location == "/users/invite"
    assert browser.get("/users/invite").status_code == 200


def test_what_was_sent_is_carried_out_once_the_password_is_given_again(
    time: Clock, session: Session, sign_in: SignIn
) -> None:
    administrator, user = make_colleague(session), make_colleague(session, "two@example.org")
    browser = sign_in(administrator)
    time.pass_by(minutes=20)
    sent = {**details(user, "view", "log"), "name": "<b>Kit</b>"}
    asked = browser.post(f"/users/{user.id}", data=sent)
    assert "Enter your password again" in asked.text
    assert '<input type="hidden" name="permissions" value="log">' in asked.text
    session.expire_all()
    assert user.name == "Kit Sample"
    browser.post(f"/users/{user.id}", data={**sent, "confirm_password": "not mine"})
    session.expire_all()
    assert user.name == "Kit Sample"
    done = browser.post(f"/users/{user.id}", data={**sent, "confirm_password": PASSWORD})
    assert done.location == f"/users/{user.id}"
    session.expire_all()
    assert (user.name, user.permissions) == ("<b>Kit</b>", ["view", "log"])


def test_guessing_at_the_password_page_is_slowed_down_too(
    time: Clock, session: Session, sign_in: SignIn
) -> None:
    browser = sign_in(make_colleague(session))
    for _ in range(10):
        browser.post("/confirm-password", data={"confirm_password": "wrong"})
    response = browser.post("/confirm-password", data={"confirm_password": PASSWORD})
    assert "There have been too many tries" in response.text


def test_a_new_password_needs_the_current_one_and_must_be_a_good_one(
    session: Session, sign_in: SignIn
) -> None:
    browser = sign_in(make_colleague(session))
    good = "a brisk walk to Ambleside"
    for current, password, words in (
        ("not mine", good, "That is not your current password."),
        (PASSWORD, "short", "Use at least 15 characters."),
        (PASSWORD, "Kit Sample Charity 2026", "easily guessed"),
        ("", good, "Enter your current password."),
    ):
        page = browser.post("/account/password", data={"current": current, "password": password})
        assert words in page.text
    assert browser.post(
        "/account/password", data={"current": PASSWORD, "password": good}
    ).location == ("/account")


def test_passwords_can_be_pasted_and_kept_by_a_password_manager(client: FlaskClient) -> None:
    page = client.get("/account/password").text
    assert 'autocomplete="current-password"' in page
    assert 'autocomplete="new-password"' in page
    assert 'autocomplete="username"' in page
    assert "onpaste" not in page
    assert "maxlength" not in page


def test_the_colours_somebody_chose_follow_them_to_another_browser(
    session: Session, sign_in: SignIn, stranger: FlaskClient, give_password: Callable[..., object]
) -> None:
    sign_in(make_colleague(session)).post("/account", data={"name": "Kit", "theme": "dark"})
    give_password("kit@example.org")
    assert 'data-theme="dark"' in stranger.get("/account").text
