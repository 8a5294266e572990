"""PDFs, tagged for screen readers (PDF/UA-1), set by Typst.

Whatever people wrote reaches a template as data and is never read as its source; a template can
read no file but those laid beside it, and no fonts but those that are installed with Liaise.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import typst
from font_source_sans_pro import font_directory

# What the fonts in the wheels can draw: Latin (Welsh among it), Greek, Cyrillic, signs. A PDF for
# screen readers may not hold a letter without a shape, so any other becomes a box.
NO_SHAPE = re.compile(
    "[^\x20-\u047f\u048a-\u04ff\u1d00-\u1dbf\u1e00-\u1fff\u2010-\u2027\u2030-\u2040\u2044-\u2052"
    "\u2054-\u20c0\u2100-\u211e\u2120\u2122\u2127-\u2184\u2190-\u23ff\u2460-\u2606\u270c-\u2714"
    "\ufb00-\ufb06]"
)
BOX = "□"


class Typesetter:
    """Sets one template again and again, with other data each time."""

    def __init__(self, template: Path) -> None:
        self._compiler = typst.Compiler(
            str(template), root=str(template.parent), font_paths=_fonts(), ignore_system_fonts=True
        )

    def pdf(self, data: object, *, at: datetime) -> bytes:
        made = self._compiler.compile(
            format="pdf",
            pdf_standards=["ua-1"],
            timestamp=at.replace(microsecond=0),
            sys_inputs={"data": json.dumps(_every_text(data))},
        )
        assert isinstance(made, bytes)
        return made


@contextmanager
def typesetter(template: Path, beside: Mapping[str, bytes]) -> Iterator[Typesetter]:
    """With files the template may read by these names; they are gone afterwards."""
    with TemporaryDirectory() as folder:
        copy = Path(folder) / template.name
        copy.write_bytes(template.read_bytes())
        for name, content in beside.items():
            (copy.parent / name).write_bytes(content)
        yield Typesetter(copy)


@cache
def _fonts() -> typst.Fonts:
    """Ours, and those in Typst's own wheel for the rarer letters ours lacks."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=True, font_paths=[font_directory]
    )


def _every_text(data: object) -> object:
    if isinstance(data, str):
        return printable(data)
    if isinstance(data, dict):
        return {key: _every_text(value) for key, value in data.items()}
    return [_every_text(one) for one in data] if isinstance(data, list | tuple) else data


def visible(text: str) -> str:
    """The text without control characters and marks that nobody sees; lines stay lines."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(c for c in composed if c == "\n" or unicodedata.category(c)[0] != "C")


def without_shape(text: str) -> list[str]:
    """The characters of it that would be boxes, each once."""
    if not NO_SHAPE.search(text.replace("\n", " ")):  # nearly always, and a thousand times faster
        return []
    return list(dict.fromkeys(NO_SHAPE.findall(visible(text).replace("\n", " "))))


def printable(text: str) -> str:
    """The text in letters that can be printed."""
    return "\n".join(NO_SHAPE.sub(BOX, line) for line in visible(text).split("\n"))
