"""A briefing as PDF, tagged for screen readers."""

from datetime import datetime
from pathlib import Path

from app.core.typesetting import Typesetter
from app.core.web.filters import at_time, on_day
from app.overview.briefing import Briefing, BriefingSection, more_words

TEMPLATE = Path(__file__).resolve().parent.parent.parent / "templates/overview/briefing.typ"


def pdf_of(briefing: Briefing, *, address: str, printed_by: str, at: datetime) -> bytes:
    """One page of A4 (PDF/UA-1)."""
    return Typesetter(TEMPLATE).pdf(_data(briefing, address, printed_by, at), at=at)


def _data(briefing: Briefing, address: str, printed_by: str, at: datetime) -> dict[str, object]:
    return {
        "title": f"Briefing: {briefing.organisation.short_name}",
        "name": briefing.organisation.name,
        "day": on_day(briefing.day),
        "facts": briefing.facts,
        "sections": [_section(section) for section in briefing.sections],
        "address": address,
        "printed": f"Printed by {printed_by}, {at_time(at)}",
    }


def _section(section: BriefingSection) -> dict[str, object]:
    return {
        "heading": section.heading,
        "rows": [
            {"label": row.label, "text": row.text, "note": row.note, "late": row.is_late}
            for row in section.rows
        ],
        "none": section.none,
        "more": more_words(section),
        "wide": section.wide_labels,
    }
