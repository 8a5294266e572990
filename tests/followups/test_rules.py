"""When a follow-up comes again."""

from datetime import date, timedelta

import pytest

from app.followups.models import FollowUp, FollowUpState, Repeats
from app.followups.rules import Urgency, next_due, urgency
from tests.factories import TODAY

pytestmark = pytest.mark.date_sensitive
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("repeats", "first", "due_on", "finished_on", "expected"),
    [
        (Repeats.NEVER, date(2026, 1, 5), date(2026, 1, 5), date(2026, 1, 5), None),
        (Repeats.WEEKLY, date(2026, 1, 5), date(2026, 1, 5), date(2026, 1, 3), date(2026, 1, 12)),
        (Repeats.WEEKLY, date(2026, 1, 5), date(2026, 1, 5), date(2026, 1, 12), date(2026, 1, 12)),
        (Repeats.WEEKLY, date(2026, 1, 5), date(2026, 1, 5), date(2026, 2, 3), date(2026, 2, 9)),
        (Repeats.FORTNIGHTLY, date(2026, 1, 5), date(2026, 1, 5), date(2026, 1, 6),
         date(2026, 1, 19)),
        (Repeats.MONTHLY, date(2026, 1, 31), date(2026, 1, 31), date(2026, 1, 31),
         date(2026, 2, 28)),
        (Repeats.MONTHLY, date(2026, 1, 31), date(2026, 2, 28), date(2026, 2, 20),
         date(2026, 3, 31)),
        (Repeats.QUARTERLY, date(2026, 11, 30), date(2026, 11, 30), date(2026, 11, 30),
         date(2027, 2, 28)),
        (Repeats.YEARLY, date(2024, 2, 29), date(2024, 2, 29), date(2024, 3, 1),
         date(2025, 2, 28)),
        (Repeats.YEARLY, date(2024, 2, 29), date(2027, 2, 28), date(2027, 2, 28),
         date(2028, 2, 29)),
    ],
)  # fmt: skip
def test_the_next_of_a_series_keeps_to_the_day_it_began_on(
    repeats: Repeats, first: date, due_on: date, finished_on: date, expected: date | None
) -> None:
    assert next_due(repeats, first, due_on, finished_on) == expected


@pytest.mark.parametrize(
    ("follow_up", "expected"),
    [
        (FollowUp(state=FollowUpState.OPEN, due_on=YESTERDAY), Urgency.OVERDUE),
        (FollowUp(state=FollowUpState.OPEN, due_on=TODAY), Urgency.TODAY),
        (FollowUp(state=FollowUpState.OPEN, due_on=TOMORROW), Urgency.COMING),
        (
            FollowUp(
                state=FollowUpState.OPEN,
                due_on=YESTERDAY,
                asleep_until=TOMORROW,
            ),
            Urgency.ASLEEP,
        ),
        (
            FollowUp(state=FollowUpState.OPEN, due_on=YESTERDAY, asleep_until=TODAY),
            Urgency.OVERDUE,
        ),
        (FollowUp(state=FollowUpState.DONE, due_on=YESTERDAY), Urgency.SETTLED),
    ],
)
def test_what_sleeps_presses_nobody_until_its_day_comes(
    follow_up: FollowUp, expected: Urgency
) -> None:
    assert urgency(follow_up, TODAY) is expected
