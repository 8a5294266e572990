"""Whether letters may leave: the catcher, the live switch with its checklist, the quiet period."""

import pytest
from sqlalchemy.orm import Session

from app.settings import services
from app.settings.rules import CHECKS, MailKind
from app.settings.services import NotReady
from tests.factories import NOON

SERVER = "smtp.example.org"
WITH_SERVER = {"MAIL_SERVER": SERVER}
FILLED_IN = {
    "postal_address": "1 Sample Street\nSampletown",
    "from_email": "office@example.org",
    "reply_to": "office@example.org",
    "privacy_url": "https://example.org/privacy",
}


def tick_everything(session: Session) -> None:
    services.change(session, **FILLED_IN)
    for check in CHECKS:
        services.tick(session, check.name, mail_server=SERVER, by_name="Sam Sample", at=NOON)


def test_without_a_mail_server_everything_is_caught_here(session: Session) -> None:
    outward = services.outward_mail(session, {"MAIL_SERVER": ""})
    assert (outward.kind, outward.may_send) == (MailKind.CAUGHT, True)
    assert "caught here, not sent" in outward.sentence


def test_a_mail_server_alone_lets_nothing_out(session: Session) -> None:
    outward = services.outward_mail(session, WITH_SERVER)
    assert (outward.kind, outward.may_send) == (MailKind.OFF, False)


def test_mail_cannot_be_switched_on_before_every_check_is_ticked(session: Session) -> None:
    services.change(session, **FILLED_IN)
    for check in CHECKS[:-1]:
        services.tick(session, check.name, mail_server=SERVER, by_name="Sam Sample", at=NOON)
    with pytest.raises(NotReady, match="A test mail to me arrived"):
        services.switch_on(session, mail_server=SERVER, at=NOON)


def test_the_privacy_line_cannot_be_ticked_while_the_notice_has_words_to_fill_in(
    session: Session,
) -> None:
    services.change(session, privacy_notice="We keep it for [six] years.")
    with pytest.raises(NotReady, match=r"Still to be filled in: \[six\]"):
        services.tick(session, "privacy_line", mail_server=SERVER, by_name="Sam Sample", at=NOON)

    services.change(session, privacy_notice="We keep it for six years.")
    services.tick(session, "privacy_line", mail_server=SERVER, by_name="Sam Sample", at=NOON)


def test_after_the_whole_checklist_letters_may_leave(session: Session) -> None:
    tick_everything(session)
    services.switch_on(session, mail_server=SERVER, at=NOON)
    assert services.outward_mail(session, WITH_SERVER).kind is MailKind.LIVE


def test_another_mail_server_has_to_be_checked_again(session: Session) -> None:
    tick_everything(session)
    services.switch_on(session, mail_server=SERVER, at=NOON)
    elsewhere = "smtp.example.com"
    assert not services.outward_mail(session, {"MAIL_SERVER": elsewhere}).may_send
    with pytest.raises(NotReady, match="Not yet ticked"):
        services.switch_on(session, mail_server=elsewhere, at=NOON)


def test_mail_cannot_be_switched_on_without_a_server_or_on_demo_data(session: Session) -> None:
    tick_everything(session)
    with pytest.raises(NotReady, match="No mail server"):
        services.switch_on(session, mail_server="", at=NOON)
    services.settings_of(session).is_demo = True
    with pytest.raises(NotReady, match="demo data"):
        services.switch_on(session, mail_server=SERVER, at=NOON)


def test_what_is_not_there_cannot_be_vouched_for(session: Session) -> None:
    for check in CHECKS:
        with pytest.raises(NotReady, match="set-up page first"):
            services.tick(session, check.name, mail_server=SERVER, by_name="Sam Sample", at=NOON)


def test_a_new_from_address_takes_its_ticks_and_live_mail_away(session: Session) -> None:
    tick_everything(session)
    services.switch_on(session, mail_server=SERVER, at=NOON)
    undone = services.change(session, from_email="other@example.org")
    assert undone == ["SPF and DKIM seen", "A test mail to me arrived"]
    assert not services.outward_mail(session, WITH_SERVER).may_send


def test_changing_a_number_leaves_the_ticks_alone(session: Session) -> None:
    tick_everything(session)
    services.switch_on(session, mail_server=SERVER, at=NOON)
    assert services.change(session, hold_minutes=10) == []
    assert services.outward_mail(session, WITH_SERVER).kind is MailKind.LIVE


def test_taking_a_tick_back_switches_mail_off(session: Session) -> None:
    tick_everything(session)
    services.switch_on(session, mail_server=SERVER, at=NOON)
    services.untick(session, "reply_address")
    assert not services.outward_mail(session, WITH_SERVER).may_send


def test_the_quiet_period_holds_all_outward_mail_and_says_why(session: Session) -> None:
    tick_everything(session)
    services.switch_on(session, mail_server=SERVER, at=NOON)
    services.begin_quiet_period(session, "Pre-election period until 6 May.")
    for config in (WITH_SERVER, {"MAIL_SERVER": ""}):
        outward = services.outward_mail(session, config)
        assert not outward.may_send
        assert "Pre-election period until 6 May." in outward.sentence
    services.end_quiet_period(session)
    assert services.outward_mail(session, WITH_SERVER).kind is MailKind.LIVE


def test_a_quiet_period_needs_a_reason(session: Session) -> None:
    with pytest.raises(services.ReasonMissing):
        services.begin_quiet_period(session, "  ")
