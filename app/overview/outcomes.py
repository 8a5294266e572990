"""What came out of an entry of the timeline, in a pill or two."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from app.core.web.filters import cut, plural, short_day
from app.interactions.models import OutcomeKind, PointState, PromisedBy
from app.interactions.outcomes.outcome_queries import CameOf

SAID_IN_FULL = 2  # open promises; the others are counted
LONGEST = 64
ICONS = {PromisedBy.THEM: "hand-thumbs-up", PromisedBy.US: "check2-square"}


class OutcomePill(NamedTuple):
    """One pill: its colour, its words, and the icon before them."""

    mood: str
    words: str
    icon: str


def outcomes(
    came: Sequence[CameOf], *, on: date, bodies: Collection[int] = ()
) -> tuple[OutcomePill, ...]:
    """The open promises that press most, what became of the others, decisions and open questions.

    `bodies` are those whose timeline it is: a promise of another body in the room names it (pure).
    """
    promises = [one for one in came if one.kind is OutcomeKind.COMMITMENT]
    waiting = [one for one in promises if one.state is PointState.OPEN]  # by day
    settled = [one for one in promises if one.state is not PointState.OPEN]
    shown, others = waiting[:SAID_IN_FULL], waiting[SAID_IN_FULL:] + settled
    decisions = sum(1 for one in came if one.kind is OutcomeKind.DECISION)
    questions = sum(
        1 for one in came if one.kind is OutcomeKind.QUESTION and one.state is PointState.OPEN
    )
    found = [_promise(one, on, bodies) for one in shown]
    if others:
        found.append(_counted(others, on, "more promise" if shown else "promise"))
    if decisions:
        found.append(OutcomePill("none", plural(decisions, "decision"), "signpost"))
    if questions:
        found.append(OutcomePill("none", plural(questions, "open question"), "question-circle"))
    return tuple(found)


def _promise(one: CameOf, on: date, bodies: Collection[int]) -> OutcomePill:
    is_theirs = one.promised_by is PromisedBy.THEM
    if one.organisation_id is None or one.organisation_id in bodies:
        who = "They promised" if is_theirs else "We promised"
    else:
        who = f"{one.organisation} promised" if is_theirs else f"We promised {one.organisation}"
    late = _is_late(one, on)
    when = ", overdue" if late else f" by {short_day(one.due_on)}" if one.due_on else ""
    icon = ICONS[PromisedBy.THEM if is_theirs else PromisedBy.US]
    return OutcomePill("warn" if late else "brand", f"{who}: {cut(one.text, LONGEST)}{when}", icon)


def _counted(promises: Sequence[CameOf], on: date, words: str) -> OutcomePill:
    """“2 promises: 1 open, 1 kept”"""
    states = Counter("overdue" if _is_late(one, on) else one.state.value for one in promises)
    order = ("overdue", *(state.value for state in PointState))
    said = ", ".join(f"{states[state]} {state}" for state in order if states[state])
    mood = "warn" if states["overdue"] else "none"
    return OutcomePill(mood, f"{plural(len(promises), words)}: {said}", "check2-square")


def _is_late(one: CameOf, on: date) -> bool:
    return one.state is PointState.OPEN and one.due_on is not None and one.due_on < on
