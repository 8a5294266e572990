"""Follow-ups, promises and offers as a browser meets them."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.accounts.visibility import Visibility
from app.core import working_days
from app.followups.models import BulkChange, FollowUp, FollowUpState, Repeats
from app.interactions.models import (
    Interaction,
    InteractionOrganisation,
    Offer,
    OfferState,
    OfferStep,
    Outcome,
    OutcomeKind,
    PointState,
    PromisedBy,
)
from app.settings.models import ClosedDay
from tests.factories import NOON, TODAY, make_organisation, make_user
from tests.interactions.test_outcomes import make_meeting

SignIn = Callable[[User], FlaskClient]
ON = TODAY


def make_follow_up(
    session: Session, owner: User, what: str = "Send the pack", **more: object
) -> FollowUp:
    follow_up = FollowUp(
        **{
            "what": what,
            "owner_id": owner.id,
            "due_on": ON,
            "created_at": NOON,
            "author_id": owner.id,
            **more,
        }
    )
    session.add(follow_up)
    session.flush()
    return follow_up


def make_promise(session: Session, user: User, **more: object) -> Outcome:
    follow_up = make_follow_up(session, user)
    point = Outcome(
        **{
            "kind": OutcomeKind.COMMITMENT,
            "text": "Send the pack",
            "promised_by": PromisedBy.US,
            "organisation_id": make_organisation(session).id,
            "made_on": ON,
            "due_on": ON,
            "follow_up_id": follow_up.id,
            "written_at": NOON,
            "author_id": user.id,
            **more,
        }
    )
    session.add(point)
    session.flush()
    return point


def sentence(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.mark.date_sensitive
def test_a_follow_up_is_added_for_a_number_of_working_days(
    session: Session, sign_in: SignIn
) -> None:
    me = make_user(session)
    browser = sign_in(me)
    answer = browser.post(
        "/follow-ups/new",
        data={"what": "Ask again", "owner_id": me.id, "working_days": "5", "form_token": "a"},
        follow_redirects=True,
    )

    assert "Added: Ask again" in answer.text
    made = session.scalars(select(FollowUp)).one()
    assert 5 <= (made.due_on - ON).days <= 12
    assert made.due_on.weekday() < 5


@pytest.mark.date_sensitive
def test_days_on_which_our_own_offices_are_shut_do_not_count(
    session: Session, sign_in: SignIn
) -> None:
    me = make_user(session)
    first, second = (working_days.add(ON, count).day for count in (1, 2))
    session.add(ClosedDay(day=first, why="Moving house"))
    session.commit()

    sign_in(me).post(
        "/follow-ups/new",
        data={"what": "Ask again", "owner_id": me.id, "working_days": "1", "form_token": "a"},
    )

    assert session.scalars(select(FollowUp.due_on)).one() == second


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"due_on": "", "working_days": ""}, "Give a day, or a number of working days."),
        ({"due_on": "2026-12-01", "working_days": "3"}, "not both"),
        ({"due_on": "31/02/2026"}, "Enter a date"),
        ({"due_on": "2026-12-01", "what": ""}, "Say what is to be done"),
        ({"due_on": "2026-12-01", "owner_id": "999999"}, "Not a valid choice"),
        ({"due_on": "2090-12-01"}, "within ten years"),
        ({"working_days": "100000"}, "from 0 to 260"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(
    session: Session, sign_in: SignIn, data: dict[str, str], words: str
) -> None:
    me = make_user(session)
    sent = {"what": "Ask again", "details": "Kept words", "owner_id": str(me.id), **data}
    page = sign_in(me).post("/follow-ups/new", data=sent).text

    assert words in page
    assert "Kept words" in page
    assert session.scalar(select(func.count()).select_from(FollowUp)) == 0


@pytest.mark.date_sensitive
def test_the_tabs_show_mine_everybodys_the_late_the_awaited_and_the_done(
    session: Session, sign_in: SignIn
) -> None:
    me, other = make_user(session), make_user(session, "Jo Sample")
    make_follow_up(session, me, "My own")
    make_follow_up(session, other, "Of another", due_on=ON - timedelta(days=3))
    make_follow_up(session, other, "Awaited", waiting_on_them=True, due_on=ON + timedelta(days=9))
    make_follow_up(session, me, "Sleeping", asleep_until=ON + timedelta(days=2), reason="Later")
    make_follow_up(session, me, "Finished", state=FollowUpState.DONE, done_at=NOON)
    session.commit()
    browser = sign_in(me)

    def shown(tab: str) -> set[str]:
        page = browser.get(f"/follow-ups?show={tab}").text
        names = ("My own", "Of another", "Awaited", "Sleeping", "Finished")
        return {name for name in names if f">{name}</a>" in page}

    assert shown("") == shown("mine") == {"My own"}
    assert shown("all") == {"My own", "Of another", "Awaited"}
    assert shown("overdue") == {"Of another"}
    assert shown("waiting") == {"Awaited"}
    assert shown("asleep") == {"Sleeping"}
    assert shown("done") == {"Finished"}
    assert "Overdue 3 days" in browser.get("/follow-ups?show=all").text


@pytest.mark.date_sensitive
def test_ticking_off_settles_the_promise_comes_back_to_the_next_row_and_is_undone(
    session: Session, sign_in: SignIn
) -> None:
    me = make_user(session)
    point = make_promise(session, me)
    following = make_follow_up(session, me, "The next")
    session.commit()
    browser, id_ = sign_in(me), point.follow_up_id
    data = {"back": "/follow-ups?show=all", "then": str(following.id)}
    answer = browser.post(f"/follow-ups/{id_}/finish", data=data)
    again = browser.post(f"/follow-ups/{id_}/finish", data=data)

    assert answer.location == again.location == f"/follow-ups?show=all#tick-{following.id}"
    session.expire_all()
    assert session.get_one(Outcome, point.id).state is PointState.KEPT
    page = browser.get("/follow-ups?show=done").text
    assert f"/follow-ups/{id_}/reopen" in page
    browser.post(f"/follow-ups/{id_}/reopen", data={"back": "/follow-ups"})
    session.expire_all()
    assert session.get_one(Outcome, point.id).state is PointState.OPEN
    assert session.get_one(FollowUp, id_).state is FollowUpState.OPEN


def test_a_double_click_on_the_tick_makes_one_next_of_a_series(
    session: Session, sign_in: SignIn
) -> None:
    me = make_user(session)
    follow_up = make_follow_up(session, me, repeats=Repeats.WEEKLY, repeat_from=ON)
    session.commit()
    browser = sign_in(me)
    for _ in range(2):
        browser.post(f"/follow-ups/{follow_up.id}/finish")

    assert session.scalar(select(func.count()).select_from(FollowUp)) == 2


@pytest.mark.date_sensitive
def test_a_promise_is_dropped_as_broken_or_withdrawn(session: Session, sign_in: SignIn) -> None:
    me = make_user(session)
    point = make_promise(session, me)
    session.commit()
    browser, page = sign_in(me), f"/follow-ups/{point.follow_up_id}/drop"

    assert "It was broken" in browser.get(page).text
    refused = browser.post(page, data={"reason": "No time"})
    assert "Say whether the promise was broken or withdrawn" in refused.text
    browser.post(page, data={"reason": "No time", "became": "withdrawn"})
    session.expire_all()
    assert session.get_one(Outcome, point.id).state is PointState.WITHDRAWN


@pytest.mark.date_sensitive
def test_what_is_put_off_says_why_and_comes_back_when_asked(
    session: Session, sign_in: SignIn
) -> None:
    me = make_user(session)
    follow_up = make_follow_up(session, me)
    session.commit()
    browser, page = sign_in(me), f"/follow-ups/{follow_up.id}/snooze"
    until = (ON + timedelta(days=10)).isoformat()

    assert "Say why it can wait" in browser.post(page, data={"due_on": until}).text
    browser.post(page, data={"due_on": until, "reason": "On leave"})
    assert "On leave" in browser.get("/follow-ups?show=asleep").text
    browser.post(f"/follow-ups/{follow_up.id}/wake")
    assert ">Send the pack</a>" in browser.get("/follow-ups").text


def test_many_change_owner_at_once_after_the_counts_are_shown_and_it_is_undone_as_one(
    session: Session, sign_in: SignIn
) -> None:
    me, jo = make_user(session), make_user(session, "Jo Sample")
    mine = [make_follow_up(session, me, f"Number {n}") for n in range(3)]
    theirs = make_follow_up(session, jo, "Already hers")
    session.commit()
    browser = sign_in(me)
    ids = [str(one.id) for one in (*mine, theirs)]
    data = {
        "act": "owner",
        "owner_id": str(jo.id),
        "ids": ids,
        "form_token": "x",
        "which": "ticked",
    }
    asked = browser.post("/follow-ups/change", data=data)
    assert "Nothing has changed yet" in asked.text
    assert "Sam Sample 3 0" in sentence(asked.text)
    assert "Jo Sample 1 4" in sentence(asked.text)

    for _ in range(2):
        done = browser.post(
            "/follow-ups/change", data={**data, "confirmed": "1"}, follow_redirects=True
        )
    assert "3 follow-ups given to Jo Sample" in done.text
    change = session.scalars(select(BulkChange)).one()
    session.expire_all()
    assert {one.owner_id for one in session.scalars(select(FollowUp))} == {jo.id}
    undone = browser.post(f"/follow-ups/changes/{change.id}/undo", follow_redirects=True)
    assert "Undone for 3 of 3" in undone.text
    session.expire_all()
    assert session.get_one(FollowUp, mine[0].id).owner_id == me.id
    assert "undone already" in browser.post(
        f"/follow-ups/changes/{change.id}/undo", follow_redirects=True
    ).text  # fmt: skip


@pytest.mark.date_sensitive
def test_many_move_to_one_day_with_what_they_stand_for_and_back(
    session: Session, sign_in: SignIn
) -> None:
    me = make_user(session)
    point = make_promise(session, me)
    later = make_follow_up(session, me, "Touched since")
    session.commit()
    browser, day = sign_in(me), ON + timedelta(days=30)
    data = {
        "act": "due",
        "due_on": day.isoformat(),
        "which": "all",
        "back": "/follow-ups?show=mine",
        "confirmed": "1",
        "form_token": "y",
    }
    browser.post("/follow-ups/change", data=data)
    session.expire_all()
    assert session.get_one(Outcome, point.id).due_on == day
    session.get_one(FollowUp, later.id).due_on = ON + timedelta(days=31)
    session.commit()
    change = session.scalars(select(BulkChange)).one()
    page = browser.post(f"/follow-ups/changes/{change.id}/undo", follow_redirects=True).text
    assert "Undone for 1 of 2. 1 had been changed since and stay" in page
    session.expire_all()
    assert session.get_one(Outcome, point.id).due_on == ON


def test_a_change_of_many_is_undone_by_whoever_made_it_only(
    session: Session, sign_in: SignIn
) -> None:
    me, jo = make_user(session), make_user(session, "Jo Sample")
    change = BulkChange(
        by_id=me.id, at=NOON, field="due", set_to="2026-12-01", words="1 moved", before={}
    )
    session.add(change)
    session.commit()

    assert sign_in(jo).post(f"/follow-ups/changes/{change.id}/undo").status_code == 404


def test_private_follow_ups_and_points_do_not_exist_for_others(
    session: Session, sign_in: SignIn
) -> None:
    me, jo = make_user(session), make_user(session, "Jo Sample")
    secret = make_follow_up(session, me, "A secret", visible_to=Visibility.AUTHOR)
    point = make_promise(session, me, text="Another secret", visible_to=Visibility.AUTHOR)
    session.commit()
    browser = sign_in(jo)

    for page in ("/follow-ups?show=all", "/follow-ups?show=all&format=csv", "/commitments",
                 "/commitments?format=csv", "/"):  # fmt: skip
        assert "secret" not in browser.get(page).text
    for page in (f"/follow-ups/{secret.id}", f"/follow-ups/{secret.id}/edit",
                 f"/follow-ups/{secret.id}/drop", f"/points/{point.id}",
                 f"/points/{point.id}/edit", f"/points/{point.id}/settle"):  # fmt: skip
        assert browser.get(page).status_code == 404
    for page in (f"/follow-ups/{secret.id}/finish", f"/points/{point.id}/reopen"):
        assert browser.post(page).status_code == 404
    data = {"act": "owner", "owner_id": str(jo.id), "ids": [str(secret.id)], "confirmed": "1"}
    assert "Tick at least one open follow-up" in browser.post("/follow-ups/change", data=data).text
    assert "A secret" in sign_in(me).get("/follow-ups").text


@pytest.mark.date_sensitive
def test_the_menu_counts_what_of_mine_is_due(session: Session, sign_in: SignIn) -> None:
    me = make_user(session)
    make_follow_up(session, me, due_on=ON - timedelta(days=1))
    make_follow_up(session, me)
    make_follow_up(session, me, due_on=ON + timedelta(days=1))
    make_follow_up(session, me, asleep_until=ON + timedelta(days=1))
    session.commit()

    page = sign_in(me).get("/account").text
    assert re.search(r'Follow-ups<span class="n">2<', page)


def test_a_promise_of_theirs_is_written_down_from_a_marked_sentence(
    session: Session, sign_in: SignIn
) -> None:
    me = make_user(session)
    meeting, board = make_meeting(session, me), make_organisation(session)
    session.add(InteractionOrganisation(interaction_id=meeting.id, organisation_id=board.id))
    session.commit()
    browser = sign_in(me)
    page = f"/interactions/{meeting.id}/points/new"
    assert "Share the draft" in browser.get(f"{page}?text=Share+the+draft&kind=commitment").text
    data = {
        "kind": "commitment",
        "text": "Share the draft",
        "promised_by": "them",
        "organisation_id": str(board.id),
        "owner_id": str(me.id),
        "due_on": (ON + timedelta(days=20)).isoformat(),
        "priority": "normal",
        "form_token": "z",
    }
    for _ in range(2):
        answer = browser.post(page, data=data)
    assert answer.location == f"/interactions/{meeting.id}#points"
    point = session.scalars(select(Outcome)).one()
    shown = sentence(browser.get(f"/interactions/{meeting.id}").text)
    assert "Share the draft" in shown
    assert "Waiting" in shown
    assert session.scalars(select(FollowUp)).one().waiting_on_them
    assert "Their promise: Share the draft" in browser.get(f"/points/{point.id}").text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"promised_by": ""}, "Say who promised"),
        ({"owner_id": ""}, "Choose who of us does it"),
        ({"due_on": ""}, "Give a day, or a number of working days"),
        ({"kind": "order"}, "Not a valid choice"),
        ({"organisation_id": "999999"}, "Not a valid choice"),
    ],
)
def test_half_a_promise_is_refused_with_what_was_typed_still_there(
    session: Session, sign_in: SignIn, data: dict[str, str], words: str
) -> None:
    me = make_user(session)
    meeting, board = make_meeting(session, me), make_organisation(session)
    session.add(InteractionOrganisation(interaction_id=meeting.id, organisation_id=board.id))
    session.commit()
    sent = {
        "kind": "commitment",
        "text": "Typed words",
        "promised_by": "us",
        "organisation_id": str(board.id),
        "owner_id": str(me.id),
        "due_on": ON.isoformat(),
        "priority": "normal",
    }
    page = sign_in(me).post(f"/interactions/{meeting.id}/points/new", data={**sent, **data}).text

    assert words in page
    assert "Typed words" in page
    assert session.scalar(select(func.count()).select_from(Outcome)) == 0


@pytest.mark.date_sensitive
def test_a_promise_without_a_meeting_is_kept_with_its_evidence(
    session: Session, sign_in: SignIn
) -> None:
    me, board = make_user(session), make_organisation(session)
    session.commit()
    browser = sign_in(me)
    browser.post(
        "/commitments/new",
        data={
            "text": "Fund a pilot",
            "promised_by": "them",
            "organisation_id": str(board.id),
            "owner_id": str(me.id),
            "made_on": (ON - timedelta(days=9)).isoformat(),
            "due_on": ON.isoformat(),
            "priority": "high",
        },
    )
    point = session.scalars(select(Outcome)).one()
    settle = f"/points/{point.id}/settle"
    refused = browser.post(settle, data={"state": "broken", "settled_on": ON.isoformat()})
    assert "how we know it was not kept" in refused.text
    bad = {"state": "kept", "settled_on": ON.isoformat(), "link": "javascript:alert(1)"}
    assert "beginning with https" in browser.post(settle, data=bad).text
    browser.post(
        settle,
        data={
            "state": "kept",
            "settled_on": ON.isoformat(),
            "evidence": "Board paper 7",
            "link": "https://example.org/paper",
        },
    )
    listed = browser.get("/commitments?state=kept&side=them").text
    assert "Board paper 7" in listed
    assert "Fund a pilot" not in browser.get("/commitments?state=open").text
    csv = browser.get("/commitments?format=csv").text
    assert "https://example.org/paper" in csv
    session.expire_all()
    assert session.scalars(select(FollowUp)).one().state is FollowUpState.DONE


@pytest.mark.parametrize("page", ["/follow-ups/new", "/commitments/new", "/offers/new"])
def test_the_body_is_found_by_its_name_and_what_was_typed_stays(
    session: Session, sign_in: SignIn, page: str
) -> None:
    board = make_organisation(session, short_name="Sampleshire ICB")
    make_organisation(session, short_name="Sampleton ICB")
    browser = sign_in(make_user(session))
    kept = {"what": "Kept words", "text": "Kept words"}

    def ask(name: str) -> str:
        return browser.post(page, data=kept | {"organisation_q": name, "look": "1"}).text

    several, none, found = ask("Sample"), ask("Nowhere"), ask("Sampleshire ICB")

    assert "Several are called something like “Sample”. Choose the one you mean." in several
    assert several.count('name="organisation_id"') >= 2
    assert "No organisation is called “Nowhere” on that day." in none
    assert re.search(rf'value="{board.id}" checked', found)
    assert "This field" not in found  # looking a name up saves nothing, so it refuses nothing
    for text in (several, none, found):
        assert "Kept words" in text
    unread = browser.post(page, data=kept | {"organisation_id": "9" * 30})
    assert unread.status_code == 200


def test_a_promise_is_about_the_body_whose_name_was_typed_though_nothing_was_ticked(
    session: Session, sign_in: SignIn
) -> None:
    me, board = make_user(session), make_organisation(session, short_name="Sampleshire ICB")
    browser = sign_in(me)
    data = {
        "text": "Fund a pilot",
        "promised_by": "them",
        "organisation_id": "",
        "organisation_q": "Sampleshire ICB",
        "owner_id": str(me.id),
        "made_on": ON.isoformat(),
        "due_on": ON.isoformat(),
        "priority": "high",
    }
    unknown = browser.post("/commitments/new", data=data | {"organisation_q": "Nowhere"}).text
    browser.post("/commitments/new", data=data)
    browser.post(
        "/offers/new",
        data={
            "what": "A session",
            "organisation_q": "Sampleshire ICB",
            "owner_id": str(me.id),
            "offered_on": ON.isoformat(),
        },
    )

    assert "No organisation is called “Nowhere” on that day." in unknown
    assert session.scalars(select(Outcome)).one().organisation_id == board.id
    assert session.scalars(select(Offer)).one().organisation_id == board.id


def test_an_offer_goes_step_by_step_and_a_step_is_taken_back(
    session: Session, sign_in: SignIn
) -> None:
    me, board = make_user(session), make_organisation(session)
    session.commit()
    browser = sign_in(me)
    data = {
        "what": "A session with young people",
        "organisation_id": str(board.id),
        "owner_id": str(me.id),
        "offered_on": (ON - timedelta(days=30)).isoformat(),
        "form_token": "o",
    }
    for _ in range(2):
        browser.post("/offers/new", data=data)
    offer = session.scalars(select(Offer)).one()
    page = f"/offers/{offer.id}/step"
    early = {"state": "accepted", "reached_on": (ON - timedelta(days=40)).isoformat()}
    assert "Give that day or a later one" in browser.post(page, data=early).text
    late = {"state": "accepted", "reached_on": (ON + timedelta(days=1)).isoformat()}
    assert "earlier one" in browser.post(page, data=late).text
    browser.post(page, data={"state": "accepted", "reached_on": ON.isoformat(), "note": "By mail"})
    assert "By mail" in browser.get(f"/offers/{offer.id}").text
    assert "accepted already" in browser.post(
        page, data={"state": "accepted", "reached_on": ON.isoformat()}
    ).text  # fmt: skip
    browser.post(f"/offers/{offer.id}/take-back")
    session.expire_all()
    assert session.get_one(Offer, offer.id).state is OfferState.OFFERED
    assert session.scalar(select(func.count()).select_from(OfferStep)) == 1
    assert "A session with young people" in browser.get("/offers?state=offered").text


def test_an_offer_does_not_name_a_meeting_its_reader_may_not_read(
    session: Session, sign_in: SignIn
) -> None:
    me, jo, board = make_user(session), make_user(session, "Jo"), make_organisation(session)
    meeting: Interaction = make_meeting(session, me, visible_to=Visibility.AUTHOR)
    offer = Offer(
        organisation_id=board.id,
        what="Evidence",
        offered_on=ON,
        owner_id=me.id,
        interaction_id=meeting.id,
    )
    session.add(offer)
    session.commit()

    assert f"/interactions/{meeting.id}" in sign_in(me).get(f"/offers/{offer.id}").text
    assert f"/interactions/{meeting.id}" not in sign_in(jo).get(f"/offers/{offer.id}").text


def test_a_follow_up_does_not_name_a_meeting_its_reader_may_not_read(
    session: Session, sign_in: SignIn
) -> None:
    me, jo = make_user(session), make_user(session, "Jo")
    meeting = make_meeting(session, me, visible_to=Visibility.AUTHOR)
    follow_up = make_follow_up(session, me, record_kind=meeting.__tablename__, record_id=meeting.id)
    session.commit()

    for page in (f"/follow-ups/{follow_up.id}", "/follow-ups?show=all"):
        assert f"/interactions/{meeting.id}" in sign_in(me).get(page).text
        assert f"/interactions/{meeting.id}" not in sign_in(jo).get(page).text


def test_who_may_only_look_is_offered_nothing_to_press(session: Session, sign_in: SignIn) -> None:
    me = make_user(session, permissions=(Permission.VIEW,))
    point = make_promise(session, me)
    session.commit()
    browser = sign_in(me)

    page = browser.get("/follow-ups").text
    assert "Tick off:" not in page
    assert "Add a follow-up" not in page
    assert browser.post(f"/follow-ups/{point.follow_up_id}/finish").status_code == 403
    assert browser.get("/commitments/new").status_code == 403


def test_the_number_in_the_menu_counts_no_further_than_it_shows(
    session: Session, sign_in: SignIn
) -> None:
    me = make_user(session)
    for _ in range(99):
        make_follow_up(session, me, "Ask again")
    session.commit()
    browser = sign_in(me)
    assert '<span class="n">99<span' in browser.get("/follow-ups").text

    make_follow_up(session, me, "Ask again")
    session.commit()
    assert '<span class="n">99+<span' in browser.get("/follow-ups").text
