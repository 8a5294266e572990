"""People's Markdown as safe HTML: the one place where user text becomes markup."""

import re
from collections.abc import Iterable
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")

KEPT_LENGTH = 5_000
# What laying out a text takes is told by its marks and the cells of its tables, not by its length:
# so many take a few tenths of a second, a long day's minutes have a tenth of them.
MOST_MARKS = 10_000
# One long address can be meant by many short links.
MOST_IN_LINKS = 500_000
_MARKS = "\n!#$%&*+-:<=>@[\\]^_`{}~"
_BLANK_LINES = re.compile(r"\n\s*\n")
AS_TYPED = (
    "This text has too many lists, links or table cells to lay out, so it is shown as it was typed."
)

TAGS = {
    "a", "blockquote", "br", "code", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


def safe_html(text: str) -> Markup:
    """Markup that can do no harm: no script, no raw HTML, links to http, https and mailto only.

    Headings begin at h3, since a page's own h1 and h2 stand above any text.
    """
    return _kept(text) if len(text) <= KEPT_LENGTH else _kept_long(text)


@lru_cache(maxsize=512)
def _kept(text: str) -> Markup:
    """The same notes are read again and again, and making them safe takes its time."""
    return _made(text)


@lru_cache(maxsize=16)
def _kept_long(text: str) -> Markup:
    """Fewer of them, since each may take a megabyte."""
    return _made(text)


def _made(text: str) -> Markup:
    if _work_of(text) > MOST_MARKS:
        return _as_typed(text)
    tokens = _markdown.parse(text)
    if _length_of_links(tokens) > MOST_IN_LINKS:
        return _as_typed(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + 2)}"
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    return Markup(
        nh3.clean(
            html,
            tags=TAGS,
            attributes={"a": {"href"}},
            url_schemes={"http", "https", "mailto"},
            link_rel="noopener noreferrer nofollow",
        )
    )


def _work_of(text: str) -> int:
    """How much there is to lay out. A row of a table gets as many cells as its widest row."""
    marks = sum(map(text.count, _MARKS))
    if "|" not in text or marks > MOST_MARKS:
        return marks
    for block in _BLANK_LINES.split(text):
        lines = block.split("\n")
        marks += max(line.count("|") for line in lines) * len(lines)
    return marks


def _length_of_links(tokens: Iterable[Token]) -> int:
    inside = (child for token in tokens for child in token.children or ())
    return sum(len(str(value)) for child in inside for value in child.attrs.values())


def _as_typed(text: str) -> Markup:
    """Lines stay lines, and blank lines part paragraphs."""
    paragraphs = (
        Markup("<br>\n").join(paragraph.split("\n")) for paragraph in _BLANK_LINES.split(text)
    )
    said = Markup("<p><em>") + AS_TYPED + Markup("</em></p>\n<p>")
    return said + Markup("</p>\n<p>").join(paragraphs) + Markup("</p>")
