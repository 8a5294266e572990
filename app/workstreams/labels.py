"""How the dates of a workstream are written."""

from app.milestones.labels import day_words
from app.milestones.models import Precision
from app.workstreams.models import WorkstreamDate


def date_words(one: WorkstreamDate) -> str:
    """31 March 2027, March 2027, Spring 2027, Winter 2026-27"""
    return day_words(one.falls_on, Precision(one.precision.value))
