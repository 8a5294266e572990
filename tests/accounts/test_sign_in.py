from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts import hashing
from tests.factories import make_user

PASSWORD = "purple tandem walrus kettle"


def test_a_colleague_signs_in_and_out(stranger: FlaskClient, session: Session) -> None:
    user = make_user(session, email="a@example.org")
    user.password_hash = hashing.hash_password(PASSWORD)
    session.commit()
    r = stranger.get("/sign-in")
    r = stranger.post(
        "/sign-in", data={"email": "a@example.org", "password": PASSWORD, "next": "/signed-out"}
    )
    assert r.status_code == 302, r.text
    r = stranger.get("/signed-out")
    assert "Sam Sample" in r.text
    r = stranger.post("/sign-out")
    assert r.location == "/signed-out", r.text
    r = stranger.get("/signed-out")
    assert "Sam Sample" not in r.text


def test_the_client_of_the_tests_is_signed_in(client: FlaskClient) -> None:
    assert "Sam Sample" in client.get("/signed-out").text
