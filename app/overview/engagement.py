"""How far we have come with a system: derived from what happened, never typed in."""

import enum
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple


class Step(enum.IntEnum):
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


class Engagement(NamedTuple):
    """The highest step and the day it was reached; whether a lead is known *now* is apart."""

    step: Step
    reached_on: date | None
    dates: Mapping[Step, date]  # the first day of each step that was reached
    lead_known_now: bool

    @property
    def in_words(self) -> str:
        gap = (
            "" if self.lead_known_now or self.step is Step.NO_LEAD_KNOWN else "; no lead known now"
        )
        return self.step.words + gap


def engagement(dates: Mapping[Step, date | None], *, lead_known_now: bool) -> Engagement:
    """`dates` holds the first day each step happened, if it ever did."""
    reached = {step: day for step, day in dates.items() if day is not None}
    highest = max(reached, default=Step.NO_LEAD_KNOWN)
    if highest is Step.NO_LEAD_KNOWN and lead_known_now:
        highest = Step.LEAD_NAMED
    return Engagement(
        step=highest,
        reached_on=reached.get(highest),
        dates=reached,
        lead_known_now=lead_known_now,
    )


def finding(engagements: list[Engagement]) -> str:
    """The headline of the home page: what stands out, with its base."""
    base = len(engagements)
    if not base:
        return "No systems on this day"
    named = sum(1 for e in engagements if e.lead_known_now)
    replied = sum(1 for e in engagements if e.step >= Step.REPLIED)
    written = sum(1 for e in engagements if e.step >= Step.LETTER_SENT)
    met = sum(1 for e in engagements if Step.MET in e.dates)
    together = sum(1 for e in engagements if e.step is Step.WORKING_TOGETHER)
    furthest = (
        f"we have met {met} and work with {together}" * bool(met and together)
        or f"we work with {together}" * bool(together)
        or f"we have met {met}" * bool(met)
        or f"{replied} {'has' if replied == 1 else 'have'} replied" * bool(replied)
        or f"{written} {'has' if written == 1 else 'have'} been written to" * bool(written)
    )
    start = f"{named} of {base} systems have a named children’s lead"
    return f"{start}; {furthest}" if furthest else start
