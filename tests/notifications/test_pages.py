"""The bell and what is behind it."""

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.notifications import queries
from app.notifications.models import Event
from app.notifications.services import notify
from tests.conftest import CountStatements
from tests.factories import NOON, make_user

SignIn = Callable[[User], FlaskClient]


def tell_of(session: Session, user: User, number: int, path: str = "/people") -> int:
    made = notify(
        session,
        user=user,
        event=Event.MENTION,
        key=f"mention:interaction:{number}",
        text=f"Ann Author mentioned you in note {number}.",
        path=path,
        at=NOON,
    )
    assert made
    session.commit()
    return made.id


def test_the_bell_says_how_many_are_new_until_they_are_read(
    session: Session, sign_in: SignIn
) -> None:
    nina = make_user(session, "Nina Sample")
    browser = sign_in(nina)
    assert "new</span>" not in browser.get("/people").text
    first = tell_of(session, nina, 1)
    tell_of(session, nina, 2)
    assert (
        '<b class="n">2<span class="visually-hidden"> new</span></b>' in browser.get("/people").text
    )

    answer = browser.post(f"/notifications/{first}/open")

    assert answer.location == "/people"
    assert queries.count_new(session, nina.id) == 1
    browser.post("/notifications/read")
    assert queries.count_new(session, nina.id) == 0
    assert "note 1" in browser.get("/notifications").text


def test_the_bell_costs_every_page_one_statement(
    session: Session, sign_in: SignIn, count_statements: CountStatements
) -> None:
    nina = make_user(session, "Nina Sample")
    browser = sign_in(nina)
    for number in range(30):
        tell_of(session, nina, number)
    with count_statements() as statements:
        browser.get("/people")
    assert sum("FROM notification" in statement for statement in statements) == 1


def test_another_persons_notifications_do_not_exist(session: Session, sign_in: SignIn) -> None:
    nina, other = make_user(session, "Nina Sample"), make_user(session, "Olu Other")
    number = tell_of(session, nina, 1)
    browser = sign_in(other)
    assert browser.post(f"/notifications/{number}/open").status_code == 404
    assert "note 1" not in browser.get("/notifications").text
    assert "note 1" not in browser.get("/notifications?format=csv").text
    browser.post("/notifications/read")
    assert queries.count_new(session, nina.id) == 1


def test_a_notification_leads_nowhere_outside(session: Session, sign_in: SignIn) -> None:
    nina = make_user(session, "Nina Sample")
    number = tell_of(session, nina, 1, path="//evil.example/")
    answer = sign_in(nina).post(f"/notifications/{number}/open")
    assert answer.location == "/notifications"


def test_new_ones_can_be_listed_alone(session: Session, sign_in: SignIn) -> None:
    nina = make_user(session, "Nina Sample")
    browser = sign_in(nina)
    browser.post(f"/notifications/{tell_of(session, nina, 1)}/open")
    tell_of(session, nina, 2)
    page = browser.get("/notifications?new=1").text
    assert "note 2" in page
    assert "note 1" not in page
