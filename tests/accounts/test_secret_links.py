"""Links by mail and on the console: used once, dead in time, and always to our own address."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.accounts import services
from app.accounts.authentication import secret_links
from app.accounts.cli import create_user
from app.accounts.models import LinkPurpose, MemberOrganisation, OneTimeLink, Permission, User
from app.accounts.services import AlreadySetUp, NotHere
from app.core import clock
from app.outbox.models import Message
from tests.accounts.conftest import PASSWORD, Clock, is_signed_in, make_colleague
from tests.factories import make_user

GivePassword = Callable[..., TestResponse]
SignIn = Callable[[User], FlaskClient]
BASE_URL = "http://127.0.0.1:8000"
NEW = "a brisk walk to Ambleside"


def mails(session: Session) -> list[Message]:
    session.expire_all()
    return list(session.scalars(select(Message).order_by(Message.id)))


def path_in(body: str) -> str:
    found = re.search(rf"{re.escape(BASE_URL)}(/\S+)", body)
    assert found
    return found[1]


def asked_for(session: Session, browser: FlaskClient, email: str = "kit@example.org") -> str:
    """The path of the link in the mail that asking for one brings."""
    assert browser.post("/new-password", data={"email": email}).status_code == 200
    return path_in(mails(session)[-1].body)


def test_a_forgotten_password_is_replaced_by_a_link_in_the_mail(
    session: Session, stranger: FlaskClient, sign_in: SignIn, give_password: GivePassword
) -> None:
    elsewhere = sign_in(make_colleague(session))
    path = asked_for(session, stranger)
    assert "kit@example.org" in stranger.get(path).text
    assert "Your password is set" in stranger.post(path, data={"password": NEW}).text
    assert mails(session)[-1].subject == "Your password has been changed"
    assert not is_signed_in(stranger), "the link sets a password; it signs nobody in"
    assert not is_signed_in(elsewhere)
    assert give_password("kit@example.org", PASSWORD).status_code == 401
    assert give_password("kit@example.org", NEW).status_code == 302


def test_a_link_is_kept_only_as_a_hash_of_256_random_bits(
    session: Session, stranger: FlaskClient
) -> None:
    make_colleague(session)
    token = asked_for(session, stranger).rpartition("/")[2]
    assert len(token) == 43
    assert token not in str(session.execute(text("SELECT * FROM one_time_link")).all())


def test_a_mail_scanner_that_opens_the_link_does_not_use_it_up(
    session: Session, stranger: FlaskClient
) -> None:
    make_colleague(session)
    path = asked_for(session, stranger)
    for _ in range(3):
        assert stranger.get(path).status_code == 200
    assert stranger.post(path, data={"password": NEW}).status_code == 200


def test_a_link_works_once(session: Session, stranger: FlaskClient) -> None:
    make_colleague(session)
    path = asked_for(session, stranger)
    stranger.post(path, data={"password": NEW})
    for response in (stranger.get(path), stranger.post(path, data={"password": PASSWORD})):
        assert response.status_code == 410
        assert "This link no longer works" in response.text


def test_a_link_dies_after_an_hour(time: Clock, session: Session, stranger: FlaskClient) -> None:
    make_colleague(session)
    path = asked_for(session, stranger)
    time.pass_by(minutes=59, seconds=59)
    assert stranger.get(path).status_code == 200
    time.pass_by(seconds=1)
    assert stranger.get(path).status_code == 410


def test_a_link_dies_with_the_password_it_was_to_replace(
    session: Session, stranger: FlaskClient, sign_in: SignIn
) -> None:
    browser = sign_in(make_colleague(session))
    path = asked_for(session, stranger)
    browser.post("/account/password", data={"current": PASSWORD, "password": NEW})
    assert stranger.get(path).status_code == 410


def test_a_newer_link_replaces_the_older(session: Session, stranger: FlaskClient) -> None:
    make_colleague(session)
    first, second = asked_for(session, stranger), asked_for(session, stranger)
    assert stranger.get(first).status_code == 410
    assert stranger.get(second).status_code == 200


def test_a_link_dies_with_the_account_and_stays_dead_when_it_is_opened_again(
    session: Session, stranger: FlaskClient, client: FlaskClient
) -> None:
    user = make_colleague(session)
    path = asked_for(session, stranger)
    client.post(f"/users/{user.id}/disable")
    assert stranger.get(path).status_code == 410
    client.post(f"/users/{user.id}/enable")
    assert stranger.get(path).status_code == 410


def test_a_link_can_never_come_to_belong_to_another_user(
    session: Session, stranger: FlaskClient
) -> None:
    """A user's number cannot be given again while a link still names it."""
    user = make_user(session, email="kit@example.org")
    session.commit()
    asked_for(session, stranger)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(delete(User).where(User.id == user.id))


