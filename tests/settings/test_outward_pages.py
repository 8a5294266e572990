"""The page where external email is switched on, off, or held; and who may do which."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.settings import services
from app.settings.rules import CHECKS
from tests.factories import NOON, make_user
from tests.settings.test_outward_mail import SERVER, tick_everything


@pytest.fixture
def with_server(app: Flask) -> Iterator[None]:
    before, app.config["MAIL_SERVER"] = app.config["MAIL_SERVER"], SERVER
    yield
    app.config["MAIL_SERVER"] = before


@pytest.mark.usefixtures("with_server")
def test_a_checklist_ticked_by_name_opens_the_switch(client: FlaskClient, session: Session) -> None:
    services.change(
        session,
        postal_address="1 Street",
        from_email="a@example.org",
        reply_to="a@example.org",
        privacy_url="https://example.org/privacy",
    )
    session.commit()
    for check in CHECKS:
        page = client.get("/settings/outward-mail").text
        assert "Switch on external email" not in page
        client.post(f"/settings/outward-mail/checks/{check.name}/tick")
    page = client.get("/settings/outward-mail").text
    assert page.count("</span> by Sam Sample,") == len(CHECKS)
    assert "Switch on external email" in page
    client.post("/settings/outward-mail/on")
    assert "External email is on" in client.get("/settings/outward-mail").text


@pytest.mark.usefixtures("with_server")
def test_a_forged_request_cannot_switch_on_before_the_checklist(
    client: FlaskClient, session: Session
) -> None:
    page = client.post("/settings/outward-mail/on").text
    assert "Not yet ticked: SPF and DKIM seen" in page
    session.expire_all()
    assert services.settings_of(session).live_at is None


def test_without_a_mail_server_nothing_can_be_ticked_or_switched_on(client: FlaskClient) -> None:
    assert (
        "No mail server is set up"
        in client.post("/settings/outward-mail/checks/test_mail/tick").text
    )
    assert "No mail server is set up" in client.post("/settings/outward-mail/on").text


def test_an_unknown_check_is_not_found(client: FlaskClient) -> None:
    assert client.post("/settings/outward-mail/checks/nonsense/tick").status_code == 404
    assert client.post("/settings/outward-mail/checks/nonsense/untick").status_code == 404


@pytest.mark.usefixtures("with_server")
def test_an_approver_may_switch_off_and_hold_but_not_on(
    session: Session, sign_in: Callable[[User], FlaskClient]
) -> None:
    tick_everything(session)
    services.switch_on(session, mail_server=SERVER, at=NOON)
    approver = sign_in(make_user(session, permissions=(Permission.VIEW, Permission.APPROVE)))
    approver.post("/settings/outward-mail/off")
    assert approver.post("/settings/outward-mail/on").status_code == 403
    approver.post("/settings/outward-mail/hold", data={"reason": "Pre-election period"})
    assert approver.post("/settings/outward-mail/end-hold").status_code == 403
    page = approver.get("/settings/outward-mail").text
    assert "All external email is held: Pre-election period" in page
    session.expire_all()
    assert services.settings_of(session).live_at is None


def test_holding_mail_needs_a_reason(client: FlaskClient) -> None:
    page = client.post("/settings/outward-mail/hold", data={"reason": " "}).text
    assert "Say why mail is held." in page


@pytest.mark.parametrize(
    "path",
    ["/settings", "/set-up", "/settings/mail", "/history", "/caught-mail", "/history/user/1"],
)
def test_members_cannot_open_the_administrators_pages(
    session: Session, sign_in: Callable[[User], FlaskClient], path: str
) -> None:
    member = sign_in(make_user(session, permissions=(Permission.VIEW, Permission.LOG)))
    assert member.get(path).status_code == 403
