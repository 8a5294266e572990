"""The administrator's pages: setting up, the numbers, the logo, the privacy notice, help."""

import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.administration.routes.help import glossary
from app.administration.states import (
    IMPORT_OUTCOMES,
    LETTER_STATES,
    MAILING_STATES,
    OFFER_STATES,
    POST_STATES,
    PROMISE_STATES,
)
from app.directory.models import PostState
from app.imports.models import RowOutcome
from app.interactions.models import OfferState, OutcomeKind
from app.interactions.outcomes import outcome_labels
from app.letters.models import LetterState, MailingState
from app.outbox.models import Message
from app.settings import services
from app.settings.models import Settings
from tests.factories import make_user
from tests.letters.pictures import UNUSABLE, png

SignIn = Callable[[User], FlaskClient]
PNG = png(60, 20)
NUMBERS = {
    "hold_minutes": "10",
    "letters_a_minute": "30",
    "approval_hours": "24",
    "recent_days": "28",
    "unchecked_warning_days": "180",
    "max_attachment_kb": "7168",
}


@pytest.fixture
def settings(session: Session) -> Settings:
    return services.settings_of(session)


def test_each_number_is_saved_and_explained(
    client: FlaskClient, session: Session, settings: Settings
) -> None:
    assert "with a Stop button" in client.get("/settings").text
    answer = client.post("/settings", data=NUMBERS | {"single_letter_by_author": "y"})
    assert answer.status_code == 302
    session.expire_all()
    assert (settings.hold_minutes, settings.letters_a_minute) == (10, 30)
    assert settings.single_letter_by_author


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hold_minutes", "61"),
        ("hold_minutes", "-1"),
        ("letters_a_minute", "0"),
        ("approval_hours", ""),
        ("recent_days", "soon"),
        ("max_attachment_kb", "99999999999999999999"),
    ],
)
def test_a_number_outside_its_limits_is_refused_in_a_sentence(
    client: FlaskClient, session: Session, settings: Settings, name: str, value: str
) -> None:
    page = client.post("/settings", data=NUMBERS | {name: value}).text
    assert "There is a problem" in page
    session.expire_all()
    assert settings.hold_minutes == 5


def test_the_set_up_page_says_what_is_done(client: FlaskClient, session: Session) -> None:
    assert "0 of 5 steps are done" in client.get("/set-up").text
    client.post("/set-up/group", data={"group_name": "Sample Group", "postal_address": "1 Street"})
    client.post(
        "/set-up/addresses",
        data={"from_email": "a@example.org", "reply_to": "b@example.org", "opt_out_line": "Stop."},
    )
    assert "2 of 5 steps are done" in client.get("/set-up").text


@pytest.mark.parametrize(
    "address", ["nobody", "a@b", "a b@example.org", "a@example.org, b@example.org", "<a@b.org>"]
)
def test_a_from_address_that_is_none_is_refused(client: FlaskClient, address: str) -> None:
    page = client.post(
        "/set-up/addresses",
        data={"from_email": address, "reply_to": "b@example.org", "opt_out_line": "Stop."},
    ).text
    assert "Write an email address, such as name@example.org." in page


def test_only_the_fields_on_the_page_can_be_set(
    client: FlaskClient, session: Session, settings: Settings
) -> None:
    client.post(
        "/set-up/group",
        data={
            "group_name": "Sample Group",
            "postal_address": "1 Street",
            "installation": "forged",
            "live_at": "2026-01-01",
            "is_demo": "y",
        },
    )
    session.expire_all()
    assert (settings.group_name, settings.live_at, settings.is_demo) == (
        "Sample Group",
        None,
        False,
    )
    assert settings.installation != "forged"


def test_home_mentions_what_is_left_of_the_setting_up_until_it_is_done_or_hidden(
    session: Session, client: FlaskClient, sign_in: SignIn
) -> None:
    said = "Setting up is not finished."
    coordinator = sign_in(
        make_user(session, "Cora", permissions=(Permission.VIEW, Permission.COORDINATE))
    )
    viewer = sign_in(make_user(session, "Vic", permissions=(Permission.VIEW,)))
    home = coordinator.get("/").text
    assert said in home
    assert "the From address, the Reply-To address, a privacy notice and somebody who signs" in home
    assert "An administrator can add it." in home
    assert said not in viewer.get("/").text
    assert 'href="/set-up"' in client.get("/").text
    assert said not in client.get("/systems").text, "on Home alone"

    client.post("/set-up/mention", data={"on_home": "no"})
    assert said not in client.get("/").text
    client.post("/set-up/mention", data={"on_home": "yes"})
    assert said in client.get("/").text

    client.post("/letters/signatories/new", data={"name": "Sam Signatory"})
    services.change(
        session,
        group_name="Sample Group",
        postal_address="1 Sample Street",
        from_email="office@example.org",
        reply_to="office@example.org",
        privacy_notice="We keep your name.",
    )
    session.commit()
    assert said not in client.get("/").text


def test_a_starter_privacy_notice_is_offered_but_not_published(
    client: FlaskClient, stranger: FlaskClient
) -> None:
    assert "[the name of the group]" in client.get("/set-up/privacy-notice").text
    assert stranger.get("/privacy").status_code == 404


def test_the_starter_privacy_notice_gives_the_postal_address_in_one_line(
    client: FlaskClient,
) -> None:
    group = {"group_name": "Sample Group", "postal_address": "1 Sample Street\r\nSampleton\r\n"}
    client.post("/set-up/group", data=group)
    assert "Sample Group, 1 Sample Street, Sampleton." in client.get("/set-up/privacy-notice").text


