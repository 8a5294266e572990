"""What the timeline says came out of a meeting."""

from datetime import date, timedelta

import pytest

from app.core.web.filters import short_day
from app.interactions.models import OutcomeKind, PointState, PromisedBy
from app.interactions.outcomes.outcome_queries import CameOf
from app.overview.outcomes import outcomes
from tests.factories import TODAY

pytestmark = pytest.mark.date_sensitive
NORTH, SOUTH = 1, 2


def promise(
    text: str = "Send a draft",
    *,
    by: PromisedBy = PromisedBy.THEM,
    state: PointState = PointState.OPEN,
    due_on: date | None = TODAY + timedelta(days=26),
    body: tuple[int, str] = (NORTH, "North"),
) -> CameOf:
    return CameOf(7, OutcomeKind.COMMITMENT, by, state, due_on, text, *body)


def said(*came: CameOf) -> list[str]:
    return [one.words for one in outcomes(came, on=TODAY, bodies=[NORTH])]


def test_two_open_promises_are_said_and_the_late_one_stands_out() -> None:
    late = promise("Asthma pack", by=PromisedBy.US, due_on=TODAY - timedelta(days=3))

    shown = outcomes([late, promise()], on=TODAY, bodies=[NORTH])

    assert [(one.mood, one.words) for one in shown] == [
        ("warn", "We promised: Asthma pack, overdue"),
        ("brand", f"They promised: Send a draft by {short_day(TODAY + timedelta(days=26))}"),
    ]


def test_the_promises_beyond_those_are_counted_by_what_became_of_them() -> None:
    kept, broken = promise(state=PointState.KEPT), promise(state=PointState.BROKEN)

    assert said(kept, broken, kept) == ["3 promises: 2 kept, 1 broken"]
    assert said(promise(), promise(), promise(), kept)[2:] == ["2 more promises: 1 open, 1 kept"]
    many = [promise(due_on=TODAY - timedelta(days=1))] * 3
    assert said(*many)[2:] == ["1 more promise: 1 overdue"]


def test_decisions_are_counted_and_so_are_questions_nobody_has_answered() -> None:
    decision = promise()._replace(kind=OutcomeKind.DECISION, state=PointState.KEPT)
    asked = promise()._replace(kind=OutcomeKind.QUESTION)
    answered = asked._replace(state=PointState.KEPT)

    assert said(decision, decision, asked, answered) == ["2 decisions", "1 open question"]


def test_a_promise_of_another_body_in_the_room_names_that_body() -> None:
    theirs = promise(body=(SOUTH, "South"), due_on=None)

    assert said(theirs, theirs._replace(promised_by=PromisedBy.US)) == [
        "South promised: Send a draft",
        "We promised South: Send a draft",
    ]


def test_a_long_promise_is_cut_with_a_mark() -> None:
    (words,) = said(promise("considerations " * 20, due_on=None))

    assert words.endswith("…")
    assert len(words) < 90
