"""What the pages of milestones share, and what other features' pages show of them."""

from calendar import month_name
from collections.abc import Sequence
from datetime import date

from flask import Blueprint, abort

from app.core import clock
from app.core.db import db
from app.directory.labels import KIND_WORDS as ORGANISATION_KIND_WORDS
from app.directory.models import Organisation, OrganisationKind
from app.documents.models import Document
from app.milestones import compliance, queries, suggestions
from app.milestones.compliance import OfBody
from app.milestones.labels import (
    COMES_WORDS,
    KIND_WORDS,
    STAGE_PILLS,
    STAGE_WORDS,
    STATE_PILLS,
    STATE_WORDS,
    date_words,
    day_words,
    finding,
    what_happened,
)
from app.milestones.models import Compliance, DateKind, Milestone, MilestoneDate, MilestoneSeries
from app.milestones.rules import State
from app.milestones.suggestions import SuggestedMilestone

bp = Blueprint("milestones", __name__)
bp.add_app_template_global(date_words, "milestone_date_words")
bp.add_app_template_global(day_words, "milestone_day_words")
bp.add_app_template_global(finding, "milestone_finding")
bp.add_app_template_global(what_happened)
bp.add_app_template_global(KIND_WORDS.get, "date_kind_words")
bp.add_app_template_global(COMES_WORDS.get, "comes_words")


@bp.app_template_global()
def said_first(dates: Sequence[MilestoneDate]) -> list[MilestoneDate]:
    """What was said, then what happened; then those that were replaced."""
    return sorted(dates, key=lambda one: (bool(one.replaced_at), one.kind is DateKind.ACTUAL))


@bp.app_template_filter()
def upper_first(words: str) -> str:
    return words[:1].upper() + words[1:]


@bp.app_template_global()
def standing_pill(state: State, milestone: Milestone | None = None) -> tuple[str, str]:
    """The look and the words. Before its day a milestone is no fault of anybody's."""
    is_early = milestone is not None and not is_past(milestone, clock.today())
    look = "none" if is_early and state is State.OUTSTANDING else STATE_PILLS[state]
    return look, STATE_WORDS[state]


@bp.app_template_global()
def stage_pill(stage: object) -> tuple[str, str]:
    return STAGE_PILLS[stage], STAGE_WORDS[stage]  # type: ignore[index]


@bp.app_template_global()
def duty_day(duty: MilestoneSeries) -> str:
    """1 April"""
    return f"{duty.day} {month_name[duty.month]}" if duty.month else ""


@bp.app_template_global()
def kinds_words(kinds: Sequence[str]) -> str:
    return ", ".join(ORGANISATION_KIND_WORDS[OrganisationKind(kind)] for kind in kinds)


@bp.app_template_global()
def milestones_of(bodies: Sequence[Organisation]) -> list[OfBody]:
    """For the pages of a body and of a system: what waits for it, and what it met lately."""
    return compliance.of_bodies(db.session, bodies, clock.today())


@bp.app_template_global()
def would_meet(document: Document) -> list[SuggestedMilestone]:
    return suggestions.would_meet(db.session, document)


@bp.app_template_global()
def met_by(document: Document) -> Sequence[tuple[Compliance, Milestone]]:
    return suggestions.met_by(db.session, document.id)


@bp.app_template_global()
def milestone_due(milestone: Milestone) -> str:
    return day_words(milestone.due_on, milestone.precision)


@bp.app_template_global()
def milestone_happened(milestone: Milestone) -> str:
    day, until = milestone.happened_on, milestone.happened_until
    return day_words(day, milestone.happened_precision, until) if day else ""


def wanted(milestone_id: int) -> Milestone:
    return queries.milestone_of(db.session, milestone_id) or abort(404)


def is_past(milestone: Milestone, on: date) -> bool:
    return milestone.due_on < on