def test_a_notice_with_something_left_in_square_brackets_is_kept_but_not_published(
    client: FlaskClient, stranger: FlaskClient
) -> None:
    notice = "We keep it for [six] years. [Add to this.] See [the law](https://example.org)."
    said = client.post(
        "/set-up/privacy-notice", data={"privacy_notice": notice}, follow_redirects=True
    ).text

    assert "Still to be filled in: [six], [Add to this.]." in said
    assert stranger.get("/privacy").status_code == 404
    assert "[six]" in client.get("/set-up/privacy-notice").text, "the draft is kept"

    for gap in ("«Name»", "{{ config }}", "XX/XX/2026"):
        gone_wrong = {"privacy_notice": f"We keep it until {gap}."}
        said = client.post("/set-up/privacy-notice", data=gone_wrong, follow_redirects=True).text
        assert f"Still to be filled in: {gap}. Put your own words there" in said
        assert stranger.get("/privacy").status_code == 404

    finished = notice.replace("[six]", "six").replace("[Add to this.]", "")
    client.post("/set-up/privacy-notice", data={"privacy_notice": finished})
    assert "We keep it for six years" in stranger.get("/privacy").text


def test_anybody_can_read_the_privacy_notice_and_nothing_in_it_runs(
    client: FlaskClient, stranger: FlaskClient
) -> None:
    notice = (
        "# What we keep\n\n<script>alert(1)</script> <img src=x onerror=alert(1)>\n\n"
        "[click](javascript:alert(1)) ((field)) [fine](https://example.org)"
    )
    client.post("/set-up/privacy-notice", data={"privacy_notice": notice})
    page = stranger.get("/privacy").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<img src=x" not in page
    assert 'href="javascript' not in page
    assert "((field))" in page
    assert 'href="https://example.org"' in page


def test_a_notice_published_elsewhere_is_where_people_are_sent(
    client: FlaskClient, stranger: FlaskClient
) -> None:
    client.post("/set-up/privacy-notice", data={"privacy_url": "https://example.org/privacy"})
    assert stranger.get("/privacy").location == "https://example.org/privacy"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//example.org", "https://", "ftp://a.org"])
def test_a_notice_elsewhere_has_to_be_a_web_address(
    client: FlaskClient, stranger: FlaskClient, url: str
) -> None:
    page = client.post("/set-up/privacy-notice", data={"privacy_url": url}).text
    assert "Write a whole web address" in page
    assert stranger.get("/privacy").status_code == 404


def test_a_logo_is_shown_to_anybody_as_the_picture_it_is(
    client: FlaskClient, stranger: FlaskClient
) -> None:
    assert stranger.get("/logo").status_code == 404
    client.post("/set-up/logo", data={"logo": (io.BytesIO(PNG), "logo.svg")})
    answer = stranger.get("/logo")
    assert (answer.data, answer.mimetype) == (PNG, "image/png")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    client.post("/set-up/logo/take-down")
    assert stranger.get("/logo").status_code == 404


def test_a_logo_that_is_no_sound_picture_is_refused_with_a_reason(
    client: FlaskClient, stranger: FlaskClient
) -> None:
    wrong = []
    for content, said in [(b"", "Choose a PNG or JPEG"), *UNUSABLE]:
        logo = (io.BytesIO(content), "logo.png" if content else "")
        page = client.post("/set-up/logo", data={"logo": logo})
        if page.status_code != 200 or said not in page.text:
            wrong.append((content[:40], said, page.status_code))
    assert wrong == []
    assert stranger.get("/logo").status_code == 404


def test_a_test_mail_goes_to_whoever_asks_through_the_queue(
    client: FlaskClient, session: Session
) -> None:
    client.post("/settings/mail/test")
    message = session.scalars(select(Message)).one()
    assert message.recipient.startswith("user")
    page = client.get("/settings/mail").text
    assert "1 queued" in page
    assert "No mail server is set up" in page


def test_what_did_not_go_stands_on_the_mail_page_with_the_next_step(
    client: FlaskClient, session: Session
) -> None:
    client.post("/settings/mail/test")
    message = session.scalars(select(Message)).one()
    message.state, message.server_reply = message.state.REFUSED, "550 No such <user>"
    session.commit()
    page = client.get("/settings/mail").text
    assert "550 No such &lt;user&gt;" in page
    assert "Check the address on the user’s page" in page


def test_every_state_is_explained_in_plain_english(client: FlaskClient) -> None:
    assert set(LETTER_STATES) == set(LetterState)
    assert set(MAILING_STATES) == set(MailingState)
    assert set(POST_STATES) == set(PostState)
    assert set(OFFER_STATES) == set(OfferState)
    assert set(IMPORT_OUTCOMES) == set(RowOutcome)
    page = client.get("/help").text
    words = {mark for kind in OutcomeKind for mark in outcome_labels.OUTCOMES[kind].values()}
    assert {"Kept", "Broken", "Withdrawn", "Answered", "Done"} <= words & set(PROMISE_STATES)
    for key in ("follow-up", "promise", "offer", "import"):
        assert f'id="{key}-states"' in page
    assert 'id="letter-waiting-to-retry"' in page
    assert 'id="icb"' in page
    assert all(meaning for _, _, meaning in glossary())


def test_reading_any_of_these_pages_writes_nothing(client: FlaskClient, session: Session) -> None:
    before = [repr(vars(row)) for row in session.scalars(select(Settings))]
    for path in ("/settings", "/set-up", "/settings/mail", "/settings/outward-mail", "/help"):
        assert client.get(path).status_code == 200
    session.expire_all()
    assert len(before) == len(list(session.scalars(select(Settings))))
    assert services.settings_of(session).privacy_notice == ""
    assert services.checklist(session, "") == {}
