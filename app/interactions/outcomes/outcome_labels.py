"""How points are told on a page: who promised, what became of it, in a word and a colour."""

from datetime import date

from app.interactions.models import Outcome, OutcomeKind, PointState, PromisedBy

SETTLED_WORDS = {
    OutcomeKind.COMMITMENT: "Kept",
    OutcomeKind.FOLLOW_UP: "Done",
    OutcomeKind.QUESTION: "Answered",
    OutcomeKind.DECISION: "Decided",
}
# What can become of each kind, for the form that says so.
OUTCOMES = {
    OutcomeKind.COMMITMENT: {"kept": "Kept", "broken": "Broken", "withdrawn": "Withdrawn"},
    OutcomeKind.FOLLOW_UP: {"kept": "Done", "withdrawn": "Dropped"},
    OutcomeKind.QUESTION: {"kept": "Answered", "withdrawn": "No longer asked"},
    OutcomeKind.DECISION: {},
}


def is_overdue(point: Outcome, on: date) -> bool:
    return point.state is PointState.OPEN and point.due_on is not None and point.due_on < on


def mark(point: Outcome, on: date) -> tuple[str, str]:
    """The colour and the word of its state."""
    if point.state is PointState.OPEN:
        if is_overdue(point, on):
            return "bad", "Overdue"
        return "none", "Waiting" if point.promised_by is PromisedBy.THEM else "Open"
    if point.state is PointState.KEPT:
        return "good", SETTLED_WORDS[point.kind]
    return "bad" if point.state is PointState.BROKEN else "none", point.state.value.capitalize()


def who(point: Outcome) -> str:
    """Who promised; of what was not promised, what it is."""
    if point.kind is not OutcomeKind.COMMITMENT:
        return {
            OutcomeKind.DECISION: "Decision",
            OutcomeKind.FOLLOW_UP: "Follow-up",
            OutcomeKind.QUESTION: "Question",
        }[point.kind]
    if point.promised_by is PromisedBy.US:
        return "Us"
    return point.organisation.short_name if point.organisation else "Them"


def in_words(point: Outcome) -> str:
    """One line: “Our promise: send the pack”."""
    start = {
        OutcomeKind.DECISION: "Decision",
        OutcomeKind.FOLLOW_UP: "Follow-up",
        OutcomeKind.QUESTION: "Question",
        OutcomeKind.COMMITMENT: "Our promise"
        if point.promised_by is PromisedBy.US
        else "Their promise",
    }[point.kind]
    return f"{start}: {point.text}"
