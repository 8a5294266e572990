"""A briefing as PDF, tagged for screen readers.

Whatever people wrote reaches the template as data and is never read as its source; the template
can read no file but itself, and no fonts but the one that is installed with Liaise.
"""

import json
import re
import unicodedata
from datetime import datetime
from pathlib import Path

import typst
from font_source_sans_pro import font_directory

from app.core.filters import at_time, on_day
from app.overview.briefing import Briefing, Section, more_words

# What the fonts in the wheels can draw: Latin (Welsh among it), Greek, Cyrillic, signs. A PDF for
# screen readers may not hold a letter without a shape, so any other becomes a box.
NO_SHAPE = re.compile(
    "[^\x20-\u047f\u0490-\u04ff\u1e00-\u1fff\u2010-\u2027\u2030-\u203f\u20a0-\u20bf"
    "\u2190-\u2199\u2200-\u226f\u25a0-\u25ff]"
)
BOX = "□"

TEMPLATE = Path(__file__).resolve().parent.parent.parent / "templates/overview/briefing.typ"


def pdf_of(briefing: Briefing, *, address: str, printed_by: str, at: datetime) -> bytes:
    """One page of A4 (PDF/UA-1)."""
    made = typst.compile(
        str(TEMPLATE),
        root=str(TEMPLATE.parent),
        format="pdf",
        font_paths=[font_directory],
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
        timestamp=at.replace(microsecond=0),
        sys_inputs={"briefing": _as_json(_data(briefing, address, printed_by, at))},
    )
    assert isinstance(made, bytes)
    return made


def _as_json(data: object) -> str:
    return json.dumps(_every_text(data))


def _every_text(data: object) -> object:
    if isinstance(data, str):
        return printable(data)
    if isinstance(data, dict):
        return {key: _every_text(value) for key, value in data.items()}
    return [_every_text(one) for one in data] if isinstance(data, list | tuple) else data


def printable(text: str) -> str:
    """The text in letters that can be printed."""
    seen = (c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c)[0] != "C")
    return NO_SHAPE.sub(BOX, "".join(seen))


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


def _section(section: Section) -> dict[str, object]:
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
