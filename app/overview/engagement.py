"""How far we have come with a system: derived from what happened, never typed in."""

import enum
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple


class EngagementStep(enum.IntEnum):
    """The ladder, in order. The highest ever reached counts, by the system or a predecessor."""

    NO_LEAD_KNOWN = 0
    LEAD_NAMED = 1
    LETTER_SENT = 2
    REPLIED = 3
    MET = 4
    WORKING_TOGETHER = 5

    @property
    def words(self) -> str:
        return self.name.replace("_", " ").capitalize()

    @property
    def or_beyond(self) -> str:
        """What is said of those whose highest step is this one or a later one."""
        return self.words if self is EngagementStep.WORKING_TOGETHER else f"{self.words} or beyond"


SAID_OF = (
    (EngagementStep.LETTER_SENT, "written to"),
    (EngagementStep.REPLIED, "heard from"),
    (EngagementStep.MET, "met"),
    (EngagementStep.WORKING_TOGETHER, "are working with"),
)


class Engagement(NamedTuple):
    """The highest step and the day it was reached; whether a lead is known *now* is apart."""

    step: EngagementStep
    reached_on: date | None
    dates: Mapping[EngagementStep, date]  # the first day of each step that was reached
    lead_known_now: bool

    @property
    def in_words(self) -> str:
        gap = (
            ""
            if self.lead_known_now or self.step is EngagementStep.NO_LEAD_KNOWN
            else "; no lead known now"
        )
        return self.step.words + gap


def engagement(dates: Mapping[EngagementStep, date | None], *, lead_known_now: bool) -> Engagement:
    """`dates` holds the first day each step happened, if it ever did."""
    reached = {step: day for step, day in dates.items() if day is not None}
    highest = max(reached, default=EngagementStep.NO_LEAD_KNOWN)
    if highest is EngagementStep.NO_LEAD_KNOWN and lead_known_now:
        highest = EngagementStep.LEAD_NAMED
    return Engagement(
        step=highest,
        reached_on=reached.get(highest),
        dates=reached,
        lead_known_now=lead_known_now,
    )


def named_now(engagements: Sequence[Engagement]) -> int:
    return sum(1 for one in engagements if one.lead_known_now)


def at_or_beyond(engagements: Sequence[Engagement], step: EngagementStep) -> int:
    """How many ever reached this step or a later one, whichever way they came there."""
    return sum(1 for one in engagements if one.step >= step)


def finding(engagements: Sequence[Engagement]) -> str:
    """The headline of the home page: who has a lead now, and how far we came with any.

    Its numbers are those of the bars below it.
    """
    if not engagements:
        return "No systems on this day"
    start = f"{named_now(engagements)} of {len(engagements)} systems have a named children’s lead."
    furthest = max(one.step for one in engagements)
    said = [
        f"{words} {at_or_beyond(engagements, step)}"
        for step, words in SAID_OF
        if step is furthest or (step <= furthest and step >= EngagementStep.MET)
    ]
    return f"{start} We have {' and '.join(said)}." if said else start
