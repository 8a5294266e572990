from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs lag
from wtforms.validators import InputRequired


class ChoiceForm(FlaskForm):
    """Which meetings a feed holds."""

    meetings = RadioField(
        "Which meetings",
        choices=[
            SelectChoice("mine", "Mine: those I wrote down or am named in"),
            SelectChoice("all", "All that I may read"),
        ],
        validators=[InputRequired("Choose which meetings your calendar shows.")],
    )
