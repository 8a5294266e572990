"""Fields of forms that say in words what cannot be read, and what a choice is made of."""

from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than stubs
from wtforms.validators import Length, NumberRange, Optional, ValidationError

SHORT = 200
LONG = 5000


def strip(value: str | None) -> str:
    return (value or "").strip()


def choices(pairs: Iterable[tuple[Any, str]]) -> list[Any]:
    return [SelectChoice(value=str(value), label=label) for value, label in pairs]


def number_or_none(value: str | None) -> int | None:
    return int(value) if value else None


class Words(StringField):
    """One line, trimmed."""

    data: Any  # the validators of each field say what it can be

    def __init__(self, label: str, validators: Any = (), limit: int = SHORT, **kwargs: Any) -> None:
        longest = Length(max=limit, message=f"Keep this to {limit} characters.")
        super().__init__(label, [*validators, longest], filters=[strip], **kwargs)


class Text(TextAreaField):
    """Several lines, trimmed."""

    data: Any  # the validators of each field say what it can be

    def __init__(self, label: str, validators: Any = (), **kwargs: Any) -> None:
        longest = Length(max=LONG, message=f"Keep this to {LONG:,} characters.")
        kwargs.setdefault("render_kw", {"rows": 4})
        super().__init__(label, [*validators, longest], filters=[strip], **kwargs)


class PostalAddressField(Text):
    """Lines of which none means anything without the others: two half addresses make none."""

    is_one_thing = True


class Day(DateField):
    """A day; what cannot be read is said in words that help."""

    data: Any  # the validators of each field say what it can be

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Enter a date, such as 31 March 2026 or 2026-03-31.") from error

    def __init__(self, label: str, validators: Any = (), **kwargs: Any) -> None:
        wanted = validators or [Optional()]
        formats = ["%Y-%m-%d", "%d/%m/%Y", "%d %B %Y", "%d %b %Y"]
        super().__init__(label, wanted, format=formats, **kwargs)


class Whole(IntegerField):
    """A whole number, or nothing."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([value.replace(",", "") for value in valuelist])
        except ValueError as error:
            raise ValueError("Enter a whole number, such as 1701655.") from error

    def __init__(self, label: str, **kwargs: Any) -> None:
        limits = NumberRange(0, 2_000_000_000, "Enter a number that is not below 0.")
        super().__init__(label, [Optional(), limits], **kwargs)


def on_the_web(_: FlaskForm, field: Any) -> None:
    if field.data and not field.data.startswith(("https://", "http://")):
        raise ValidationError("Enter the whole address, beginning with https://")
