"""The pages of reminder rules."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.core.errors import DomainError
from app.milestones import services as milestones
from app.milestones.models import DateKind
from app.reminders import services
from app.reminders.models import (
    Days,
    Every,
    Occurrence,
    OccurrenceState,
    ReminderAudience,
    ReminderRule,
)
from app.reminders.services import RuleDetails
from tests.conftest import ClockAt
from tests.factories import make_user
from tests.reminders.stage import (
    give_owner,
    make_boards,
    make_milestone,
    make_rule,
    make_series,
    occurrences,
    tick,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TYPED = {
    "before": "28, 14 and 3",
    "on_the_day": "y",
    "after": "",
    "days": "working",
    "repeat_every": "7",
    "repeat_unit": "days",
    "audience": "owner",
    "at_time": "08:30",
    "catch_up_days": "3",
}


@pytest.fixture(autouse=True)
def today(clock_at: ClockAt) -> None:
    clock_at(NOW)


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found, name
    return found[1]


def type_rule(client: FlaskClient, about: str, **fields: str) -> str:
    """The page that shows what the rule will do."""
    return client.post("/reminders/new", data=TYPED | {"about": about} | fields).text


def save_rule(client: FlaskClient, about: str, **fields: str) -> str:
    """Shown, and saved unchanged."""
    page = type_rule(client, about, **fields)
    kept = {
        "previewed": hidden(page, "previewed"),
        "form_token": hidden(page, "form_token"),
        "save": "1",
    }
    data = TYPED | {"about": about} | fields | kept
    return client.post("/reminders/new", data=data, follow_redirects=True).text


def rule_of(session: Session) -> ReminderRule:
    session.expire_all()
    return session.scalars(select(ReminderRule)).one()


def test_before_a_rule_is_kept_it_shows_what_it_will_do(
    client: FlaskClient, session: Session
) -> None:
    ann = make_user(session, "Ann Sample")
    boards = make_boards(session, 3)
    give_owner(session, boards[0], ann)
    milestone = make_milestone(session)
    session.commit()

    page = type_rule(client, f"milestone-{milestone.id}")

    assert "Nothing now." in page
    for words in ("Thu 18 Feb 2027", "Wed 10 Mar 2027", "Thu 25 Mar 2027", "Thu 8 Apr 2027"):
        assert words in page
    assert "3 bodies" in page
    assert "Ann Sample" in page
    assert not session.scalars(select(ReminderRule)).all()


def test_a_rule_that_was_shown_is_kept_and_planned_at_once(
    client: FlaskClient, session: Session
) -> None:
    make_boards(session, 2)
    milestone = make_milestone(session)
    session.commit()

    page = save_rule(client, f"milestone-{milestone.id}")

    assert "The first reminder is sent on the first day in the preview." in page
    rule = rule_of(session)
    assert (rule.offsets, rule.days, rule.audience) == (
        [-28, -14, -3, 0],
        Days.WORKING,
        ReminderAudience.OWNER,
    )
    assert (rule.repeat_every, rule.repeat_unit) == (7, Every.DAYS)
    assert len(occurrences(session)) == 10


def test_what_was_changed_after_it_was_shown_is_shown_again_before_it_is_kept(
    client: FlaskClient, session: Session
) -> None:
    make_boards(session, 1)
    milestone = make_milestone(session)
    session.commit()
    about = f"milestone-{milestone.id}"
    previewed = hidden(type_rule(client, about), "previewed")

    page = type_rule(client, about, before="21", previewed=previewed, save="1")

    assert "Preview again" in page
    assert not session.scalars(select(ReminderRule)).all()


def test_a_double_click_makes_one_rule(client: FlaskClient, session: Session) -> None:
    milestone = make_milestone(session)
    session.commit()
    about = f"milestone-{milestone.id}"
    page = type_rule(client, about)
    kept = {
        "previewed": hidden(page, "previewed"),
        "form_token": hidden(page, "form_token"),
        "save": "1",
    }
    for _ in range(2):
        client.post("/reminders/new", data=TYPED | {"about": about} | kept)

    assert rule_of(session)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"before": "four weeks"}, "Give whole numbers with commas between"),
        ({"before": "", "on_the_day": "", "repeat_every": ""}, "Say when to remind"),
        ({"before": "900"}, "Give days up to 260"),
        ({"at_time": "01:30"}, "comes twice or not at all"),
        ({"at_time": "half past"}, "Give a time from 00:00 to 23:59"),
        ({"repeat_every": "0"}, "Repeat every 1 to 365 days"),
        ({"repeat_every": "13", "repeat_unit": "months"}, "Repeat every 1 to 12 months"),
        ({"catch_up_days": "99"}, "Give 0 to 20 working days"),
        ({"audience": "person"}, "Choose who is reminded"),
        ({"about": "milestone-999999"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do_and_stays_typed(
    client: FlaskClient, session: Session, fields: dict[str, str], said: str
) -> None:
    milestone = make_milestone(session)
    session.commit()

    page = type_rule(client, **({"about": f"milestone-{milestone.id}"} | fields))

    assert said in page
    assert "Error: " in page
    assert "Preview again" not in page
    assert all((TYPED | fields)[name] in page for name in ("before", "at_time", "catch_up_days"))


@pytest.mark.parametrize(
    ("last", "first_refused"),
    [
        ({"offsets": (-260, 260)}, {"offsets": (261,)}),
        (
            {"offsets": (-365, 365), "days": Days.CALENDAR},
            {"offsets": (-366,), "days": Days.CALENDAR},
        ),
        ({"offsets": tuple(range(12))}, {"offsets": tuple(range(13))}),
        ({"repeat_every": 1}, {"repeat_every": 0}),
        ({"repeat_every": 365}, {"repeat_every": 366}),
        (
            {"repeat_every": 52, "repeat_unit": Every.WEEKS},
            {"repeat_every": 53, "repeat_unit": Every.WEEKS},
        ),
        ({"catch_up_days": 0}, {"catch_up_days": -1}),
        ({"catch_up_days": 20}, {"catch_up_days": 21}),
    ],
)
def test_what_a_rule_may_say_is_allowed_to_its_very_edge_and_refused_beyond(
    session: Session, last: dict[str, Any], first_refused: dict[str, Any]
) -> None:
    usual = RuleDetails(offsets=(0,), repeat_unit=Every.DAYS)

    services.check(session, replace(usual, **last))
    with pytest.raises(DomainError):
        services.check(session, replace(usual, **first_refused))


def test_for_a_duty_without_a_rule_one_is_suggested_and_never_made_by_itself(
    client: FlaskClient, session: Session
) -> None:
    duty = make_series(session)
    session.commit()

    listed = client.get("/reminders").text
    form = client.get(f"/reminders/new?about=series-{duty.id}").text

    assert "28, 14 and 3 working days before, on the day, then every 7 days until met" in listed
    assert 'value="28, 14, 3"' in form
    assert not session.scalars(select(ReminderRule)).all()


def test_once_there_is_a_rule_for_the_duty_nothing_is_suggested(
    client: FlaskClient, session: Session
) -> None:
    make_rule(session, make_series(session), -28)
    session.commit()

    assert "Suggested reminders" not in client.get("/reminders").text


def test_the_page_of_a_rule_says_what_it_did_and_what_it_will_do(
    client: FlaskClient, session: Session
) -> None:
    cora = make_user(session, "Cora Sample")
    make_boards(session, 2)
    rule = make_rule(session, make_milestone(session), -28, -14, 0, person=cora)
    tick(session, date(2027, 3, 4))
    session.commit()

    page = client.get(f"/reminders/{rule.id}").text
    each = client.get(f"/reminders/{rule.id}/each?state=fired").text
    csv = client.get(f"/reminders/{rule.id}/each?format=csv").text

    assert page.index("Thu 18 Mar 2027") < page.index("Thu 4 Mar 2027")
    assert "Cora Sample" in page
    assert each.count("28 days before") == 2
    assert csv.count("\n") == 7
    assert (
        "Joint forward plans are to be ready"
        in client.get(f"/history/reminder_rule/{rule.id}").text
    )


def test_an_edited_rule_moves_what_is_to_come_and_keeps_what_was_told(
    client: FlaskClient, session: Session
) -> None:
    make_boards(session, 1)
    rule = make_rule(session, make_milestone(session), -28, 0)
    tick(session, date(2026, 11, 23))
    session.commit()
    url = f"/reminders/{rule.id}/edit"
    page = client.post(url, data=TYPED | {"days": "calendar"}).text
    data = TYPED | {"days": "calendar", "previewed": hidden(page, "previewed"), "save": "1"}

    assert "Saved." in client.post(url, data=data, follow_redirects=True).text

    session.expire_all()
    assert [step for step, _, _ in occurrences(session, OccurrenceState.PLANNED)] == [
        "-28",
        "-14",
        "-3",
        "0",
        "r1",
    ]


def test_a_stopped_rule_reminds_of_nothing_more_and_stays_to_be_read(
    client: FlaskClient, session: Session
) -> None:
    make_boards(session, 1)
    rule = make_rule(session, make_milestone(session), -28, 0)
    tick(session, date(2026, 11, 23))
    session.commit()

    assert "Stop this rule?" in client.get(f"/reminders/{rule.id}/stop").text
    page = client.post(f"/reminders/{rule.id}/stop", follow_redirects=True).text

    assert "The rule is stopped" in page
    assert tick(session, date(2027, 3, 4)) == 0
    assert len(occurrences(session, OccurrenceState.SUPERSEDED)) == 2
    assert "Edit" not in re.findall(r"<a[^>]*btn[^>]*>([^<]*)", page)


def test_telling_people_again_is_for_a_person_to_ask(client: FlaskClient, session: Session) -> None:
    cora = make_user(session, "Cora Sample")
    make_boards(session, 1)
    milestone = make_milestone(session)
    make_rule(session, milestone, -28, 0, person=cora)
    url = f"/milestones/{milestone.id}/tell-again"
    session.commit()
    refused = client.post(url)
    tick(session, date(2026, 11, 23))
    first = session.scalars(select(Occurrence).where(Occurrence.step == "-28")).one()
    first.state = OccurrenceState.FIRED
    milestones.move(
        session,
        milestone,
        milestones.GivenDate(DateKind.ANNOUNCED, date(2027, 5, 4)),
        by=cora,
        at=NOW,
    )
    session.commit()

    assert refused.status_code == 302
    assert "begins again" in client.get(url).text
    client.post(url)

    planned = {step: day for step, day, _ in occurrences(session, OccurrenceState.PLANNED)}
    assert planned == {"a2:-28": date(2027, 4, 6), "a2:0": date(2027, 5, 4)}


def test_only_coordinators_make_and_stop_rules(
    sign_in: Callable[[User], FlaskClient], session: Session
) -> None:
    reader = make_user(session, permissions=(Permission.VIEW,))
    rule = make_rule(session, make_milestone(session), -28)
    session.commit()
    browser = sign_in(reader)

    assert browser.get("/reminders").status_code == 200
    assert browser.get(f"/reminders/{rule.id}").status_code == 200
    assert browser.get("/reminders/new").status_code == 403
    assert browser.post(f"/reminders/{rule.id}/stop").status_code == 403


def test_the_page_of_a_milestone_says_what_was_told_and_why_nothing_repeats_after_a_move(
    client: FlaskClient, session: Session
) -> None:
    cora = make_user(session, "Cora Sample")
    make_boards(session, 2)
    milestone = make_milestone(session)
    first = milestones.GivenDate(DateKind.ENTERED, date(2027, 4, 1))
    milestones.move(session, milestone, first, by=cora, at=NOW)
    make_rule(session, milestone, -28, -14, -3, 0, person=cora)
    tick(session, date(2027, 3, 4))
    tick(session, date(2027, 3, 18))
    later = milestones.GivenDate(DateKind.ENTERED, date(2027, 4, 11), why="The guidance says so")
    milestones.move(session, milestone, later, by=cora, at=NOW)
    session.commit()

    page = client.get(f"/milestones/{milestone.id}").text

    # Worked out from its date as it is now, before a round has written it down.
    for words in ("Thu 8 Apr 2027", "Fri 9 Apr 2027", "Thu 4 Mar 2027", "Thu 18 Mar 2027"):
        assert words in page
    assert "It moved from 1 April 2027 on 22 November 2026." in page
    assert "not sent again unless a coordinator says so" in page
    assert "Decide" in page
