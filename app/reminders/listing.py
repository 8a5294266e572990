"""The list of rules, and of all that came of one."""

from typing import Any

from app.core.web.lists import Column, Filter, FilterKind, ListView
from app.directory.models import Organisation
from app.directory.queries.name_search import contains
from app.milestones.models import Milestone
from app.reminders.labels import STATE_WORDS, audience_words, pattern_words, step_words
from app.reminders.models import Occurrence, OccurrenceState, ReminderRule
from app.reminders.planning import pattern_of
from app.reminders.queries import ABOUT

RULES = ListView(
    name="Reminder rules",
    columns=(
        Column("about", "Reminds of", lambda row: row.about, sort=ABOUT),
        Column("when", "When", lambda row: pattern_words(pattern_of(row.ReminderRule))),
        Column("whom", "Who", lambda row: audience_words(row.ReminderRule)),
        Column("next_day", "Next", lambda row: row.next_day),
        Column("given", "Sent", lambda row: row.given, numeric=True),
        Column("missed", "Missed", lambda row: row.missed, numeric=True),
        Column("stopped", "Stopped", lambda row: row.ReminderRule.stopped_at, on_page=False),
    ),
    filters=(
        Filter("q", "Reminds of", FilterKind.TEXT, lambda words: contains(ABOUT, words)),
        Filter(
            "live",
            "Only those in force",
            FilterKind.BOOL,
            lambda _: ReminderRule.stopped_at.is_(None),
        ),
    ),
    tie_break=ReminderRule.id,
    default_sort="about",
)


def occurrences_view(rule: ReminderRule) -> ListView:
    def state(row: Any) -> str:
        return STATE_WORDS[row.Occurrence.state]

    return ListView(
        name="Reminders of one rule",
        columns=(
            Column("on", "Day", lambda row: row.Occurrence.due_on, sort=Occurrence.due_on),
            Column("at", "At", lambda row: row.Occurrence.due_time),
            Column("step", "Which", lambda row: step_words(row.Occurrence.step, rule.days)),
            Column("milestone", "Milestone", lambda row: row.milestone, sort=Milestone.title),
            Column("body", "About", lambda row: row.body or "", sort=Organisation.short_name),
            Column("state", "Result", state),
            Column("reason", "Why", lambda row: row.Occurrence.reason),
        ),
        filters=(
            Filter(
                "state",
                "Result",
                FilterKind.CHOICE,
                lambda value: Occurrence.state == OccurrenceState(value),
                choices=[(one.value, words) for one, words in STATE_WORDS.items()],
            ),
            Filter(
                "q",
                "About",
                FilterKind.TEXT,
                lambda words: contains(Organisation.short_name, words),
            ),
        ),
        tie_break=Occurrence.id,
        default_sort="on",
    )
