"""A briefing as PDF, tagged for screen readers."""

from datetime import datetime
from pathlib import Path

from app.core.typesetting import Typesetter
from app.core.web.filters import at_time, on_day
from app.overview.briefing import Briefing, JointBriefing
from app.overview.briefing_fit import BriefingSection

TEMPLATE = Path(__file__).resolve().parent.parent.parent / "templates/overview/briefing.typ"


def pdf_of(briefing: Briefing, *, address: str, printed_by: str, at: datetime) -> bytes:
    """One page of A4 (PDF/UA-1)."""
    name = briefing.organisation.name
    return _pdf(
        {
            "title": f"Briefing: {briefing.organisation.short_name}",
            "about": f"{name} · as at {on_day(briefing.day)}",
            "facts": briefing.facts,
            "sections": _sections(briefing.sections),
            "parts": [],
        },
        address,
        printed_by,
        at,
    )


def joint_pdf_of(briefing: JointBriefing, *, address: str, printed_by: str, at: datetime) -> bytes:
    """A page on the meeting, and at most one for each body."""
    return _pdf(
        {
            "title": f"Briefing: {briefing.title}",
            "about": f"As at {on_day(briefing.day)}",
            "facts": briefing.facts,
            "sections": _sections(briefing.sections),
            "parts": [
                {
                    "name": part.organisation.name,
                    "facts": part.facts,
                    "sections": _sections(part.sections),
                }
                for part in briefing.parts
            ],
        },
        address,
        printed_by,
        at,
    )


def _pdf(page: dict[str, object], address: str, printed_by: str, at: datetime) -> bytes:
    printed = {"address": address, "printed": f"Printed by {printed_by}, {at_time(at)}"}
    return Typesetter(TEMPLATE).pdf(page | printed, at=at)


def _sections(sections: tuple[BriefingSection, ...]) -> list[dict[str, object]]:
    return [
        {
            "heading": section.heading,
            "rows": [
                {"label": row.label, "text": row.text, "note": row.note, "late": row.is_late}
                for row in section.rows
            ],
            "none": section.none,
            "more": section.more_words,
            "wide": section.wide_labels,
        }
        for section in sections
    ]
