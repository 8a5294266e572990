"""A letter as it stands on paper, read from the very words that were merged for the mail.

The HTML of a letter is frozen when it is checked and is what readers of the mail see. Paper is made
of the same, never of today's records, so a copy printed next year says what was sent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

from app.letters.content.plain_text import RULE

COPIES = "Copy to:"
FEWEST_PARTS = 4  # letterhead, addressee, date and signature: each has its place, also if empty
HEADINGS = {f"h{level}": level for level in range(1, 7)}
PARAGRAPHS = {"p": "paragraph", "pre": "code", **dict.fromkeys(HEADINGS, "heading")}
HOLDERS = {"ul": "bullets", "ol": "numbers", "li": "item", "blockquote": "quote"}


class NotALetter(ValueError):
    """The HTML is not in the frame of our own letters."""


@dataclass(frozen=True)
class Run:
    """Words that look alike."""

    text: str
    is_bold: bool = False
    is_italic: bool = False
    link: str = ""


@dataclass
class Block:
    """A paragraph, heading, list, item, quotation, code or rule; what it holds inside it."""

    kind: str
    runs: list[Run] = field(default_factory=list)
    inside: "list[Block]" = field(default_factory=list)
    number: int = 1  # the level of a heading, or where a numbered list begins

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)

    @property
    def lines(self) -> list[str]:
        return [line for line in self.text.split("\n") if line]


@dataclass(frozen=True)
class Document:
    """The parts of one letter, in the order in which they are read."""

    letterhead: Sequence[str]
    to: Sequence[str]
    date: str
    greeting: Sequence[Block]  # the first paragraph where it greets, above the subject
    subject: str
    body: Sequence[Block]
    signature: Sequence[str]
    copies: Sequence[str]
    small: Sequence[Block]

    def words(self) -> Iterator[str]:
        """Every piece of text, in reading order."""
        yield from (*self.letterhead, *self.to, self.date)
        yield from _texts(self.greeting)
        yield self.subject
        yield from _texts(self.body)
        yield from self.signature
        if self.copies:
            yield from (COPIES, *self.copies)
        yield from _texts(self.small)


def _texts(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        if block.runs:
            yield block.text
        yield from _texts(block.inside)


def paper_of(*, subject: str, html: str) -> Document:
    """Take a merged letter apart. Our own frame says where each part begins and ends."""
    reader = _Parser()
    reader.feed(html)
    reader.close()
    page, small = reader.parts()
    if len(page) < FEWEST_PARTS:
        raise NotALetter("This is not the HTML of one of our letters.")
    letterhead, to, date, *middle = page
    copies: list[str] = []
    if middle[-1].lines[:1] == [COPIES]:
        copies = middle.pop().lines[1:]
    signature = middle.pop().lines
    greets = bool(middle) and middle[0].kind == "paragraph" and middle[0].text.startswith("Dear ")
    return Document(
        letterhead=letterhead.lines,
        to=to.lines,
        date=date.text,
        greeting=middle[:1] if greets else [],
        subject=subject,
        body=middle[1:] if greets else middle,
        signature=signature,
        copies=copies,
        small=small,
    )


class _Parser(HTMLParser):
    """The blocks of a letter. It meets only elements that our own cleaning lets through."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[Block] = []  # what the next block belongs into; the page itself first
        self.page: Block | None = None
        self.small: Block | None = None
        self.words: Block | None = None  # the paragraph being read
        self.marks: list[str] = []
        self.links: list[tuple[str, int]] = []  # address, and how many runs came before it

    def parts(self) -> tuple[list[Block], list[Block]]:
        if self.page is None or self.small is None:
            raise NotALetter("This is not the HTML of one of our letters.")
        return self.page.inside, self.small.inside

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "div":
            self._div()
        elif not self.open:
            return
        elif tag in PARAGRAPHS:
            self._begin(Block(PARAGRAPHS[tag], number=HEADINGS.get(tag, 1)))
        elif tag in HOLDERS:
            self._enter(Block(HOLDERS[tag], number=int(given.get("start") or 1)))
        elif tag == "hr":
            self._add(Block("rule", [Run(RULE)]))
        elif tag == "br":
            self._say("\n")
        elif tag == "a":
            self.links.append((given.get("href") or "", len(self._here().runs)))
        else:
            self.marks.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open:
            return
        if tag == "pre" and self.words is not None and self.words.runs:
            last = self.words.runs.pop()
            self.words.runs.append(replace(last, text=last.text.rstrip("\n")))
        if tag in PARAGRAPHS:
            self.words = None
        elif tag in HOLDERS or tag == "div":
            self.words = None
            self.open.pop()
        elif tag == "a":
            self._end_link()
        elif tag in self.marks:
            self.marks.remove(tag)

    def handle_data(self, data: str) -> None:
        if not self.open:
            return
        if self.words is None and not data.strip():
            return
        if self.words is not None and self.words.kind == "code":
            self._say(data)
            return
        # A line end of the source is a space, but not where a line begins anyway.
        begins = self.words is None or self.words.text.endswith("\n") or not self.words.runs
        said = data.replace("\n", " ")
        self._say(said.lstrip(" ") if begins else said)

    def _div(self) -> None:
        part = Block("page")
        if self.page is None:
            self.page = part
        else:
            self.small = part
        self.open.append(part)
        self.words = None

    def _enter(self, block: Block) -> None:
        self._add(block)
        self.open.append(block)

    def _add(self, block: Block) -> None:
        self.words = None
        self.open[-1].inside.append(block)

    def _begin(self, block: Block) -> None:
        self._add(block)
        self.words = block

    def _here(self) -> Block:
        if self.words is None:
            self._begin(Block("paragraph"))  # an item of a tight list has no paragraph of its own
        assert self.words is not None
        return self.words

    def _say(self, text: str, link: str = "") -> None:
        self._here().runs.append(
            Run(
                text,
                is_bold="strong" in self.marks,
                is_italic="em" in self.marks,
                link=link or (self.links[-1][0] if self.links else ""),
            )
        )

    def _end_link(self) -> None:
        """On paper nobody can press a link, so its address is written out, as in the plain text."""
        if not self.links:
            return
        address, before = self.links.pop()
        said = "".join(run.text for run in self._here().runs[before:])
        shown = address.removeprefix("mailto:")
        if shown and shown != said:
            self._say(f" ({shown})", link=address)
