"""What is asked about paper: which letters to print, when they were posted, why one came back."""

from secrets import token_hex

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs lag
from wtforms.validators import AnyOf, InputRequired, Length

from app.core.web.form_fields import Day

NEW, AGAIN, TICKED = "new", "all", "ticked"
BOTH_SIDES, ONE_SIDE = "both", "one"


class PrintForm(FlaskForm):
    form_token = HiddenField(default=lambda: token_hex(16))
    # A choice that has gone since, for everything was printed meanwhile, is refused in words of the
    # field; and a form sent twice leads to the one file that it asked for.
    which = RadioField(
        "Which letters",
        validators=[
            InputRequired("Choose which letters."),
            AnyOf((NEW, AGAIN, TICKED), message="Choose which letters."),
        ],
        validate_choice=False,
    )
    sides = RadioField(
        "The printer prints",
        choices=[
            SelectChoice(
                BOTH_SIDES,
                "on both sides: a letter with an odd number of pages is followed by an empty one",
            ),
            SelectChoice(ONE_SIDE, "on one side"),
        ],
        default=BOTH_SIDES,
        validators=[InputRequired("Choose how the printer prints.")],
    )


class PostedForm(FlaskForm):
    which = RadioField(
        "Which letters",
        choices=[
            SelectChoice(AGAIN, "all of this file that are printed"),
            SelectChoice(TICKED, "those ticked below"),
        ],
        default=AGAIN,
        validators=[InputRequired("Choose which letters.")],
    )
    posted_on = Day(
        "When they were posted", validators=[InputRequired("Give the day they were posted.")]
    )


class CameBackForm(FlaskForm):
    returned_on = Day("When it came back", validators=[InputRequired("Give the day it came back.")])
    why = StringField(
        "Why",
        description="As the envelope says: addressee gone away, address incomplete, refused.",
        validators=[
            InputRequired("Say why it came back, as the envelope says."),
            Length(max=200, message="Keep this to 200 characters."),
        ],
    )
