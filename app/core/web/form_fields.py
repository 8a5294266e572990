"""Fields of forms that say in words what cannot be read, and what a choice is made of."""

from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, FloatField, IntegerField, StringField, TextAreaField, TimeField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than stubs
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from app.core.from_outside import LARGEST, a_day, record_number, whole_number

SHORT = 200
LONG = 5000


def strip(value: str | None) -> str:
    return (value or "").strip()


def choices(pairs: Iterable[tuple[Any, str]]) -> list[Any]:
    return [SelectChoice(value=str(value), label=label) for value, label in pairs]


def number_or_none(value: object) -> int | None:
    """For `coerce` of a choice among records, of which none is one."""
    return None if value in (None, "") else record_number(value)


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

    def __init__(self, label: str, validators: Any = (), **kwargs: Any) -> None:
        super().__init__(label, validators or [Optional()], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if valuelist:
            self.data = a_day(" ".join(valuelist))


class TimeOfDay(TimeField):
    """A time of day, on a clock in London."""

    data: Any  # the validators of each field say what it can be

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Give a time, such as 14:30.") from error


class Within(NumberRange):
    """Says nothing of a number that could not be read: that is said already."""

    def __call__(self, form: Any, field: Any) -> None:
        if not field.process_errors:
            super().__call__(form, field)


class Whole(IntegerField):
    """A whole number within bounds, or nothing; `needed` is said where nothing will not do."""

    data: Any  # the validators of each field say what it can be

    def __init__(
        self,
        label: str = "",
        *,
        least: int = 0,
        most: int = LARGEST,
        wanted: str = "",
        needed: str = "",
        **kwargs: Any,
    ) -> None:
        self.wanted = wanted or "Enter a whole number, such as 1701655."
        beyond = wanted or f"Enter a whole number from {least:,} to {most:,}."
        present = InputRequired(needed) if needed else Optional()
        super().__init__(label, [present, Within(least, most, beyond)], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            self.data = whole_number(valuelist[0].replace(",", ""), -LARGEST)
        except ValueError as error:
            raise ValueError(self.wanted) from error


class Measure(FloatField):
    """A length or the like, which need not be whole."""

    data: Any  # the validators of each field say what it can be


def on_the_web(_: FlaskForm, field: Any) -> None:
    if field.data and not field.data.startswith(("https://", "http://")):
        raise ValidationError("Enter the whole address, beginning with https://")
