"""People's Markdown as safe HTML: the one place where user text becomes markup."""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")

KEPT_LENGTH = 5_000

TAGS = {
    "a", "blockquote", "br", "code", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


def safe_html(text: str) -> Markup:
    """Markup that can do no harm: no script, no raw HTML, links to http, https and mailto only.

    Headings begin at h3, since a page's own h1 and h2 stand above any text.
    """
    return _kept(text) if len(text) <= KEPT_LENGTH else _made(text)


@lru_cache(maxsize=512)
def _kept(text: str) -> Markup:
    """The same notes are read again and again, and making them safe takes its time."""
    return _made(text)


def _made(text: str) -> Markup:
    tokens = _markdown.parse(text)
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
