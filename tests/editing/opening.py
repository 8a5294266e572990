"""A form as a browser holds it: opened, typed into, and sent as a whole."""

from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

NOT_SENT = {"submit", "button", "reset", "image", "file"}


@dataclass
class Opened:
    """The form of a page that remembers what it showed, with what stands in its fields."""

    client: FlaskClient
    path: str
    fields: dict[str, list[str]]
    text: str = ""
    offered: dict[str, list[str]] = field(default_factory=dict)

    def says(self, name: str) -> str:
        return ", ".join(self.fields.get(name, []))

    def type(self, **typed: str | list[str]) -> "Opened":
        for name, value in typed.items():
            self.fields[name.replace("keep_", "keep-")] = (
                value if isinstance(value, list) else [value]
            )
        return self

    def save(self, **typed: str | list[str]) -> TestResponse:
        self.type(**typed)
        return self.client.post(self.path, data=self.fields)

    def is_told(self, **typed: str | list[str]) -> "Opened":
        """Save, and stay: the form of the page that says why."""
        answer = self.save(**typed)
        assert answer.status_code == 200, "it was saved"
        return read(self.client, self.path, answer.text)


def opened(client: FlaskClient, path: str) -> Opened:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return read(client, path, answer.text)


def read(client: FlaskClient, path: str, text: str) -> Opened:
    form = remembering_form(text)
    assert form is not None, f"{path} has no form that remembers what it showed"
    page = Opened(client, path, {}, text)
    for box in form.iter():
        name = box.get("name")
        if box.tag not in {"input", "select", "textarea"} or not name:
            continue
        if box.tag == "select":
            options = list(box.iter("option"))
            page.offered[name] = [option.get("value") or "" for option in options]
            chosen = [o for o in options if o.get("selected") is not None] or options[:1]
            if box.get("multiple") is None:
                chosen = chosen[-1:]
            page.fields[name] = [option.get("value") or "" for option in chosen]
        elif box.get("type") in {"checkbox", "radio"}:
            page.offered.setdefault(name, []).append(box.get("value") or "on")
            if box.get("checked") is not None:
                page.fields.setdefault(name, []).append(box.get("value") or "on")
        elif box.get("type") not in NOT_SENT:
            said = box.get("value") or "" if box.tag == "input" else _text_of(box)
            page.fields.setdefault(name, []).append(said)
    return page


def remembering_form(text: str) -> Element | None:
    page = html5lib.parse(text, namespaceHTMLElements=False)
    for form in page.iter("form"):
        if any(box.get("name") == "shown" and box.get("value") for box in form.iter("input")):
            found: Element = form
            return found
    return None


def _text_of(area: Element) -> str:
    return "".join(area.itertext()).removeprefix("\n")
