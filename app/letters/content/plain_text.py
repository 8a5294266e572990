"""The words of parsed Markdown as plain text, for the reader whose mail shows no HTML."""

from collections.abc import Iterator, Sequence

from markdown_it.token import Token

RULE = "—" * 20


def plain_text(tokens: Sequence[Token]) -> str:
    """Paragraphs apart by an empty line; lists with dashes or numbers; links with addresses."""
    page = _Page()
    for token in tokens:
        page.take(token)
    return "\n".join(page.lines).strip()


class _Page:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.lists: list[int | None] = []  # the next number of each open list; None for dashes
        self.quotes = 0
        self.marker = ""  # what begins the next line: a dash or a number

    def take(self, token: Token) -> None:
        if token.type.endswith("_list_open"):
            ordered = token.type == "ordered_list_open"
            self.lists.append(int(token.attrGet("start") or 1) if ordered else None)
        elif token.type.endswith("_list_close"):
            self.lists.pop()
            self._gap()
        elif token.type == "list_item_open":
            self.marker = self._next_marker()
        elif token.type.startswith("blockquote"):
            self.quotes += token.nesting
        elif token.type == "hr":
            self.lines += [RULE, ""]
        elif words := _words(token):
            self._write(words)

    def _write(self, words: str) -> None:
        indent = "> " * self.quotes + "   " * max(0, len(self.lists) - 1)
        hanging = "   " if self.lists else ""
        first, *others = words.split("\n")
        self.lines.append(indent + (self.marker or hanging) + first)
        self.lines += [indent + hanging + line for line in others]
        self.marker = ""
        self._gap()

    def _gap(self) -> None:
        if not self.lists:
            self.lines.append("")

    def _next_marker(self) -> str:
        number = self.lists[-1]
        if number is None:
            return "-  "
        self.lists[-1] = number + 1
        return f"{number}. "


def _words(token: Token) -> str:
    if token.type in ("fence", "code_block"):
        return token.content.rstrip("\n")
    return "".join(_inline(token.children or [])) if token.type == "inline" else ""


def _inline(children: Sequence[Token]) -> Iterator[str]:
    address = ""
    said: list[str] = []
    for child in children:
        if child.type == "link_open":
            address, said = str(child.attrGet("href") or ""), []
        elif child.type == "link_close":
            if address.removeprefix("mailto:") != "".join(said):
                yield f" ({address.removeprefix('mailto:')})"
        else:
            text = "\n" if child.type in ("softbreak", "hardbreak") else child.content
            said.append(text)
            yield text
