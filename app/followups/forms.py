"""What people fill in about follow-ups; what is possible is for the services to say."""

from collections.abc import Collection
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Optional,
    ValidationError,
)

from app.core import working_days
from app.core.web.form_fields import Day, Text, Whole, Words, choices, number_or_none
from app.core.working_days import WorkingDay
from app.editing.one_fact import changeable
from app.followups.models import Priority, Repeats

PRIORITIES = [(one.value, one.value.capitalize()) for one in Priority]


class DueForm(FlaskForm):
    """A day, or so many working days from today."""

    due_on = Day("Due on", description="A day, such as 12 12 2026.", validators=[Optional()])
    working_days = Whole(
        "Or in … working days",
        most=260,
        wanted="Give a number of working days from 0 to 260.",
        description="From today; weekends, bank holidays and your closed days do not count.",
    )

    def day(self, on: date, closed: Collection[date]) -> WorkingDay | None:
        """The day asked for; none, with a sentence on the form, where it is not one day."""
        count, due_on = self.working_days.data, self.due_on.data
        if self.due_on.errors or self.working_days.errors:
            return None
        if (count is None) == (due_on is None):
            self.due_on.errors = [
                "Give a day, or a number of working days."
                if count is None
                else "Give a day or a number of working days, not both."
            ]
            return None
        if due_on:
            return WorkingDay(due_on, bank_holidays_known=True)
        return working_days.add(on, count or 0, closed)


class BodyForm(FlaskForm):
    """One body, found by its name: there are too many for a list."""

    organisation_q = Words("Find one by its name")
    trouble = ""  # why what was typed leads to no one body, once it was looked up

    def validate_organisation_q(self, _: Any) -> None:
        if self.trouble:
            raise ValidationError(self.trouble)


class FollowUpForm(BodyForm, DueForm):
    facts = changeable(
        what="what is to be done",
        due_on="due date",
        owner_id="owner",
        priority="priority",
        waiting_on_them="whether we wait for them",
        organisation_id=("organisation", "organisation_q"),
        repeats="how it repeats",
        details="details",
    )
    what = Words(
        "What is to be done",
        [DataRequired("Say what is to be done, in a line.")],
        limit=500,
        description="In a line, such as “Send the asthma evidence pack”.",
    )
    owner_id = SelectField(
        "Owner", coerce=number_or_none, validators=[InputRequired("Choose who of us does it.")]
    )
    priority = RadioField("Priority", choices=choices(PRIORITIES), default=Priority.NORMAL.value)
    waiting_on_them = BooleanField(
        "We are waiting on them", description="They owe it; the owner asks after it."
    )
    organisation_id = SelectField("About", coerce=number_or_none, validators=[Optional()])
    repeats = SelectField(
        "Repeats",
        choices=choices((one.value, one.value.capitalize()) for one in Repeats),
        default=Repeats.NEVER.value,
        description="The next one is made when one is done.",
    )
    details = Text("Details", description="Plain words or Markdown.")
    form_token = HiddenField()
    back = HiddenField()


class SnoozeForm(DueForm):
    """The day on which it comes back."""

    due_on = Day("Put off until", validators=[Optional()])
    reason = Words(
        "Why it can wait",
        [DataRequired("Say why it can wait, in a few words.")],
        description="Such as “She is on leave until March”.",
    )
    back = HiddenField()


class DropForm(FlaskForm):
    became = RadioField(
        "What became of the promise",
        choices=choices([("broken", "It was broken"), ("withdrawn", "It was withdrawn")]),
        validators=[Optional()],
    )
    reason = Words("Why", [DataRequired("Say why it is dropped, in a few words.")], limit=500)
    back = HiddenField()


class BulkForm(DueForm):
    """What to do to those that were ticked."""

    act = RadioField(
        "What to change",
        choices=choices([("owner", "Give them to"), ("due", "Move them to a day")]),
        validators=[InputRequired("Choose what to change.")],
    )
    owner_id = SelectField("New owner", coerce=number_or_none, validators=[Optional()])
    which = RadioField(
        "Which",
        choices=choices([("ticked", "Those ticked"), ("all", "All that match")]),
        default="ticked",
    )
    confirmed = HiddenField()
    form_token = HiddenField()
    back = HiddenField()


def offer_users(field: Any, users: Any, *, first: str = "") -> None:
    start = [("", first)] if first else []
    field.choices = choices([*start, *((user.id, user.name) for user in users)])


def offer_bodies(field: Any, bodies: Any, *, first: str = "No organisation") -> None:
    field.choices = choices([("", first), *((body.id, body.name) for body in bodies)])
