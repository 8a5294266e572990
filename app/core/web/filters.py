"""How dates, times and numbers are written on a page."""

from datetime import date, datetime

from flask import Flask

from app.core import clock
from app.core.text.markdown import safe_html


def on_day(value: date | None) -> str:
    """12 November 2026"""
    return "" if value is None else f"{value.day} {value:%B %Y}"


def short_day(value: date | None) -> str:
    """12 Nov 2026"""
    return "" if value is None else f"{value.day} {value:%b %Y}"


def weekday(value: date) -> str:
    """Thursday 12 November 2026"""
    return f"{value:%A} {on_day(value)}"


def london(value: datetime) -> datetime:
    return value.astimezone(clock.LONDON)


def short_weekday(value: date) -> str:
    """Thu 12 Nov 2026"""
    return f"{value:%a} {short_day(value)}"


def at_time(value: datetime | None) -> str:
    """12 Nov 2026, 09:05, as a clock in London shows it"""
    if value is None:
        return ""
    local = london(value)
    return f"{short_day(local.date())}, {local:%H:%M}"


def clock_time(value: datetime) -> str:
    """09:05"""
    return f"{london(value):%H:%M}"


def iso(value: date | datetime) -> str:
    """For the datetime attribute of <time>."""
    return london(value).isoformat("T", "seconds") if isinstance(value, datetime) else f"{value}"


def plural(count: int, one: str, many: str = "") -> str:
    """1 letter, 2 letters, 1,000 boxes"""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def ago(value: date | datetime, today: date | None = None) -> str:
    """today, yesterday, 3 days ago; tomorrow, in 3 days"""
    day = london(value).date() if isinstance(value, datetime) else value
    days = ((today or clock.today()) - day).days
    near = {0: "today", 1: "yesterday", -1: "tomorrow"}
    if days in near:
        return near[days]
    return f"{plural(days, 'day')} ago" if days > 0 else f"in {plural(-days, 'day')}"


def cut(words: str, longest: int) -> str:
    """The beginning of a text on one line; a mark says that there is more."""
    line = " ".join(words.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def lower_first(words: str) -> str:
    """As within a sentence: "phone" of "Phone"; "ODS code" stays."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def percent(part: int, whole: int) -> int:
    return 0 if whole == 0 else round(100 * part / whole)


def init_app(app: Flask) -> None:
    for shown_as in (
        on_day,
        short_day,
        weekday,
        short_weekday,
        at_time,
        clock_time,
        iso,
        ago,
        lower_first,
    ):
        app.add_template_filter(shown_as)
    app.add_template_filter(safe_html, "markdown")
    app.add_template_global(plural)
    app.add_template_global(percent)
    app.add_template_global(clock.today, "today")
