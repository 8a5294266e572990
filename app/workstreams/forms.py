"""What people fill in about a workstream."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs lag
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.from_outside import DAY_WANTED, record_number
from app.core.web.form_fields import Day, on_the_web
from app.editing.one_fact import changeable

PRECISIONS = {"day": "A day", "month": "A month", "season": "A season"}


def strip(value: str | None) -> str:
    return " ".join((value or "").split())


class Words(StringField):
    """One line, trimmed."""

    data: Any

    def __init__(self, label: str, validators: Any = (), *, most: int = 200, **more: Any) -> None:
        longest = Length(max=most, message=f"Keep this to {most} characters.")
        super().__init__(label, [*validators, longest], filters=[strip], **more)


class WorkstreamForm(FlaskForm):
    facts = changeable(
        name="name",
        purpose="purpose",
        owner_id="who looks after it",
        bodies=("departments and bodies", "further"),
    )
    name = Words("Name", [DataRequired("Enter a name, such as “Consistent identifier”.")], most=120)
    purpose = TextAreaField(
        "Purpose",
        [Length(max=5_000, message="Keep this to 5,000 characters.")],
        description="What it is to bring about. Plain words or Markdown.",
        render_kw={"rows": 5},
    )
    owner_id = SelectField("Looked after by")
    bodies = SelectMultipleField(
        "Departments and other bodies",
        coerce=record_number,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    further = Words("Another body", description="Its name or code; it is added when you save.")


class PaperForm(FlaskForm):
    title = Words("Title", [DataRequired("Enter the title.")], most=300)
    publisher = Words("Published by", description="The name or code of a body in the directory.")
    published_on = Day("Published on")
    link = Words("Link", [on_the_web], most=1000)


class KeyDateForm(FlaskForm):
    what = Words("What happens", [DataRequired("Enter what happens then.")])
    falls_on = Day(
        "When",
        [InputRequired(DAY_WANTED)],
        description="Of a month or season, any day in it.",
    )
    precision = RadioField(
        "How exactly it is known",
        choices=[SelectChoice(value, words) for value, words in PRECISIONS.items()],
        default="day",
        validators=[DataRequired("Choose how exactly the date is known.")],
    )
    source = Words("Source", description="Who says so, or a link.", most=1000)
