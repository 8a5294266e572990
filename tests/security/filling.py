"""The forms of our pages as a browser would find them, ready to be sent."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from flask.testing import FlaskClient

from tests.security.walking import pages
from tests.security.world import World

TAKES_WORDS = {None, "text", "search", "email", "url", "tel", "password"}


@dataclass
class Form:
    """A form of one of our pages, filled in as it was served."""

    path: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    offered: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)  # the fields for words of one's own


def forms_on(page: Element, path: str) -> Iterator[Form]:
    for one in page.iter("form"):
        if (one.get("method") or "get").lower() != "post":
            continue
        form = Form(one.get("action") or path)
        for element in (*one.iter(), *_elsewhere(page, one)):
            name = element.get("name")
            if name:
                form.offered.add(name)
                if element.tag == "textarea" or (
                    element.tag == "input" and element.get("type") in TAKES_WORDS
                ):
                    form.words.add(name)
                if (value := _value(element)) is not None:
                    form.fields.setdefault(name, []).append(value)
        yield form


def _elsewhere(page: Element, form: Element) -> list[Element]:
    """The fields that belong to it by its name, such as the ticks of a table above it."""
    name = form.get("id")
    return [one for one in page.iter() if one.get("form") == name] if name else []


def _value(element: Element) -> str | None:
    kind = (element.get("type") or "").lower()
    if element.tag == "textarea":
        return "".join(element.itertext())
    if element.tag == "select":
        options = list(element.iter("option"))
        chosen = [one for one in options if one.get("selected") is not None] or options[:1]
        return (chosen[0].get("value") or "") if chosen else None
    if element.tag not in {"input", "button"} or kind == "file":
        return None
    if kind in {"checkbox", "radio"} and element.get("checked") is None:
        return None
    return element.get("value") or ""


def forms_of(app: Flask, world: World, browser: FlaskClient) -> Iterator[Form]:
    """Each form of each kind once, from whichever page shows it first."""
    adapter = app.url_map.bind("localhost")
    seen: set[tuple[str, frozenset[str]]] = set()
    for one in pages(app, world):
        response = browser.get(one.path)
        if response.mimetype != "text/html":
            continue
        page = html5lib.parse(response.text, namespaceHTMLElements=False)
        for form in forms_on(page, one.path):
            endpoint, _ = adapter.match(form.path.partition("?")[0], method="POST")
            key = endpoint, frozenset(form.offered)
            if key not in seen:
                seen.add(key)
                yield form
