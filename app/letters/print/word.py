"""A letter as a Word file, from our own template and the same words as the mail.

The template is ours and nobody can upload another. What people wrote is put in as values, escaped,
by an engine that can reach nothing: no brace of theirs ever stands in what the engine has made.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from docx.image.exceptions import UnrecognizedImageError
from docx.image.image import Image
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage, RichText
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from app.core.pictures.checking import Picture
from app.core.typesetting import visible
from app.letters.content.document import COPIES, Block, Document, Run
from app.letters.content.images import Stationery

TEMPLATE = Path(__file__).resolve().parent / "letter.docx"  # made by tools/letter_template.py
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LOGO_HEIGHT, SIGNATURE_HEIGHT, WIDEST = Mm(18), Mm(14), Mm(60)
PLACES = "Letter block"  # the style of the template's paragraphs that become the body
DEEPEST = 3
_BRACES = {ord("{"): "&#123;", ord("}"): "&#125;"}


@dataclass(frozen=True)
class WordParagraph:
    """One paragraph of the body, as Word wants it: flat, with a style and perhaps a list."""

    style: str
    runs: Sequence[Run]
    numbers: int | None = None  # which numbered list of the letter it belongs to
    begins_at: int = 1


def docx_of(paper: Document, stationery: Stationery, *, mark: str = "") -> bytes:
    """With a mark such as “Draft” above every page."""
    template = DocxTemplate(TEMPLATE)
    template.init_docx()
    lines = list(_flat(paper.body))
    template.render(
        _values(template, paper, lines, stationery, mark),
        ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined),
        autoescape=True,
    )
    document = template.docx
    _dress(document, lines)
    _describe_pictures(document, paper, stationery)
    document.core_properties.title = visible(paper.subject)[:255]
    file = io.BytesIO()
    template.save(file)
    return file.getvalue()


def _values(
    template: DocxTemplate,
    paper: Document,
    lines: Sequence[WordParagraph],
    stationery: Stationery,
    mark: str,
) -> dict[str, Any]:
    small = [_rich(template, block.runs) for block in paper.small]
    letterhead = [_plain(line) for line in paper.letterhead]
    return {
        "logo": _image(template, stationery.logo, LOGO_HEIGHT),
        "from_name": letterhead[0] if letterhead else "",
        "from_lines": letterhead[1:],
        "to": [_plain(line) for line in paper.to],
        "date": _plain(paper.date),
        "greeting": [_rich(template, block.runs) for block in paper.greeting],
        "subject": _plain(paper.subject),
        "body": [_rich(template, line.runs) for line in lines],
        "signed": _image(template, stationery.signature, SIGNATURE_HEIGHT),
        "signature": [_plain(line) for line in paper.signature],
        "copies": [_plain(line) for line in paper.copies],
        "copies_heading": COPIES,
        "small_first": small[0] if small else RichText(),
        "small": small[1:],
        "mark": _plain(mark),
    }


def _plain(text: str) -> Markup:
    return Markup(escape(visible(text), quote=False).translate(_BRACES))


def _rich(template: DocxTemplate, runs: Sequence[Run]) -> RichText:
    rich = RichText()
    for run in runs:
        rich.add(
            visible(run.text),
            bold=run.is_bold,
            italic=run.is_italic,
            url_id=template.build_url_id(run.link) if run.link else None,
        )
    rich.xml = rich.xml.translate(_BRACES)
    return rich


def _image(template: DocxTemplate, picture: Picture | None, height: int) -> InlineImage | str:
    if picture is None or not _is_known_to_word(picture):
        return ""
    size = Image.from_blob(picture.content)
    if size.px_width * height > size.px_height * WIDEST:
        return InlineImage(template, io.BytesIO(picture.content), width=WIDEST)
    return InlineImage(template, io.BytesIO(picture.content), height=height)


def _is_known_to_word(picture: Picture) -> bool:
    try:
        Image.from_blob(picture.content)
    except UnrecognizedImageError:
        return False
    return True


def _describe_pictures(document: Any, paper: Document, stationery: Stationery) -> None:
    """What a screen reader says of them."""
    sender = next(iter(paper.letterhead), "the sender")
    name = next(iter(paper.signature), "the sender")
    named = ((stationery.logo, f"Logo of {sender}"), (stationery.signature, f"Signature of {name}"))
    said = [words for picture, words in named if picture and _is_known_to_word(picture)]
    for shape, words in zip(document.inline_shapes, said, strict=True):
        shape._inline.docPr.set("descr", visible(words))


def _flat(blocks: Sequence[Block]) -> Iterator[WordParagraph]:
    yield from _Flattener().lines(blocks, "Normal", 0, None)


class _Flattener:
    """Nested lists and quotations as paragraphs one after the other."""

    def __init__(self) -> None:
        self.lists = 0

    def lines(
        self, blocks: Sequence[Block], style: str, depth: int, numbers: tuple[int, int] | None
    ) -> Iterator[WordParagraph]:
        for block in blocks:
            if block.kind in ("bullets", "numbers"):
                yield from self._list(block, depth + 1)
            elif block.kind == "quote":
                yield from self.lines(block.inside, "Quote", depth, None)
            elif block.kind == "heading":
                yield WordParagraph(f"Heading {block.number}", block.runs)
            elif block.kind == "code":
                yield WordParagraph("Code block", block.runs)
            else:
                number, begins_at = numbers or (None, 1)
                yield WordParagraph(style, block.runs, number, begins_at)

    def _list(self, block: Block, depth: int) -> Iterator[WordParagraph]:
        kind = "List Number" if block.kind == "numbers" else "List Bullet"
        ending = f" {min(depth, DEEPEST)}" if depth > 1 else ""
        self.lists += 1
        numbers = (self.lists, block.number) if block.kind == "numbers" else None
        more = f"List Continue{ending}"
        for item in block.inside:
            first, rest = item.inside[:1], item.inside[1:]
            yield from self.lines(first, kind + ending, depth, numbers)
            yield from self.lines(rest, more, depth, None)


def _dress(document: Any, lines: Sequence[WordParagraph]) -> None:
    """Give each paragraph of the body its style, and each numbered list numbers of its own."""
    places = [one for one in document.paragraphs if one.style.name == PLACES]
    styles = {one.name: one for one in document.styles}
    lists: dict[int, int] = {}
    for place, line in zip(places, lines, strict=True):
        place.style = styles[line.style]
        if line.numbers is not None:
            if line.numbers not in lists:
                lists[line.numbers] = _new_list(document, styles[line.style], line.begins_at)
            properties = place._p.get_or_add_pPr().get_or_add_numPr()
            properties.get_or_add_ilvl().val = 0
            properties.get_or_add_numId().val = lists[line.numbers]


def _new_list(document: Any, style: Any, begins_at: int) -> int:
    """Numbers like those of the style, but beginning anew."""
    numbering = document.part.numbering_part.element
    own = style.element.pPr.numPr.numId.val
    kind = next(one for one in numbering.num_lst if one.numId == own).abstractNumId.val
    number = numbering.add_num(kind)
    number.add_lvlOverride(ilvl=0).add_startOverride(begins_at)
    return int(number.numId)
