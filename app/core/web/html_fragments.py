"""The smallest parts of a page. They stand on one page by the hundred, mostly the same ones.

Calling a macro takes many times as long as calling these, which is felt in a table of 36 rows.
Templates import them from `_macros.html` like every other part.
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from flask import Flask, has_request_context, request
from markupsafe import Markup, escape

from app.core.web.filters import at_time, iso, short_day
from app.core.web.icons import icon

KEPT = 4096


def when(value: date | datetime | None) -> Markup:
    """<time>: "12 Nov 2026, 09:05" or "12 Nov 2026"."""
    if not value:
        return Markup()
    if isinstance(value, datetime):
        return _time(iso(value), at_time(value))
    return _on_day(value)


@lru_cache(KEPT)
def _on_day(day: date) -> Markup:
    return _time(iso(day), short_day(day))


def _time(machine: str, words: str) -> Markup:
    return Markup(f'<time datetime="{machine}">{words}</time>')  # made of digits and months only


@lru_cache(KEPT, typed=True)
def pill(state: str, text: object, icon_name: str = "") -> Markup:
    """`state` is good, warn, bad, none or brand."""
    drawn = f"{icon(icon_name)} " if icon_name else ""
    return Markup(f'<span class="pill {escape(state)}">{drawn}{escape(text)}</span>')


def outside_link(url: str | None, text: object) -> Markup:
    """A link that leaves Liaise; its words alone where there is no such address."""
    if not url or not url.startswith(("https://", "http://")):
        return escape(text)
    rel = "external noopener noreferrer"
    return Markup(f'<a href="{escape(url)}" rel="{rel}">{escape(text)}</a>')


def addresses(app: Flask) -> Callable[..., str]:
    """`url_for` for templates. An address follows from its words, so each is made once."""

    @lru_cache(KEPT, typed=True)
    def made(_root: str, endpoint: str, **values: Any) -> str:
        return app.url_for(endpoint, **values)

    def url_for(endpoint: str, **values: Any) -> str:
        # The address of another site depends on the request, and so does a shortened endpoint.
        if not has_request_context() or "_external" in values or endpoint.startswith("."):
            return app.url_for(endpoint, **values)
        try:
            return made(request.script_root, endpoint, **values)
        except TypeError:  # a list among the values cannot be looked up
            return app.url_for(endpoint, **values)

    return url_for


def init_app(app: Flask) -> None:
    app.add_template_global(when)
    app.add_template_global(pill)
    app.add_template_global(outside_link)
    app.add_template_global(addresses(app), "url_for")
