from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    HiddenField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs lag
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget


class InteractionForm(FlaskForm):
    """A note or a call: what, when, with whom."""

    kind = RadioField(
        "What was it?",
        choices=[SelectChoice("note", "A note"), SelectChoice("call", "A call")],
        default="note",
        validators=[InputRequired("Choose whether this was a note or a call.")],
    )
    happened_on = DateField(
        "When",
        description="Any day up to today. For a call, the day it took place.",
        validators=[InputRequired("Give a date, such as 12 11 2026.")],
    )
    subject = StringField(
        "In a line",
        description="Optional. What a colleague should see first.",
        validators=[Length(max=200, message="Keep this to 200 characters.")],
    )
    body = TextAreaField(
        "What happened",
        description="Plain words or Markdown. No details of patients or of children.",
        validators=[InputRequired("Write what happened, in a line or more.")],
    )
    people = SelectMultipleField(
        "Who was involved",
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    form_token = HiddenField()
