"""How somebody wants to be told: what, how and when."""

from collections.abc import Mapping

from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, SelectMultipleField, ValidationError
from wtforms.fields import Field
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs lag
from wtforms.widgets import CheckboxInput, ListWidget

from app.notifications.hours import WEEKDAYS, Hours
from app.notifications.labels import KINDS, MAIL_WORDS
from app.notifications.models import Event, MailedBy, NotificationChoice, usual
from app.notifications.services import ChosenWays

MORNINGS = [f"{hour:02}:{minute:02}" for hour in range(6, 19) for minute in (0, 30)]
HOURS = ["", *(f"{hour:02}:00" for hour in range(24))]


def _times(times: list[str]) -> list[SelectChoice]:
    return [SelectChoice(time, time or "no quiet hours") for time in times]


class HowToldForm(FlaskForm):
    """The fields of each kind of event are added below: a bell, and when to mail."""

    digest_at = SelectField("Morning email", choices=_times(MORNINGS))
    quiet_weekdays = SelectMultipleField(
        "No emails on",
        description="There is never a morning email on weekends, bank holidays and days when the "
        "group’s offices are shut. Emails sent straight away wait for the next day.",
        choices=[SelectChoice(day, day.capitalize()) for day in WEEKDAYS],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    quiet_from = SelectField("Quiet from", choices=_times(HOURS))
    quiet_until = SelectField("Quiet until", choices=_times(HOURS))

    def validate_quiet_until(self, field: Field) -> None:
        if bool(field.data) != bool(self.quiet_from.data):
            raise ValidationError("Give both ends of your quiet hours, or neither.")
        if field.data and field.data == self.quiet_from.data:
            raise ValidationError("Quiet hours begin and end at different times.")

    def choices(self) -> dict[Event, ChosenWays]:
        return {
            kind.event: ChosenWays(
                bell=bool(self[kind.bell_field].data) if kind.has_bell else True,
                mail=MailedBy(self[kind.mail_field].data),
            )
            for kind in KINDS
        }

    def hours(self) -> Hours:
        return Hours(
            str(self.digest_at.data),
            tuple(self.quiet_weekdays.data or ()),
            str(self.quiet_from.data),
            str(self.quiet_until.data),
        )


for _kind in KINDS:
    if _kind.has_bell:
        setattr(HowToldForm, _kind.bell_field, BooleanField(f"{_kind.what}: bell"))
    setattr(
        HowToldForm,
        _kind.mail_field,
        SelectField(
            f"{_kind.what}: email",
            choices=[SelectChoice(by.value, MAIL_WORDS[by]) for by in _kind.mails],
        ),
    )


def as_chosen(
    chosen: Mapping[Event, NotificationChoice], hours: Hours
) -> dict[str, str | bool | list[str]]:
    """What the form says before somebody changes it."""
    said: dict[str, str | bool | list[str]] = {
        "digest_at": hours.digest_at,
        "quiet_weekdays": list(hours.quiet_weekdays),
        "quiet_from": hours.quiet_from,
        "quiet_until": hours.quiet_until,
    }
    for kind in KINDS:
        choice = chosen.get(kind.event)
        said[kind.bell_field] = choice.bell if choice else True
        said[kind.mail_field] = (choice.mail if choice else usual(kind.event)).value
    return said
