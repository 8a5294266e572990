"""What is written down by hand: an answer to a letter, and a letter that went outside Liaise."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs lag
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.from_outside import record_number
from app.core.web.form_fields import Day
from app.letters.content.attachments import ACCEPTED
from app.letters.models import LetterKind
from app.letters.tracking.external_letters import CHANNELS


class AnswerForm(FlaskForm):
    """When they answered, who, and what they said."""

    answered_on = Day(
        "When they answered", validators=[InputRequired("Give the day they answered.")]
    )
    answered_by = StringField(
        "Who answered",
        description="The lead, an assistant, the chair’s office: whoever it was.",
        validators=[
            InputRequired("Say who answered: the lead, an assistant, the chair’s office."),
            Length(max=200, message="Keep this to 200 characters."),
        ],
    )
    said = TextAreaField(
        "What they said",
        description="In a line, or their own words. Plain words or Markdown.",
        validators=[Optional()],
    )


class BounceForm(FlaskForm):
    """Which address sent it back, when and why."""

    which = SelectMultipleField(
        "Which address sent it back",
        coerce=record_number,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    bounced_on = Day("When it bounced", [InputRequired("Enter the day it bounced.")])
    why = StringField(
        "Why",
        description="As the message that came back says: no such mailbox, mailbox full.",
        validators=[
            InputRequired("Say why it bounced, as the message that came back says."),
            Length(max=200, message="Keep this to 200 characters."),
        ],
    )


class OutsideLetterForm(FlaskForm):
    """A letter that went without Liaise: when, how, to whom, about what."""

    sent_on = Day("When it went", validators=[InputRequired("Give the day it went.")])
    kind = RadioField(
        "Kind",
        choices=[SelectChoice(kind.value, kind.words) for kind in LetterKind],
        default=LetterKind.LETTER.value,
        validators=[InputRequired("Choose what kind of letter it was.")],
    )
    channel = RadioField(
        "How it went",
        choices=[SelectChoice(value, words) for value, words in CHANNELS.items()],
        default="post",
        validators=[InputRequired("Choose how it was sent.")],
    )
    person = SelectField("To whom", coerce=record_number)
    addressee = StringField(
        "Or to somebody not listed",
        description="As it stood on the letter, such as “The Chair”.",
        validators=[Length(max=200, message="Keep this to 200 characters.")],
    )
    subject = StringField(
        "What it was about",
        validators=[
            InputRequired("Say in a line what the letter was about."),
            Length(max=200, message="Keep this to 200 characters."),
        ],
    )
    also = SelectMultipleField(
        "Other boards the same letter was to",
        coerce=record_number,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    words = TextAreaField(
        "Its words",
        description="Paste them here, or add the letter as a file.",
        validators=[Optional()],
    )
    answer_by = Day(
        "An answer is expected by",
        [Optional()],
        description="On that day it is on your list as a follow-up.",
    )
    scan = FileField("The letter itself", description=f"A file: {ACCEPTED}.")
