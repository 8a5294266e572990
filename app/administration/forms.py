"""The shapes of what an administrator fills in. Limits stand beside the words that explain them."""

import re

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, Field, Form, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, StopValidation, ValidationError

from app.core.web.form_fields import Day, Measure, Whole

ADDRESS = re.compile(r"[^@\s<>,;\"()]+@[^@\s<>,;\"()]+\.[^@\s<>,;\"().]+")


def trimmed(value: str | None) -> str:
    return (value or "").strip()


def one_line(_: Form, field: Field) -> None:
    if not (field.data or "").isprintable():
        raise ValidationError("Write this on one line, without control characters.")


def email_address(_: Form, field: Field) -> None:
    if not field.data:
        raise StopValidation()
    if not ADDRESS.fullmatch(field.data) or not field.data.isprintable():
        raise StopValidation("Write an email address, such as name@example.org.")


def web_address(_: Form, field: Field) -> None:
    if not field.data:
        raise StopValidation()
    if not re.fullmatch(r"https?://[^\s/\"<>]+\S*", field.data):
        raise StopValidation("Write a whole web address, beginning with https://.")


class OneThing(TextAreaField):
    """Lines of which none means anything without the others."""

    is_one_thing = True


class GroupForm(FlaskForm):
    group_name = StringField(
        "Name of the group",
        description="As it appears under your letters.",
        filters=[trimmed],
        validators=[InputRequired("Give the name of the group."), Length(max=200), one_line],
    )
    postal_address = OneThing(
        "Postal address",
        description="Whoever writes a letter has to say where an answer on paper reaches them.",
        filters=[trimmed],
        validators=[InputRequired("Give a postal address."), Length(max=500)],
        render_kw={"rows": 5},
    )


class AddressesForm(FlaskForm):
    from_name = StringField(
        "From name",
        description="What people see as the sender. Left empty, it is the name of the group.",
        filters=[trimmed],
        validators=[Length(max=100), one_line],
    )
    from_email = StringField(
        "From address",
        description="An address at the domain your mail server may send for.",
        filters=[trimmed],
        validators=[InputRequired("Give the From address."), Length(max=200), email_address],
        render_kw={"inputmode": "email", "autocomplete": "off"},
    )
    reply_to = StringField(
        "Reply-To address",
        description="The mailbox a person of yours reads. Answers and objections arrive there.",
        filters=[trimmed],
        validators=[InputRequired("Give the Reply-To address."), Length(max=200), email_address],
        render_kw={"inputmode": "email", "autocomplete": "off"},
    )
    opt_out_line = TextAreaField(
        "Opt-out line",
        description="At the end of every letter: how to ask not to be written to. "
        "Plain words, no link to follow.",
        filters=[trimmed],
        validators=[
            InputRequired("Every letter has to say how to opt out. Write that line."),
            Length(max=500),
        ],
        render_kw={"rows": 2},
    )


class PrivacyForm(FlaskForm):
    privacy_notice = TextAreaField(
        "Privacy notice",
        description="Markdown. Fill in what is in square brackets: until then it "
        "is kept as a draft, and not published. This is not legal advice.",
        filters=[trimmed],
        validators=[Length(max=50_000)],
        render_kw={"rows": 24},
    )
    privacy_url = StringField(
        "Or the address of a notice you publish elsewhere",
        description="When this is given, letters link to it, and the page here sends people on.",
        filters=[trimmed],
        validators=[Length(max=500), web_address],
        render_kw={"inputmode": "url", "autocomplete": "off"},
    )


class LogoForm(FlaskForm):
    logo = FileField(
        "Picture",
        description="PNG or JPEG, at most 500 kB and 4,000 pixels a side.",
        validators=[FileRequired("Choose a PNG or JPEG file first.")],
        render_kw={"accept": ".png,.jpg,.jpeg,image/png,image/jpeg"},
    )


def number(label: str, description: str, least: int, most: int) -> Whole:
    wanted = f"Give a whole number from {least} to {most}."
    return Whole(
        label,
        least=least,
        most=most,
        wanted=wanted,
        needed=wanted,
        description=description,
        render_kw={"inputmode": "numeric"},
    )


class NumbersForm(FlaskForm):
    hold_minutes = number(
        "Hold, in minutes",
        "How long a released mailing waits, with a Stop button, before the first letter leaves. "
        "0 to 60.",
        0,
        60,
    )
    letters_a_minute = number(
        "Letters a minute",
        "How fast letters leave. Exchange Online accepts 30 a minute; ask whoever runs your mail "
        "server before going higher. 1 to 600.",
        1,
        600,
    )
    approval_hours = number(
        "Approval lapses after, in hours",
        "Letters that have not left this long after the hold ended need approval again. 1 to 168.",
        1,
        168,
    )
    single_letter_by_author = BooleanField(
        "The author may release a single letter",
        description="Off: every letter needs a second person. "
        "A mailing to two or more always does.",
    )
    replies_carry_reference = BooleanField(
        "Put each letter’s reference into its Reply-To address",
        description="On: answers go to an address such as replies+abcde@example.org, by which "
        "they can be told apart. Untick it if your mailbox does not take mail with a plus sign.",
    )
    recent_days = number(
        "Recent letter, in days",
        "Somebody we wrote to within this time is left out of a mailing unless the writer puts "
        "them back. 0 to 365; 0 leaves nobody out.",
        0,
        365,
    )
    unchecked_warning_days = number(
        "Check page warns after, in days",
        "The check page of a mailing warns about a lead whom nobody has checked for longer than "
        "this. The lists of leads to check again are another matter: they begin after 90 days, "
        "whatever stands here. 30 to 730.",
        30,
        730,
    )
    max_attachment_kb = number(
        "Largest total of attachments, in kB",
        "All attachments of one letter together. Mail grows by a third on the way, and many "
        "servers refuse more than 10,000 kB. 0 to 20,000.",
        0,
        20_000,
    )


class ClosedDaysForm(FlaskForm):
    first = Day(
        "Day",
        validators=[InputRequired("Give the day, such as 29 December 2026.")],
        description="A day, such as 29 December 2026.",
    )
    last = Day("Until", description="The last of several days.")
    why = StringField(
        "Why",
        description="Such as “Between the years”.",
        filters=[trimmed],
        validators=[InputRequired("Say why, in a word or two."), Length(max=200), one_line],
    )


class QuietForm(FlaskForm):
    reason = StringField(
        "Why mail is held",
        description="Everybody who wants to send reads this, for instance "
        "“Pre-election period until 6 May 2027”.",
        filters=[trimmed],
        validators=[InputRequired("Say why mail is held."), Length(max=200), one_line],
    )


class OutwardForm(FlaskForm):
    """Nothing but the token: its errors say why a switch or a tick was refused."""


def millimetres(label: str, description: str) -> Measure:
    return Measure(
        label,
        description=description,
        validators=[
            InputRequired("Give a number of millimetres, such as 24.6."),
            NumberRange(0, 297, "Give a number of millimetres on a sheet of A4: 0 to 297."),
        ],
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )


class WindowForm(FlaskForm):
    left = millimetres("Left, in mm", "From the left edge of the sheet to the window.")
    top = millimetres("Top, in mm", "From the upper edge of the sheet to the window.")
    width = millimetres("Width, in mm", "At least 75.")
    height = millimetres("Height, in mm", "At least 24: an address has up to seven lines.")
