"""Made-up material for the style page: forms in every state, and a list of a few rows."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from wtforms import BooleanField, Form, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs lag
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.web.form_fields import Day
from app.core.web.lists import Column, Filter, FilterKind, Found, ListView, find_among

CHOICES = [
    SelectChoice("one", "Coordinate"),
    SelectChoice("two", "Approve"),
    SelectChoice("three", "Review"),
]
WRONG = "Give an address like name@example.org."


class SampleForm(Form):
    """Never sent: its fields are looked at only."""

    name = StringField("Name of the board", [InputRequired()])
    email = StringField("Email", [InputRequired()], description="The one they read themselves.")
    day = Day("Day")
    kind = SelectField("Kind", choices=CHOICES)
    words = TextAreaField("Note")
    ticked = BooleanField("They may be named")
    one = RadioField("Who is told", choices=CHOICES)
    many = SelectMultipleField(
        "Permissions",
        choices=CHOICES,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


def form(prefix: str) -> SampleForm:
    made = SampleForm(prefix=prefix)
    made.name.data = "Sampleshire Integrated Care Board"
    made.email.data = "sample(at)example.org"
    made.day.data = date(2026, 11, 24)
    made.kind.data = made.one.data = "two"
    made.many.data = ["one", "three"]
    made.ticked.data = True
    made.email.errors = [WRONG]
    made.many.errors = ["Choose at least two."]
    return made


@dataclass(frozen=True)
class SampleRow:
    """A line of the list that is shown as an example."""

    id: int
    name: str
    region: str
    letters: int


ROWS = [
    SampleRow(number, f"Sample board {number}", ("North", "South")[number % 2], number * 7 % 5)
    for number in range(1, 8)
]


def listing(theme: str, asked: dict[str, str]) -> Found:
    """In three pages; the names of its filters differ by theme, as both are on one page."""
    view = ListView(
        "Sample boards",
        [
            Column("name", "Board", lambda row: row.name, sort=lambda row: row.name),
            Column("region", "Region", lambda row: row.region, sort=lambda row: row.region),
            Column("letters", "Letters", lambda row: row.letters, numeric=True),
        ],
        [
            Filter(f"{theme}-q", "Name", FilterKind.TEXT, _named),
            Filter(
                f"{theme}-region",
                "Region",
                FilterKind.CHOICE,
                lambda wanted: lambda row: row.region == wanted,
                [("North", "North"), ("South", "South")],
            ),
            Filter(
                f"{theme}-none", "No letter yet", FilterKind.BOOL, lambda _: lambda r: not r.letters
            ),
        ],
        default_sort="name",
        per_page=3,
    )
    return find_among(ROWS, view.read(asked))


def _named(wanted: Any) -> Any:
    return lambda row: wanted.lower() in row.name.lower()
