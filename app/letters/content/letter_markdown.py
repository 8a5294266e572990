"""What an author typed, read as Markdown that keeps their lines.

Letters are typed as in any mail program, and many come from a word processor. A new line is a new
line, a bullet makes a list, and whatever only looks like Markdown stays as it was typed.
"""

import re
from collections.abc import Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p",
    "pre", "strong", "ul",
}  # fmt: skip

_LINK = re.compile(r"(https?://|mailto:)[^\s]", re.IGNORECASE)
_FENCE = re.compile(r"\s*(```|~~~)")
_BEFORE = r"^((?:[ \t\u00a0]*>)*[ \t\u00a0]*)"
# The bullets of word processors and of mail: “•”, “·”, an “o” before a tab, and what a symbol font
# leaves behind.
_BULLET = re.compile(_BEFORE + "(?:[•‣◦▪●·\uf0a7\uf0b7]|o(?=\t))[ \t\u00a0]*(?=\\S)")
# “+ 44 1632 …” is a telephone number, and “2026. …” begins with a year.
_NO_LIST = re.compile(_BEFORE + r"(?:(\+)|([0-9]{3,})([.)]))(?=[ \t]|$)")


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802  the parser's own name
        return bool(_LINK.match(url))


# “code”: a tab before a paragraph makes no code. “lheading”: “--” under a line makes no heading.
_markdown = _Markdown("commonmark", {"html": False, "linkify": False, "breaks": True}).disable(
    ["image", "code", "lheading"]
)


def parse(text: str) -> Sequence[Token]:
    return _markdown.parse(_as_typed(text))


def safe_html(tokens: Sequence[Token]) -> str:
    """Headings begin one level lower: the subject of the letter is above them."""
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 1)}"
    return nh3.clean(
        _markdown.renderer.render(tokens, _markdown.options, {}),
        tags=TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )


def _as_typed(text: str) -> str:
    lines, is_fenced = [], False
    for line in text.split("\n"):
        if _FENCE.match(line):
            is_fenced = not is_fenced
        lines.append(line if is_fenced else _kept(line))
    return "\n".join(lines)


def _kept(line: str) -> str:
    if found := _BULLET.match(line):
        return f"{found[1]}- {line[found.end() :]}"
    return _NO_LIST.sub(_escaped, line)


def _escaped(found: re.Match[str]) -> str:
    before, plus, number, mark = found.groups()
    return f"{before}\\+" if plus else f"{before}{number}\\{mark}"
