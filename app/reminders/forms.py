"""The shape of a rule as people type it; what is possible is for the services to say."""

import re
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired, Optional, ValidationError

from app.accounts.models import Permission
from app.core.from_outside import whole_number
from app.core.web.form_fields import Whole, Words, choices, number_or_none
from app.reminders.labels import PERMISSION_WORDS
from app.reminders.models import Days, Every, ReminderAudience
from app.reminders.services import RuleDetails

AGAIN, REST = "again", "rest"
MOST_DAYS = 9_999
BREAKS = re.compile(r"[\s,;]+|\band\b")


class Numbers(Words):
    """Whole numbers, with commas or spaces between: "28, 14 and 3"."""

    @property
    def numbers(self) -> list[int]:
        return sorted({whole_number(one, most=MOST_DAYS) for one in self._parts()}, reverse=True)

    def pre_validate(self, _: Any) -> None:
        try:
            _ = self.numbers
        except ValueError:
            raise ValidationError(
                "Give whole numbers with commas between, such as 28, 14, 3."
            ) from None

    def _parts(self) -> list[str]:
        return [one for one in BREAKS.split(self.data or "") if one]


class AgainForm(FlaskForm):
    """After a date moved: whether reminders begin again."""

    reminders = RadioField(
        "Reminders",
        choices=choices(
            [
                (AGAIN, "Begin again for the new day"),
                (REST, "Send only those not sent yet"),
            ]
        ),
        validators=[InputRequired("Choose whether reminders begin again for the new day.")],
    )
    asked_for = HiddenField()  # the day the question was about: for another it is asked again


class RuleForm(FlaskForm):
    about = SelectField(
        "Reminds of", validators=[InputRequired("Choose a milestone or a yearly duty.")]
    )
    before = Numbers("Days before", description="As many as you like, such as 28, 14, 3.")
    on_the_day = BooleanField("And on the day itself")
    after = Numbers("Days after", description="Such as 5. Left empty, none.")
    days = RadioField(
        "Counted in",
        choices=choices(
            [
                (Days.WORKING.value, "Working days"),
                (Days.CALENDAR.value, "Days on the calendar, moved off weekends and holidays"),
            ]
        ),
        default=Days.WORKING.value,
    )
    repeat_every = Whole(
        "Then every",
        description="Until it is met. Left empty, never.",
        wanted="Give a whole number, such as 5.",
    )
    repeat_unit = SelectField(
        "days, weeks or months",
        choices=choices((one.value, one.value) for one in Every),
        default=Every.DAYS.value,
    )
    audience = RadioField(
        "Who is reminded",
        choices=choices(
            [
                (
                    ReminderAudience.OWNER.value,
                    "Each body’s owner; the coordinators where there is none",
                ),
                (ReminderAudience.PERSON.value, "One person"),
                (ReminderAudience.PERMISSION.value, "Everybody with a permission"),
            ]
        ),
        default=ReminderAudience.OWNER.value,
    )
    user_id = SelectField("The person", coerce=number_or_none, validators=[Optional()])
    permission = SelectField(
        "Those who",
        choices=choices((one.value, words) for one, words in PERMISSION_WORDS.items()),
        default=Permission.COORDINATE.value,
    )
    at_time = Words(
        "At",
        [InputRequired("Give a time, such as 08:30.")],
        description="London time, such as 08:30.",
    )
    catch_up_days = Whole(
        "Send late reminders for up to … working days",
        description="If Liaise was not running on the day. After that they are listed as missed.",
        wanted="Give a number of working days, such as 3.",
        needed="Give a number of working days, such as 3.",
    )
    form_token = HiddenField()
    previewed = HiddenField()  # what the preview was of: nothing else is kept without another look

    def described(self) -> RuleDetails:
        before, after = self.before.numbers, self.after.numbers
        audience = ReminderAudience(self.audience.data)
        every = self.repeat_every.data
        return RuleDetails(
            offsets=(
                *(-one for one in before if one),
                *((0,) if self.on_the_day.data or 0 in before else ()),
                *(one for one in reversed(after) if one),
            ),
            days=Days(self.days.data),
            repeat_every=every,
            repeat_unit=Every(self.repeat_unit.data) if every is not None else None,
            at_time=self.at_time.data,
            audience=audience,
            user_id=self.user_id.data if audience is ReminderAudience.PERSON else None,
            permission=Permission(self.permission.data)
            if audience is ReminderAudience.PERMISSION
            else None,
            catch_up_days=self.catch_up_days.data or 0,
        )


def typed(described: RuleDetails) -> dict[str, Any]:
    """The fields of a form that say so."""
    before = sorted((-one for one in described.offsets if one < 0), reverse=True)
    after = sorted(one for one in described.offsets if one > 0)
    return {
        "before": ", ".join(map(str, before)),
        "on_the_day": 0 in described.offsets,
        "after": ", ".join(map(str, after)),
        "days": described.days.value,
        "repeat_every": described.repeat_every,
        "repeat_unit": (described.repeat_unit or Every.DAYS).value,
        "audience": described.audience.value,
        "user_id": described.user_id,
        "permission": (described.permission or Permission.COORDINATE).value,
        "at_time": described.at_time,
        "catch_up_days": described.catch_up_days,
    }
