"""A template and one addressee become the letter: one merge, and from it both text and HTML.

The Markdown is parsed with a private mark in each slot; the values go in afterwards, so a value
is never read as Markdown or HTML. Each way through the optional paragraphs is parsed only once.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape as escape_all

import css_inline
from markupsafe import Markup

from app.core.text.placeholders import gaps
from app.letters.content import field_language, letter_markdown
from app.letters.content.fields import (
    VOCABULARY,
    House,
    Writing,
    long_date,
    name_lines,
    name_of,
    unique,
    values_for,
)
from app.letters.content.plain_text import RULE, plain_text
from app.letters.content.sources import public_page, source_in_words
from app.settings.rules import address_below

MAX_SUBJECT = 200

_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")
_PLACE = re.compile("\ue002([a-z0-9]+)\ue003")
_WEB = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)]")
_PICTURE = re.compile(r"!\S[^\n]* \(https?://[^)\n]*\.(?:png|jpe?g|gif|svg|webp)\)")

STYLE = """
body { margin: 0; padding: 0; background: #ffffff; color: #1b1b1b; }
.letter { max-width: 42em; margin: 0 auto; padding: 24px; line-height: 1.5;
  font-family: Georgia, 'Times New Roman', serif; font-size: 16px; background: #ffffff; }
p, ul, ol, blockquote, pre { margin: 0 0 16px; }
h2, h3, h4, h5, h6 { margin: 24px 0 8px; font-size: 18px; line-height: 1.3; }
a { color: #0b5c66; }
blockquote { padding-left: 16px; border-left: 3px solid #8fa3a8; }
.small p { margin: 0 0 8px; font-family: Arial, sans-serif; font-size: 13px; color: #4a4a4a; }
.small { border-top: 1px solid #b8c2c5; margin-top: 24px; padding-top: 12px; }
"""


_inliner = css_inline.CSSInliner(keep_style_tags=False, load_remote_stylesheets=False)


def escape(text: str) -> str:
    """For HTML, without numeric entities: some mail programs show those as they stand."""
    return escape_all(text, quote=False).replace('"', "&quot;")


@dataclass(frozen=True)
class Rendered:
    """One letter as merged: both forms say the same words."""

    subject: str
    text: str
    html: str
    blanks: tuple[str, ...]  # names of the fields that had nothing to print
    values: Mapping[str, str]  # by key, of the fields that are printed
    truths: Mapping[str, bool]  # by key, of the fields that optional paragraphs ask about

    @property
    def greeting(self) -> str:
        return next((line for line in self.text.split("\n") if line.startswith("Dear ")), "")


@dataclass(frozen=True)
class _Skeleton:
    """One way through the optional paragraphs, parsed, with marks where the values go."""

    subject: tuple[str | field_language.Slot, ...]
    parts: tuple[str | field_language.Slot, ...]
    keys: tuple[str, ...]  # the number in a mark counts along these
    body_text: str
    body_html: str
    pages: dict[tuple[bool, int], str]


class Renderer:
    """Makes letters of one template version."""

    def __init__(self, subject: str, body: str) -> None:
        self.subject = field_language.compile_text(" ".join(subject.split()), VOCABULARY)
        self.body = field_language.compile_text(body, VOCABULARY)
        self._words = {"subject": subject, "body": field_language.as_template(body)}
        self.keys = unique((*self.subject.fields, *self.body.fields))
        self.asked = unique((*self.subject.conditions, *self.body.conditions))
        self._skeletons: dict[tuple[bool, ...], _Skeleton] = {}

    def problems(self) -> dict[str, list[str]]:
        """What stands in the way of making any letter, by the field of the form it is in."""
        subject = [problem.message for problem in self.subject.problems]
        body = [str(problem) for problem in self.body.problems]
        subject += [_still_open(gap) for _, gap in gaps(self._words["subject"])]
        body += [f"Line {line}: {_still_open(gap)}" for line, gap in gaps(self._words["body"])]
        if not subject and not body:
            body = self._problems_of_links()
        return {name: found for name, found in (("subject", subject), ("body", body)) if found}

    def knows_unknown_leads(self) -> bool:
        """Whether the words change where the lead is not known."""
        telling = ("lead is unknown", "lead is known", "stands in")
        return bool({field_language.key_of(name) for name in telling} & {*self.keys, *self.asked})

    def field_names(self) -> list[str]:
        return [name_of(key) for key in self.keys]

    def render(self, writing: Writing) -> Rendered:
        values = values_for(writing, unique((*self.keys, *self.asked)))
        skeleton = self._skeleton(values)
        subject = field_language.merge_line(skeleton.subject, values)
        blank = field_language.blanks((*skeleton.subject, *skeleton.parts), values)
        body = _fill(skeleton.body_text, skeleton.keys, values, str)
        return Rendered(
            subject=subject,
            text=_page_text(writing, body),
            html=_page_html(writing, skeleton, values, subject),
            blanks=tuple(name_of(key) for key in blank),
            values={key: values[key] for key in self.keys},
            truths={key: bool(values[key]) for key in self.asked},
        )

    def shaded(
        self, values: Mapping[str, str], truths: Mapping[str, bool], differing: Collection[str]
    ) -> tuple[Markup, Markup]:
        """Subject and body as HTML for our own page, with the words that differ marked.

        This is safe markup: every value is escaped here, and the author's Markdown was cleaned.
        """
        skeleton = self._skeleton(truths)

        def mark(key: str) -> str:
            value = escape(values.get(key, ""))
            return f"<mark>{value}</mark>" if key in differing and value else value

        subject = "".join(
            mark(part.key) if isinstance(part, field_language.Slot) else escape(part)
            for part in skeleton.subject
        )
        body = _MARK.sub(lambda found: mark(skeleton.keys[int(found[1])]), skeleton.body_html)
        return Markup(subject), Markup(body)

    def _skeleton(self, values: Mapping[str, object]) -> _Skeleton:
        way = tuple(bool(values.get(key)) for key in self.asked)
        if way not in self._skeletons:
            self._skeletons[way] = self._parse(dict(zip(self.asked, way, strict=True)))
        return self._skeletons[way]

    def _parse(self, truths: Mapping[str, bool]) -> _Skeleton:
        subject = field_language.choose_parts(self.subject, lambda key: truths.get(key, False))
        parts = field_language.choose_parts(self.body, lambda key: truths.get(key, False))
        keys = tuple(
            dict.fromkeys(part.key for part in parts if isinstance(part, field_language.Slot))
        )
        marks = {key: f"{_OPEN}{number}{_CLOSE}" for number, key in enumerate(keys)}
        source = "".join(marks[p.key] if isinstance(p, field_language.Slot) else p for p in parts)
        tokens = letter_markdown.parse(source)
        text = plain_text(tokens)
        html = letter_markdown.safe_html(tokens)
        return _Skeleton(tuple(subject), tuple(parts), keys, text, html, {})

    def _problems_of_links(self) -> list[str]:
        everything = self._skeleton(dict.fromkeys(self.asked, True))
        addresses = re.findall(r'href="([^"]*)"', everything.body_html)
        if any("%EE%80%80" in address or _OPEN in address for address in addresses):
            return ["A field cannot be part of a link’s address: write the whole address out."]
        if _PICTURE.search(everything.body_text):
            return ["A letter carries no pictures. Attach the file to the mailing instead."]
        return []


# The names other tools give to what our fields say.
_FIELD_FOR = {
    **dict.fromkeys(("first name", "fname", "forename", "given name"), "given name"),
    **dict.fromkeys(("surname", "last name", "lname", "family name"), "family name"),
    **dict.fromkeys(("name", "full name", "recipient", "recipient name"), "full name"),
    **dict.fromkeys(("board", "board name", "name of board", "icb", "organisation"), "board"),
    **dict.fromkeys(("dear", "salutation", "greeting", "greeting line"), "salutation"),
    **{name: name for name in ("title", "job title", "role", "system", "region")},
    "date": "today’s date",
}


def _still_open(gap: str) -> str:
    words = " ".join(re.findall("[a-z]+", gap.casefold())).removeprefix("insert ")
    instead = f"use (({_FIELD_FOR[words]}))" if words in _FIELD_FOR else "take it out"
    return f"“{gap}” is still to be filled in. Write the words themselves, or {instead}."


def _fill(
    text: str, keys: tuple[str, ...], values: Mapping[str, str], dress: Callable[[str], str]
) -> str:
    return _MARK.sub(lambda found: dress(values[keys[int(found[1])]]), text)


@lru_cache(maxsize=64)
def renderer_for(subject: str, body: str) -> Renderer:
    """The same words are taken apart and parsed once, however often their letters are looked at."""
    return Renderer(subject, body)


def letterhead(house: House) -> list[str]:
    """Whom it is from, and where an answer reaches us: paper has no button to reply with."""
    where = address_below(house.group_name, house.postal_address)
    return [line for line in (house.group_name.strip(), *where, house.reply_to.strip()) if line]


def address_lines(writing: Writing) -> list[str]:
    """Whom the letter is to, as it stands at its head."""
    reader = writing.addressee
    lines = name_lines(reader) + ([] if reader.is_office else reader.roles)
    return [
        field_language.as_value(line) for line in (*lines, *unique(s.board for s in reader.seats))
    ]


def signature(house: House) -> list[str]:
    lines = (house.signatory_name, house.signatory_job_title, house.signatory_organisation)
    return [line for line in lines if line]


def small_print(writing: Writing) -> list[str]:
    """What we owe every reader: where we got the details, how we use them, how to stop us."""
    house, reader = writing.house, writing.addressee
    lines = []
    if reader.is_office:
        lines.append("We used your organisation’s published office address.")
    elif reader.source:
        when = f", {long_date(reader.source_on)}" if reader.source_on else ""
        more = "" if public_page(reader.source) else " Ask us, and we will tell you more."
        lines.append(
            "We hold your work contact details because of your post. "
            f"Where we got them: {source_in_words(reader.source)}{when}.{more}"
        )
    if house.privacy_url:
        lines.append(f"How we use personal details, and your rights: {house.privacy_url}")
    lines.append(house.opt_out_line)
    if writing.reference:
        lines.append(f"[ref {writing.reference}]")
    return [field_language.as_value(line) for line in lines if line.strip()]


def closing_lines(writing: Writing) -> list[str]:
    """What stands below the signature: who gets copies, and the small print."""
    copies = [f"Copy to: {line}" for line in writing.cc_lines]
    return [*copies, *small_print(writing)]


def _page_text(writing: Writing, body: str) -> str:
    blocks = [
        "\n".join(letterhead(writing.house)),
        "\n".join(address_lines(writing)),
        long_date(writing.house.written_on),
        body,
        "\n".join(signature(writing.house)),
    ]
    if writing.cc_lines:
        blocks.append("Copy to:\n" + "\n".join(writing.cc_lines))
    blocks.append(f"{RULE}\n" + "\n\n".join(small_print(writing)))
    return "\n\n".join(block for block in blocks if block) + "\n"


def _page_html(
    writing: Writing, skeleton: _Skeleton, values: Mapping[str, str], subject: str
) -> str:
    small = small_print(writing)
    shape = (bool(writing.cc_lines), len(small))
    if shape not in skeleton.pages:
        skeleton.pages[shape] = _frame(skeleton.body_html, *shape)
    own = {
        "subject": escape(subject),
        "from": _lines(letterhead(writing.house)),
        "to": _lines(address_lines(writing)),
        "date": escape(long_date(writing.house.written_on)),
        "sign": _lines(signature(writing.house)),
        "copies": "Copy to:<br>" + _lines(writing.cc_lines),
        **{f"small{number}": _linked(line) for number, line in enumerate(small)},
    }
    page = _PLACE.sub(lambda found: own[found[1]], skeleton.pages[shape])
    return _fill(page, skeleton.keys, values, escape)


def _frame(body: str, copies: bool, small: int) -> str:
    """The whole mail with marks in it, its style moved into the elements, as mail needs it."""
    place = "<p>\ue002{}\ue003</p>".format
    cc = place("copies") if copies else ""
    print_ = "".join(place(f"small{number}") for number in range(small))
    page = (
        '<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="only light">'
        f"<title>\ue002subject\ue003</title><style>{STYLE}</style></head>"
        f'<body><div class="letter">{place("from")}{place("to")}{place("date")}{body}'
        f'{place("sign")}{cc}<div class="small">{print_}</div></div></body></html>'
    )
    return _inliner.inline(page)


def _lines(lines: Collection[str]) -> str:
    return "<br>".join(escape(line) for line in lines)


def _linked(line: str) -> str:
    """The line with its web addresses made into links; they are shown in full."""
    pieces, position = [], 0
    for found in _WEB.finditer(line):
        address = escape(found[0])
        pieces.append(escape(line[position : found.start()]))
        pieces.append(f'<a href="{address}" style="color: #0b5c66;">{address}</a>')
        position = found.end()
    return "".join(pieces) + escape(line[position:])
