"""A briefing as PDF, tagged for screen readers."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from app.core.typesetting import Typesetter
from app.core.web.filters import at_time
from app.overview.briefing import Briefing, JointBriefing
from app.overview.briefing_fit import BriefingSection

TEMPLATE = Path(__file__).resolve().parent.parent.parent / "templates/overview/briefing.typ"


def pdf_of(briefing: Briefing, *, address: str, printed_by: str, at: datetime) -> bytes:
    """One page of A4 (PDF/UA-1)."""
    return _pdf(briefing, [], address, printed_by, at)


def joint_pdf_of(briefing: JointBriefing, *, address: str, printed_by: str, at: datetime) -> bytes:
    """A page on the meeting, and at most one for each body."""
    return _pdf(briefing, briefing.parts, address, printed_by, at)


def _pdf(
    briefing: Briefing | JointBriefing,
    parts: Sequence[Briefing],
    address: str,
    printed_by: str,
    at: datetime,
) -> bytes:
    data = {
        "title": briefing.head.title,
        "lede": briefing.head.lede,
        "facts": briefing.head.facts,
        "sections": _sections(briefing.sections),
        "parts": [
            {
                "name": part.organisation.name,
                "facts": part.head.facts,
                "sections": _sections(part.sections),
            }
            for part in parts
        ],
        "address": address,
        "printed": f"Printed by {printed_by}, {at_time(at)}",
    }
    return Typesetter(TEMPLATE).pdf(data, at=at)


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
