from collections.abc import Iterable

from flask_wtf import FlaskForm
from wtforms import (
    EmailField,
    Field,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import DataRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.accounts import rules
from app.accounts.authentication import passwords
from app.accounts.models import MemberOrganisation, Permission
from app.core.from_outside import record_number
from app.core.web.pages import THEMES

WHAT_EACH_MAY = {
    Permission.VIEW: "View: read everything and take lists away",
    Permission.LOG: "Log: record notes, calls, answers, objections, and letters sent outside",
    Permission.COORDINATE: "Coordinate: keep the directory, import, write and prepare letters",
    Permission.APPROVE: "Approve: release letters that somebody else has written",
    Permission.REVIEW: "Review: read plans and strategies and mark them (nothing to review yet)",
    Permission.ADMINISTER: "Administer: users, settings and external email",
}
THEME_WORDS = {"system": "As the device", "light": "Light", "dark": "Dark"}


def check_email(_: FlaskForm, field: Field) -> None:
    try:
        rules.check_email(field.data or "")
    except rules.NotAnEmail as refusal:
        raise ValidationError(str(refusal)) from refusal


def normalised(value: str | None) -> str:
    return rules.normal_email(value or "")


class SignInForm(FlaskForm):
    email = EmailField(
        "Email address",
        [DataRequired("Enter your email address."), Length(max=254)],
        filters=[normalised],
        render_kw={"autocomplete": "username", "spellcheck": "false", "autocapitalize": "none"},
    )
    password = PasswordField(
        "Password",
        [DataRequired("Enter your password.")],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()


class PasswordAgainForm(FlaskForm):
    confirm_password = PasswordField(
        "Password",
        [DataRequired("Enter your password.")],
        render_kw={"autocomplete": "current-password"},
    )


class AskForLinkForm(FlaskForm):
    email = EmailField(
        "Email address",
        [DataRequired("Enter your email address."), Length(max=254), check_email],
        filters=[normalised],
        render_kw={"autocomplete": "username", "spellcheck": "false", "autocapitalize": "none"},
    )


def new_password_field(label: str) -> PasswordField:
    return PasswordField(
        label,
        [DataRequired("Enter a new password.")],
        description=passwords.HELP,
        render_kw={"autocomplete": "new-password"},
    )


class NewPasswordForm(FlaskForm):
    password = new_password_field("New password")


class ChangePasswordForm(FlaskForm):
    current = PasswordField(
        "Current password",
        [DataRequired("Enter your current password.")],
        render_kw={"autocomplete": "current-password"},
    )
    password = new_password_field("New password")


def name_field() -> StringField:
    return StringField(
        "Name",
        [DataRequired("Enter a name."), Length(max=120)],
        description="The name their colleagues will see.",
        render_kw={"autocomplete": "name"},
    )


def email_field() -> EmailField:
    return EmailField(
        "Email address",
        [DataRequired("Enter an email address."), Length(max=254), check_email],
        filters=[normalised],
        render_kw={"autocomplete": "email", "spellcheck": "false", "autocapitalize": "none"},
    )


class FirstAdministratorForm(FlaskForm):
    name = name_field()
    email = email_field()
    member = StringField(
        "Your organisation",
        [DataRequired("Enter the organisation you work for."), Length(max=200)],
        description="The member of the group that you belong to.",
        render_kw={"autocomplete": "organization"},
    )
    password = new_password_field("Password")


class MyDetailsForm(FlaskForm):
    name = name_field()
    theme = RadioField(
        "Colours", choices=[SelectChoice(value=key, label=THEME_WORDS[key]) for key in THEMES]
    )


class UserForm(FlaskForm):
    """What an administrator sets about somebody."""

    name = name_field()
    member = SelectField("Member organisation", coerce=record_number)
    permissions = SelectMultipleField(
        "Permissions",
        choices=[
            SelectChoice(value=permission.value, label=WHAT_EACH_MAY[permission])
            for permission in Permission
        ],
        description="Tick as many as apply. Without View, somebody can only see their own account. "
        "Approve brings View with it.",
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def offer(self, members: Iterable[MemberOrganisation]) -> None:
        self.member.choices = [
            SelectChoice(value=member.id, label=member.name) for member in members
        ]

    @property
    def ticked(self) -> list[Permission]:
        return [Permission(value) for value in self.permissions.data or []]


class InvitationForm(UserForm):
    email = email_field()
    new_member = StringField(
        "Or a new one",
        description="Its name, if their organisation is not in the list. It is added with them.",
        validators=[Length(max=200, message="Keep this to 200 characters.")],
    )


class MemberForm(FlaskForm):
    name = StringField("Name", [DataRequired("Enter a name."), Length(max=200)])