def test_one_kind_of_link_does_not_open_the_pages_of_another(
    session: Session, stranger: FlaskClient
) -> None:
    make_colleague(session)
    token = asked_for(session, stranger).rpartition("/")[2]
    for path in ("invitation", "first-administrator", "demo-sign-in"):
        assert stranger.get(f"/{path}/{token}").status_code == 410


def test_asking_for_a_link_says_the_same_whether_or_not_there_is_an_account(
    session: Session, stranger: FlaskClient
) -> None:
    make_colleague(session)
    gone = make_colleague(session, "gone@example.org")
    gone.disabled_at = clock.now()
    session.commit()
    answers = [
        stranger.post("/new-password", data={"email": email})
        for email in ("kit@example.org", "gone@example.org", "nobody@example.org")
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert all("If there is an account" in answer.text for answer in answers)
    assert [mail.recipient for mail in mails(session)] == ["kit@example.org"]


def test_nobody_can_fill_a_mailbox_with_links(session: Session, stranger: FlaskClient) -> None:
    make_colleague(session)
    for _ in range(6):
        assert stranger.post("/new-password", data={"email": "kit@example.org"}).status_code == 200
    assert len(mails(session)) == 3


def test_links_lead_to_our_own_address_whatever_the_request_says_it_is(
    app: Flask, session: Session, stranger: FlaskClient
) -> None:
    make_colleague(session)
    data = {"email": "kit@example.org"}
    forged = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    assert stranger.post("/new-password", data=data, headers=forged).status_code == 200
    absolute = {"REQUEST_URI": "http://evil.example/new-password"}
    stranger.post("/new-password", data=data, environ_overrides=absolute)
    hosts = stranger.post("/new-password", data=data, base_url="http://evil.example")
    assert hosts.status_code == 400
    assert mails(session)
    for mail in mails(session):
        assert "evil.example" not in mail.body
        assert re.findall(r"https?://[^/\s]+", mail.body) == [BASE_URL]


def test_a_colleague_is_invited_by_mail_and_chooses_a_password(
    session: Session, client: FlaskClient, stranger: FlaskClient, give_password: GivePassword
) -> None:
    member = session.scalars(select(MemberOrganisation)).one()
    data = {"name": "Noor Sample", "email": "Noor@example.org", "member": member.id}
    client.post("/users/invite", data={**data, "permissions": ["view", "approve"]})
    mail = mails(session)[-1]
    assert mail.recipient == "noor@example.org"
    path = path_in(mail.body)
    assert "Welcome, Noor Sample" in stranger.get(path).text
    assert stranger.post(path, data={"password": "short"}).status_code == 200
    assert stranger.post(path, data={"password": NEW}).location == "/"
    assert is_signed_in(stranger)
    assert stranger.get(path).status_code == 410
    user = session.scalars(select(User).where(User.email == "noor@example.org")).one()
    assert user.permissions == ["view", "approve"]


def test_an_invitation_works_for_seven_days_and_can_be_sent_again(
    time: Clock, session: Session, sign_in: SignIn, stranger: FlaskClient
) -> None:
    administrator, user = make_colleague(session, "admin@example.org"), make_user(session)
    services.send_invitation(session, user, by=administrator, base_url=BASE_URL, at=time.now)
    session.commit()
    first = path_in(mails(session)[-1].body)
    time.pass_by(days=7, seconds=-1)
    assert stranger.get(first).status_code == 200
    sign_in(administrator).post(f"/users/{user.id}/invitation")
    assert stranger.get(first).status_code == 410
    assert stranger.get(path_in(mails(session)[-1].body)).status_code == 200


def test_the_first_administrator_makes_their_account_by_the_consoles_link(
    session: Session, stranger: FlaskClient
) -> None:
    older = services.first_admin_link(session, base_url=BASE_URL, at=clock.now())
    link = services.first_admin_link(session, base_url=BASE_URL + "/", at=clock.now())
    session.commit()
    assert stranger.get(older.removeprefix(BASE_URL)).status_code == 410
    path = link.removeprefix(BASE_URL)
    data = {"name": "Ada Sample", "email": "ada@example.org", "member": "Sample Charity"}
    refused = stranger.post(path, data={**data, "password": "Ada Sample Charity 1"})
    assert "easily guessed" in refused.text
    assert stranger.post(path, data={**data, "password": NEW}).location == "/set-up"
    assert is_signed_in(stranger)
    user = session.scalars(select(User)).one()
    assert user.may(Permission.ADMINISTER)
    assert stranger.get(path).status_code == 410
    with pytest.raises(AlreadySetUp):
        services.first_admin_link(session, base_url=BASE_URL, at=clock.now())


def test_the_consoles_link_is_worth_nothing_once_somebody_has_an_account(
    session: Session, stranger: FlaskClient
) -> None:
    link = services.first_admin_link(session, base_url=BASE_URL, at=clock.now())
    make_colleague(session)
    data = {"name": "Eve", "email": "eve@example.org", "member": "Eve", "password": NEW}
    response = stranger.post(link.removeprefix(BASE_URL), data=data)
    assert response.status_code == 409
    assert "Somebody else has set up Liaise meanwhile" in response.text
    assert session.scalar(select(User).where(User.email == "eve@example.org")) is None


def test_a_demo_link_signs_in_after_a_press_of_its_button_and_once(
    session: Session, stranger: FlaskClient
) -> None:
    user = make_user(session, "Demo Coordinator")
    user.is_demo = True
    path = services.demo_sign_in_link(session, user, base_url=BASE_URL, at=clock.now())
    path = path.removeprefix(BASE_URL)
    session.commit()
    assert "Sign in as Demo Coordinator" in stranger.get(path).text
    assert not is_signed_in(stranger)
    assert stranger.post(path).location == "/"
    assert is_signed_in(stranger)
    assert stranger.post(path).status_code == 410


def test_demo_links_exist_only_on_this_machine_and_for_made_up_users(session: Session) -> None:
    user = make_user(session)
    with pytest.raises(NotHere, match="Only the users of the demo data"):
        services.demo_sign_in_link(session, user, base_url=BASE_URL, at=clock.now())
    user.is_demo = True
    with pytest.raises(NotHere, match="its own machine"):
        services.demo_sign_in_link(
            session, user, base_url="https://liaise.example.org", at=clock.now()
        )


def test_a_demo_link_is_worth_nothing_once_others_can_reach_us(
    app: Flask, session: Session, stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make_user(session)
    user.is_demo = True
    link = services.demo_sign_in_link(session, user, base_url=BASE_URL, at=clock.now())
    session.commit()
    monkeypatch.setitem(app.config, "BASE_URL", "https://liaise.example.org")
    assert stranger.post(link.removeprefix(BASE_URL)).status_code == 409


def test_create_user_prints_a_link_and_never_a_password(app: Flask, session: Session) -> None:
    session.commit()
    runner = app.test_cli_runner()
    told = runner.invoke(
        create_user,
        ["Noor@example.org", "--name", "Noor Sample", "--member", "Sample", "--permission", "log"],
    )
    assert told.exit_code == 0, told.output
    user = session.scalars(select(User)).one()
    assert (user.email, user.permissions, user.password_hash) == ("noor@example.org", ["log"], None)
    link = session.scalars(select(OneTimeLink)).one()
    assert link.purpose is LinkPurpose.INVITATION
    token = path_in(told.output).rpartition("/")[2]
    assert (
        secret_links.find(session, LinkPurpose.INVITATION, token=token, at=clock.now())[1] is user
    )
    again = runner.invoke(create_user, ["noor@example.org", "--name", "N", "--member", "S"])
    assert again.exit_code == 1
    assert "There is an account for noor@example.org already." in again.output
    wrong = runner.invoke(create_user, ["noor", "--name", "N", "--member", "S"])
    assert "Enter an email address" in wrong.output


def test_the_paths_in_links_are_those_of_our_pages(app: Flask) -> None:
    adapter = app.url_map.bind("localhost")
    for path in secret_links.PATHS.values():
        assert adapter.match(f"{path}token")
