"""What the form macros must know about a field that a template cannot find out."""

from collections.abc import Iterable, Mapping

from wtforms import BooleanField, Field, IntegerField
from wtforms.fields import DateField, DateTimeField, DecimalField, HiddenField, TimeField
from wtforms.fields.choices import SelectFieldBase
from wtforms.widgets import ListWidget


def kind_of(field: Field) -> str:
    """hidden, group, tick, select, date, number or text: how the field is laid out."""
    if isinstance(field, SelectFieldBase):
        return "group" if isinstance(field.widget, ListWidget) else "select"
    for kind, classes in (
        ("hidden", HiddenField),
        ("tick", BooleanField),
        ("date", (DateField, DateTimeField, TimeField)),
        ("number", (IntegerField, DecimalField)),
    ):
        if isinstance(field, classes):
            return kind
    return "text"


def messages_of(errors: object) -> list[str]:
    """The sentences in a form's errors, however deep: fields within fields nest theirs."""
    if isinstance(errors, Mapping):
        return [words for inner in errors.values() for words in messages_of(inner)]
    if isinstance(errors, Iterable) and not isinstance(errors, str):
        return list(dict.fromkeys(words for inner in errors for words in messages_of(inner)))
    return [str(errors)]
