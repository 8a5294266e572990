"""A test client that fails any test which is served a bad page."""

import re
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import valid_pages

UNLABELLED_TYPES = {"hidden", "submit", "button", "reset", "image"}


class PageClient(FlaskClient):
    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        asked_for_part = "HX-Request" in response.request.headers
        is_letter = "sandbox" in response.headers.get("Content-Security-Policy", "")
        is_ours = response.mimetype == "text/html" and response.status_code == 200
        if is_ours and not asked_for_part and not is_letter:
            check_page(response.text)
        return response


def check_page(html: str) -> None:
    """Whether this is a good page; one whose markup was found good before is one."""
    key = valid_pages.key_of(html)
    if key is not None and key in valid_pages.found():
        return
    check_every_element(html)
    if key is not None:
        valid_pages.remember(key)


def check_every_element(html: str) -> None:
    page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
    check_headings(page)
    check_ids(page)
    check_labels(page)
    check_nothing_runs_inline(page)
    assert page.get("lang"), "a page says what language it is in"
    for image in page.iter("img"):
        assert image.get("alt") is not None, f"an image has no alt: {image.get('src')}"


def check_headings(page: Element) -> None:
    headings = list(page.iter("h1"))
    assert len(headings) == 1, f"a page has exactly one h1, this has {len(headings)}"
    title = words(page.find(".//title")).removeprefix("Error: ")
    heading = words(headings[0])
    assert title.startswith(heading), f"the title {title!r} starts with the h1 {heading!r}"


def check_ids(page: Element) -> None:
    ids = [element.get("id") for element in page.findall(".//*[@id]")]
    twice = {name for name in ids if ids.count(name) > 1}
    assert not twice, f"an id is used twice: {twice}"
    for element in page.iter():
        for attribute in ("for", "aria-describedby", "aria-labelledby", "aria-controls"):
            for name in (element.get(attribute) or "").split():
                assert name in ids, f"{attribute} points at {name!r}, which is not on the page"


def check_labels(page: Element) -> None:
    labelled = {label.get("for") for label in page.iter("label")}
    inside = {id(field) for label in page.iter("label") for field in label.iter()}
    for field in page.iter():
        if field.tag not in {"input", "select", "textarea"}:
            continue
        if field.tag == "input" and field.get("type") in UNLABELLED_TYPES:
            continue
        named = field.get("aria-label") or field.get("aria-labelledby")
        own = field.get("id") in labelled if field.get("id") else False
        assert named or own or id(field) in inside, f"no label for {field.get('name')!r}"


def check_nothing_runs_inline(page: Element) -> None:
    for element in page.iter():
        if not isinstance(element.tag, str):
            continue  # a comment
        for name, value in element.items():
            assert not name.startswith("on"), f"<{element.tag}> has an inline handler {name}"
            assert name != "style", f"<{element.tag}> has an inline style {value!r}"
            runs = name in {"href", "src", "action", "formaction"} and re.match(
                r"\s*javascript:", value, re.IGNORECASE
            )
            assert not runs, f"<{element.tag}> runs a script from {name}"
    for script in page.iter("script"):
        assert script.get("src") or script.get("type") == "application/json", "an inline script"
    assert not list(page.iter("style")), "an inline style sheet"


def words(element: Element | None) -> str:
    return " ".join("".join(element.itertext()).split()) if element is not None else ""


def press(browser: FlaskClient, page: str, action: str, **fields: Any) -> TestResponse:
    """Send the form of a page that leads to an address ending so, with all that it carries.

    Without an address it is the form that leads back to its own page.
    """
    return send(browser, form_on(browser, page, action), **fields)


@dataclass(frozen=True)
class FormOnPage:
    """A form as it was served: where it leads, and what it carries unseen."""

    address: str
    carries: dict[str, str]


def form_on(browser: FlaskClient, page: str, action: str) -> FormOnPage:
    html = browser.get(page, follow_redirects=True).text
    parsed = html5lib.parse(html, namespaceHTMLElements=False)
    forms = [one for one in parsed.iter("form") if bool(one.get("action")) == bool(action)]
    form = next(one for one in forms if (one.get("action") or "").endswith(action))
    unseen = (one for one in form.iter("input") if one.get("type") == "hidden")
    return FormOnPage(
        form.get("action") or page,
        {one.get("name") or "": one.get("value") or "" for one in unseen},
    )


def send(browser: FlaskClient, form: FormOnPage, **fields: Any) -> TestResponse:
    """Send a form that was read earlier."""
    return browser.post(form.address, data=form.carries | fields, follow_redirects=True)
