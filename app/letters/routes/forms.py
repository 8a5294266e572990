from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs lag
from wtforms.validators import Email, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.from_outside import record_number
from app.core.web.form_fields import Whole
from app.letters.chasers.proposing import MOST_DAYS, USUAL_DAYS
from app.letters.content.field_language import MAX_TEMPLATE
from app.letters.content.rendering import MAX_SUBJECT
from app.letters.models import CcRule
from app.letters.recipients.audience import SendBy


class TemplateForm(FlaskForm):
    """The words of a letter."""

    name = StringField(
        "Name of the template",
        validators=[
            InputRequired("Give the template a name, such as “Offer of support”."),
            Length(max=120, message="Keep the name to 120 characters."),
        ],
    )
    purpose = StringField(
        "What it is for, in a line",
        validators=[Length(max=200, message="Keep this to 200 characters.")],
    )
    subject = StringField(
        "Subject",
        validators=[
            InputRequired("Give the letter a subject."),
            Length(max=MAX_SUBJECT, message=f"Keep the subject to {MAX_SUBJECT} characters."),
        ],
    )
    body = TextAreaField(
        "Letter",
        description="Type it as you would an email: a new line stays a new line, and • or - makes "
        "a list. Markdown works too. A field is written ((name)); a paragraph that may be left out "
        "begins with ((if name)) and ends with ((end)).",
        validators=[
            InputRequired("Write the letter."),
            Length(max=MAX_TEMPLATE, message=f"Keep it under {MAX_TEMPLATE:,} characters."),
        ],
    )
    reader = SelectField("Preview for", choices=[], validate_choice=False)


class SignatoryForm(FlaskForm):
    name = StringField(
        "Name",
        description="As it appears below a letter.",
        validators=[InputRequired("Give the name of whoever signs."), Length(max=120)],
    )
    job_title = StringField("Job title", validators=[Length(max=160)])
    organisation = StringField("Organisation", validators=[Length(max=160)])


class SignatureForm(FlaskForm):
    picture = FileField(
        "Picture of the signature",
        description="PNG or JPEG, on white or see-through. At most 500 kB and 4,000 pixels a side.",
        validators=[FileRequired("Choose a PNG or JPEG file first.")],
        render_kw={"accept": ".png,.jpg,.jpeg,image/png,image/jpeg"},
    )


CC_WORDS = {
    CcRule.CHAIR: "the chair of each board it names",
    CcRule.CHIEF_EXECUTIVE: "the chief executive of each board it names",
    CcRule.BOTH: "the chair and the chief executive of each board it names",
    CcRule.NOBODY: "nobody",
}


class MailingForm(FlaskForm):
    """The first step: which words, signed by whom, with copies to whom."""

    name = StringField(
        "What we call this mailing",
        description="For ourselves; readers do not see it.",
        validators=[
            InputRequired("Give the mailing a name, such as “Offer of support, winter 2026”."),
            Length(max=120, message="Keep the name to 120 characters."),
        ],
    )
    template = SelectField(
        "Template", coerce=record_number, validators=[InputRequired("Choose a template.")]
    )
    newest_words = BooleanField("Use the template’s newest words")
    signatory = SelectField(
        "Signed by", coerce=record_number, validators=[InputRequired("Choose who signs.")]
    )
    reply_to = StringField(
        "Answers go to",
        description="Leave blank for the group’s own address.",
        validators=[
            Optional(),
            Email("Give an address such as name@example.org, or leave this blank."),
        ],
    )
    cc_rule = RadioField(
        "Copies of each letter go to",
        description="Openly: in the letter, and in its Cc line. Where no name is known, no copy "
        "goes, and the check says so.",
        choices=[SelectChoice(rule.value, words) for rule, words in CC_WORDS.items()],
        default=CcRule.CHAIR.value,
    )
    form_token = HiddenField()


BY_WORDS = {
    SendBy.EMAIL: "By email",
    SendBy.EMAIL_OR_POST: "By email, and by post to those without a working address",
    SendBy.POST: "By post",
    SendBy.BOTH: "By email and by post",
}


class AudienceForm(FlaskForm):
    """The second step: whom it is for, and how it goes."""

    how = RadioField(
        "Who gets this letter",
        choices=[
            SelectChoice("posts", "Everyone in a role, for example every ICB’s children’s lead"),
            SelectChoice("bodies", "The role at particular organisations"),
            SelectChoice("people", "Particular people"),
        ],
        default="posts",
    )
    post_type = SelectField("Post", choices=[])
    kind = SelectField("At every", choices=[])
    region = SelectField("In region", choices=[])
    lead_state = RadioField(
        "Where the holder is not known",
        choices=[
            SelectChoice("all", "send via the chair’s or chief executive’s office"),
            SelectChoice("known", "skip those boards"),
            SelectChoice("unknown", "write only to those boards"),
        ],
        default="all",
    )
    owner = SelectField("Looked after by", choices=[])
    send_lead_stands_in = BooleanField(
        "The executive lead for SEND may stand in, before the chair’s office"
    )
    by = RadioField(
        "How it goes",
        description="On paper it goes to the reader’s own postal address, or else to that of the "
        "body. You print and post those letters once they are approved.",
        choices=[SelectChoice(by.value, words) for by, words in BY_WORDS.items()],
        default=SendBy.EMAIL.value,
    )
    organisations = SelectMultipleField(
        "Bodies",
        coerce=record_number,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )
    people = SelectMultipleField(
        "People",
        coerce=record_number,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )


class ChaseForm(FlaskForm):
    """After how long somebody silent is to be reminded, and in which words."""

    after_days = Whole(
        "Working days without a reply",
        description="Counted from the day the last letter went, without weekends, England’s bank "
        "holidays and the days on which our offices are shut.",
        default=USUAL_DAYS,
        least=1,
        most=MOST_DAYS,
        wanted=f"Give a number of working days from 1 to {MOST_DAYS}.",
        needed="Give a number of working days, such as 10.",
    )
    template = SelectField("Words of the chaser", coerce=record_number)


class AttachmentForm(FlaskForm):
    file = FileField("Attach a file")


class ReasonForm(FlaskForm):
    """A decision about a row or a mailing, with its reason."""

    decision = HiddenField()
    reason = StringField("Reason", validators=[Length(max=300)])
