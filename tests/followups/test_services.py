"""Adding, putting off, finishing, dropping and reopening what somebody owes."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.visibility import Visibility
from app.core.errors import DomainError, NothingTicked
from app.followups import bulk, listing, queries, services
from app.followups.listing import Tab
from app.followups.models import FollowUp, FollowUpState, Repeats
from app.followups.services import FollowUpDetails, Readers
from tests.factories import NOON, TODAY, make_user

pytestmark = pytest.mark.date_sensitive
NEXT_WEEK = TODAY + timedelta(days=7)


def make_follow_up(session: Session, owner: User, **changes: object) -> FollowUp:
    wanted = FollowUpDetails("Send the pack", owner, NEXT_WEEK)
    return services.add(
        session, replace(wanted, **changes), by=owner, at=NOON, on=TODAY  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_follow_up_has_an_owner_and_a_day(session: Session) -> None:
    user = make_user(session)
    follow_up = make_follow_up(session, user, what="  Send  the pack ")

    assert (follow_up.what, follow_up.owner_id, follow_up.due_on, follow_up.state) == (
        *("Send the pack", user.id, NEXT_WEEK),
        FollowUpState.OPEN,
    )


def test_the_same_form_sent_twice_adds_one(session: Session) -> None:
    user = make_user(session)
    for _ in range(2):
        services.add(
            session,
            FollowUpDetails("Send the pack", user, TODAY),
            by=user,
            at=NOON,
            on=TODAY,
            form_token="one-form",
        )

    assert session.scalar(select(func.count()).select_from(FollowUp)) == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"what": "  "}, "Say what is to be done"),
        ({"what": "x" * 501}, "Keep this to 500 characters"),
        ({"due_on": date(2062, 1, 1)}, "within ten years"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(
    session: Session, change: dict[str, object], sentence: str
) -> None:
    with pytest.raises(DomainError, match=sentence):
        make_follow_up(session, make_user(session), **change)


def test_nobody_owns_what_they_may_not_read_or_after_they_left(session: Session) -> None:
    author, other, gone = (make_user(session, name) for name in ("Sam", "Jo", "Kim"))
    gone.disabled_at = NOON
    readers = Readers(Visibility.AUTHOR)
    with pytest.raises(DomainError, match="Jo may not read"):
        services.add(
            session,
            FollowUpDetails("Ask", other, TODAY),
            by=author,
            at=NOON,
            on=TODAY,
            readers=readers,
        )
    with pytest.raises(DomainError, match="Kim no longer uses Liaise"):
        services.add(session, FollowUpDetails("Ask", gone, TODAY), by=author, at=NOON, on=TODAY)


def test_what_is_put_off_says_why_and_keeps_its_day(session: Session) -> None:
    follow_up = make_follow_up(session, make_user(session))
    with pytest.raises(DomainError, match="Say why it can wait"):
        services.snooze(follow_up, until=NEXT_WEEK, reason=" ", on=TODAY)
    with pytest.raises(DomainError, match="a day after today"):
        services.snooze(follow_up, until=TODAY, reason="She is away", on=TODAY)
    services.snooze(follow_up, until=NEXT_WEEK, reason="She is away", on=TODAY)

    assert (follow_up.asleep_until, follow_up.reason) == (NEXT_WEEK, "She is away")
    assert follow_up.due_on == NEXT_WEEK
    services.wake(follow_up)
    assert follow_up.asleep_until is None


@pytest.mark.parametrize(("days", "is_awake"), [(-1, True), (0, True), (1, False)])
def test_what_was_put_off_is_counted_and_shown_again_from_its_day_on(
    session: Session, days: int, is_awake: bool
) -> None:
    user = make_user(session)
    follow_up = make_follow_up(session, user, due_on=TODAY)
    follow_up.asleep_until, follow_up.reason = TODAY + timedelta(days=days), "She is away"
    session.flush()

    shown = [follow_up] if is_awake else []
    assert queries.mine_due(session, user, TODAY, 10) == len(shown)
    assert list(queries.pressing(session, user, TODAY, 10)) == shown
    assert list(session.scalars(listing.follow_ups(user, Tab.ALL, TODAY))) == shown
    asleep = list(session.scalars(listing.follow_ups(user, Tab.ASLEEP, TODAY)))
    assert asleep == ([] if is_awake else [follow_up])


def test_finishing_one_that_repeats_leaves_exactly_one_next(session: Session) -> None:
    user = make_user(session)
    follow_up = make_follow_up(
        session, user, due_on=date(2026, 10, 31), repeats=Repeats.MONTHLY
    )  # fmt: skip
    for _ in range(2):
        services.finish(session, follow_up, by=user, at=NOON, on=date(2026, 10, 30))

    following = session.scalars(select(FollowUp).where(FollowUp.state == FollowUpState.OPEN)).one()
    assert (following.due_on, following.repeat_of_id) == (date(2026, 11, 30), follow_up.id)
    services.finish(session, following, by=user, at=NOON, on=date(2026, 11, 30))
    third = session.scalars(select(FollowUp).where(FollowUp.state == FollowUpState.OPEN)).one()
    assert third.due_on == date(2026, 12, 31)


def test_undoing_takes_the_next_of_a_series_back_unless_somebody_worked_on_it(
    session: Session,
) -> None:
    user, other = make_user(session), make_user(session, "Jo")
    follow_up = make_follow_up(session, user, repeats=Repeats.WEEKLY)
    services.finish(session, follow_up, by=user, at=NOON, on=TODAY)
    services.reopen(session, follow_up)

    assert session.scalars(select(FollowUp)).all() == [follow_up]
    assert session.scalars(select(FollowUp.repeats)).all() == [Repeats.WEEKLY]
    services.finish(session, follow_up, by=user, at=NOON, on=TODAY)
    following = session.scalars(
        select(FollowUp).where(FollowUp.repeat_of_id == follow_up.id)
    ).one()  # fmt: skip
    services.reassign(following, other)
    services.reopen(session, follow_up)
    assert session.scalars(select(FollowUp).order_by(FollowUp.id)).all() == [follow_up, following]
    assert follow_up.repeat_from is None


def test_of_many_that_are_ticked_only_the_open_ones_change(session: Session) -> None:
    user = make_user(session)
    still_open, done, dropped = rows = [make_follow_up(session, user) for _ in range(3)]
    services.finish(session, done, by=user, at=NOON, on=TODAY)
    services.drop(session, dropped, reason="They closed")
    session.flush()

    assert bulk.chosen(session, user, [row.id for row in rows]) == [still_open]
    with pytest.raises(NothingTicked):
        bulk.chosen(session, user, [done.id, dropped.id])


def test_undoing_a_change_of_many_leaves_what_was_settled_or_changed_since(
    session: Session,
) -> None:
    author, jo, kim = (make_user(session, name) for name in ("Sam", "Jo", "Kim"))
    rows = [make_follow_up(session, author) for _ in range(3)]
    same, done, passed_on = rows
    given = bulk.reassign(session, rows, jo, by=author, at=NOON)
    services.finish(session, done, by=jo, at=NOON, on=TODAY)
    passed_on.owner_id = kim.id
    session.flush()

    undone = bulk.undo(session, given, at=NOON)

    assert (undone.given_back, undone.changed_since) == ([same], 2)
    assert [one.owner_id for one in rows] == [author.id, jo.id, kim.id]


def test_what_is_dropped_says_why_and_ends_its_series(session: Session) -> None:
    follow_up = make_follow_up(session, make_user(session), repeats=Repeats.WEEKLY)
    with pytest.raises(DomainError, match="Say why it is dropped"):
        services.drop(session, follow_up, reason="")
    services.drop(session, follow_up, reason="They merged")

    assert session.scalars(select(FollowUp)).all() == [follow_up]
    assert (follow_up.state, follow_up.reason) == (FollowUpState.DROPPED, "They merged")


def test_what_is_settled_is_reopened_before_it_changes(session: Session) -> None:
    user = make_user(session)
    follow_up = make_follow_up(session, user)
    services.finish(session, follow_up, by=user, at=NOON, on=TODAY)
    with pytest.raises(DomainError, match="Reopen it to change it"):
        services.move(follow_up, NEXT_WEEK, on=TODAY)
    services.reopen(session, follow_up)
    services.move(follow_up, TODAY, on=TODAY)

    assert follow_up.due_on == TODAY
