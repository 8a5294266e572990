"""What a page offers to press that leads to a page: links, tabs, chips, and the choices of forms.

Each is pressed once for each thing it can be about: a link of row 3 is that of row 4, and a filter
is another for each of its choices.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect

Pairs = list[tuple[str, str]]
TYPED = {"text", "search", "email", "url", "tel", "date", "number", "password", "file"}


class Form:
    """A form that only looks: what it asks as it is served, and what else can be chosen."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.served: dict[str, str] = {}
        self.choices: Pairs = []

    def addresses(self) -> Iterator[str]:
        yield f"{self.path}?{urlencode(self.served)}"
        for name, value in self.choices:
            yield f"{self.path}?{urlencode({**self.served, name: value})}"


class Offered(HTMLParser):
    def __init__(self, page: str, path: str) -> None:
        super().__init__()
        self.path = path
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        self.links += [has[one] for one in ("href", "hx-get") if tag != "link" and has.get(one)]
        if tag == "form":
            is_get = has.get("method", "get").lower() == "get"
            self._form = Form(has.get("action") or self.path.partition("?")[0]) if is_get else None
            self.forms += [self._form] if self._form else []
        elif tag == "select":
            self._select = has.get("name", "")
        elif self._form and tag == "option" and self._select:
            self._offer(self._select, has.get("value", ""), is_set="selected" in has)
        elif self._form and tag in {"input", "button"} and has.get("name"):
            self._field(tag, has)

    def _field(self, tag: str, has: dict[str, str]) -> None:
        assert self._form
        kind, name, value = has.get("type", ""), has["name"], has.get("value", "")
        if tag == "button" or kind in {"checkbox", "radio"}:
            self._offer(name, value or "on", is_set="checked" in has)
        elif kind != "submit":
            self._form.served[name] = value
            if kind in {"date", "number"}:
                self._offer(name, "2026-11-20" if kind == "date" else "3", is_set=False)

    def _offer(self, name: str, value: str, *, is_set: bool) -> None:
        assert self._form
        self._form.choices.append((name, value))
        if is_set:
            self._form.served[name] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""

    def addresses(self) -> Iterator[str]:
        for link in self.links:
            yield urljoin(self.path, link)
        for form in self.forms:
            for address in form.addresses():
                yield urljoin(self.path, address)


def kind_of(value: str) -> str:
    """A choice is itself; a number, a day or words of any length are one as good as another."""
    if re.fullmatch(r"-?\d+", value):
        return "number"
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return "day"
    return value if re.fullmatch(r"[a-z_\- ]{0,30}", value) else "words"


def marks_of(address: str, adapter: MapAdapter) -> set[tuple[str, str, str]]:
    """Of which page, with what: every part of an address that may make another page of it."""
    parts = urlsplit(address)
    if parts.scheme not in {"", "http", "https"} or parts.netloc not in {"", "localhost"}:
        return set()
    try:
        endpoint, _ = adapter.match(parts.path, method="GET")
    except (HTTPException, RequestRedirect):
        return set()
    asked = parse_qsl(parts.query, keep_blank_values=True)
    return {(endpoint, "", "")} | {(endpoint, name, kind_of(value)) for name, value in asked}
