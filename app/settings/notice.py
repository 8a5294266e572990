"""The privacy notice as a page: Markdown to HTML that is safe to show to anybody."""

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

TAGS = {"p", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "a", "br", "hr", "blockquote"}

# Raw HTML is off, so it comes out as the letters somebody typed; the cleaner stands behind it.
_markdown = MarkdownIt("commonmark", {"html": False}).disable("image")


def as_html(text: str) -> Markup:
    """The notice's own headings start below the page's."""
    tokens = _markdown.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(max(int(token.tag[1]), 2), 4)}"
    rendered = _markdown.renderer.render(tokens, _markdown.options, {})
    return Markup(  # noqa: S704 - cleaned in the line below
        nh3.clean(
            rendered,
            tags=TAGS,
            attributes={"a": {"href"}},
            url_schemes={"http", "https", "mailto"},
            link_rel="noopener noreferrer",
        )
    )
