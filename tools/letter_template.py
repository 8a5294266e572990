"""Makes the Word template of our letters anew: app/letters/print/letter.docx.

    .venv/bin/python tools/letter_template.py

The template is checked in; run this after changing what is said here. Letters are filled into it by
app/letters/print/word.py, which gives the paragraphs of the body their styles.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

PLACE = Path(__file__).resolve().parent.parent / "app/letters/print/letter.docx"
FACE = "Calibri"
QUIET = RGBColor(0x45, 0x54, 0x5A)
BLACK = RGBColor(0, 0, 0)
# What comes with the library's own empty document and would only make every letter larger.
UNUSED_PARTS = ("stylesWithEffects", "thumbnail", "customXml")


def main() -> None:
    document = Document()
    _leave_out_the_unused(document)
    _page(document)
    _styles(document)
    for paragraph in list(document.paragraphs):
        paragraph._element.getparent().remove(paragraph._element)
    _words(document)
    _edges(document)
    properties = document.core_properties
    properties.author = properties.last_modified_by = "Liaise"
    properties.title, properties.comments, properties.language = "Letter", "", "en-GB"
    properties.created = properties.modified = datetime(2026, 11, 22, tzinfo=UTC)
    document.save(str(PLACE))


def _leave_out_the_unused(document: Any) -> None:
    for rels in (document.part.rels, document.part.package.rels):
        for key in [key for key, rel in rels.items() if rel.reltype.endswith(UNUSED_PARTS)]:
            del rels[key]
    styles = document.styles.element
    for style in list(styles.findall(qn("w:style"))):
        is_table = style.get(qn("w:type")) == "table"
        if is_table and style.get(qn("w:styleId")) != "TableNormal":
            styles.remove(style)
    for language in styles.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-GB")


def _page(document: Any) -> None:
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin, page.right_margin = Mm(24.6), Mm(20)
    page.top_margin, page.bottom_margin = Mm(20), Mm(22)
    page.header_distance = page.footer_distance = Mm(10)


def _styles(document: Any) -> None:
    plain = _dress(document.styles["Normal"], size=11)
    plain.space_after, plain.space_before, plain.line_spacing = Pt(9), Pt(0), 1.1
    for level in range(1, 7):
        heading = _dress(document.styles[f"Heading {level}"], size=11, bold=True, colour=BLACK)
        heading.space_before, heading.space_after = Pt(12), Pt(6)
    _dress(document.styles["Quote"], size=11, colour=BLACK).left_indent = Mm(8)
    for kind in ("List Bullet", "List Number"):
        for ending in ("", " 2", " 3"):
            document.styles[kind + ending].paragraph_format.space_after = Pt(3)
    own = _own(document, "Letterhead", size=9.5)
    own.space_after, own.left_indent = Pt(0), Mm(101)
    _own(document, "Letterhead name", "Letterhead", bold=True)
    _own(document, "Addressee").space_after = Pt(0)
    _own(document, "Letter date").space_before = Pt(18)
    _own(document, "Letter block")
    _own(document, "Code block", size=10)
    space = _own(document, "Signature space")
    space.space_before, space.space_after, space.keep_with_next = Pt(6), Pt(4), True
    own = _own(document, "Signature line")
    own.space_after, own.keep_together = Pt(0), True
    _own(document, "Copies").space_after = Pt(0)
    own = _own(document, "Copies heading", "Copies")
    own.space_before, own.keep_with_next = Pt(12), True
    _own(document, "Small print", size=8.5, colour=QUIET).space_after = Pt(4)
    _own(document, "Small print first", "Small print").space_before = Pt(18)
    _line_above(document.styles["Small print first"])


def _own(document: Any, name: str, base: str = "Normal", **dress: Any) -> Any:
    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles[base]
    return _dress(style, **dress)


def _dress(style: Any, *, size: float = 0, bold: bool = False, colour: Any = None) -> Any:
    """Its letters; returns how its paragraphs are set."""
    faces = style.element.get_or_add_rPr().get_or_add_rFonts()
    faces.attrib.clear()
    for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        faces.set(qn(script), FACE)
    if size:
        style.font.size = Pt(size)
    if bold:
        style.font.bold = True
    if colour is not None:
        style.font.color.rgb, style.font.italic = colour, False
    return style.paragraph_format


def _line_above(style: Any) -> None:
    borders, line = OxmlElement("w:pBdr"), OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "4"), ("space", "6"), ("color", "B8C2C5")):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    style.element.get_or_add_pPr().insert_element_before(borders, "w:spacing", "w:ind", "w:jc")


def _words(document: Any) -> None:
    def add(words: str, style: str) -> None:
        document.add_paragraph(style=style).add_run(words)

    def each(name: str, words: str, style: str) -> None:
        add(f"{{%p for one in {name} %}}", style)
        add(words, style)
        add("{%p endfor %}", style)

    add("{%p if logo %}", "Letterhead")
    add("{{ logo }}", "Letterhead")
    add("{%p endif %}", "Letterhead")
    add("{{ from_name }}", "Letterhead name")
    each("from_lines", "{{ one }}", "Letterhead")
    each("to", "{{ one }}", "Addressee")
    add("{{ date }}", "Letter date")
    each("greeting", "{{r one }}", "Normal")
    add("{{ subject }}", "Heading 1")
    each("body", "{{r one }}", "Letter block")
    add("{{ signed }}", "Signature space")
    each("signature", "{{ one }}", "Signature line")
    add("{%p if copies %}", "Copies")
    add("{{ copies_heading }}", "Copies heading")
    add("{%p endif %}", "Copies")
    each("copies", "{{ one }}", "Copies")
    add("{{r small_first }}", "Small print first")
    each("small", "{{r one }}", "Small print")


def _edges(document: Any) -> None:
    head = document.sections[0].header.paragraphs[0]
    foot = document.sections[0].footer.paragraphs[0]
    head.alignment = foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _quiet(head.add_run("{{ mark }}")).font.bold = True
    _quiet(foot.add_run("Page "))
    _counted(foot, "PAGE")
    _quiet(foot.add_run(" of "))
    _counted(foot, "NUMPAGES")


def _quiet(run: Any) -> Any:
    run.font.size, run.font.color.rgb = Pt(8.5), QUIET
    return run


def _counted(paragraph: Any, what: str) -> None:
    """A number Word works out by itself."""
    for kind in ("begin", "", "separate", "1", "end"):
        run = _quiet(paragraph.add_run())
        if kind == "1":
            run.text = kind
        elif kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
        else:
            asked = OxmlElement("w:instrText")
            asked.text = f" {what} "
            run._r.append(asked)


if __name__ == "__main__":
    main()
