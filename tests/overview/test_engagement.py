from datetime import date

from app.overview.engagement import EngagementStep, engagement, finding

MAY = date(2026, 5, 1)
JUNE = date(2026, 6, 1)


def test_the_highest_step_ever_reached_counts_with_its_date() -> None:
    reached = engagement(
        {EngagementStep.LEAD_NAMED: MAY, EngagementStep.REPLIED: JUNE}, lead_known_now=True
    )

    assert (reached.step, reached.reached_on) == (EngagementStep.REPLIED, JUNE)


def test_losing_the_lead_does_not_undo_a_reply_but_is_said() -> None:
    reached = engagement(
        {EngagementStep.LEAD_NAMED: MAY, EngagementStep.REPLIED: JUNE}, lead_known_now=False
    )

    assert reached.in_words == "Replied; no lead known now"


def test_a_lead_without_a_date_is_still_a_lead() -> None:
    assert engagement({}, lead_known_now=True).step is EngagementStep.LEAD_NAMED
    assert engagement({}, lead_known_now=False).in_words == "No lead known"


def test_the_headline_says_the_finding_with_its_base() -> None:
    known = engagement({EngagementStep.LEAD_NAMED: MAY}, lead_known_now=True)
    replied = engagement({EngagementStep.REPLIED: JUNE}, lead_known_now=False)

    assert finding([]) == "No systems on this day"
    assert finding([known]) == "1 of 1 systems have a named children’s lead."
    assert finding([known, replied]) == (
        "1 of 2 systems have a named children’s lead. We have heard from 1."
    )
