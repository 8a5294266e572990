from email_validator import EmailNotValidError, validate_email
from flask_wtf import FlaskForm
from wtforms import EmailField, Field, HiddenField, PasswordField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from app.accounts import passwords, rules


def check_email(_: FlaskForm, field: Field) -> None:
    """Only the shape: whether the mailbox exists shows when somebody uses the link sent there."""
    try:
        validate_email(
            field.data or "",
            check_deliverability=False,
            allow_smtputf8=False,
            test_environment=True,
        )
    except EmailNotValidError as error:
        raise ValidationError("Enter an email address, such as name@example.org.") from error


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


class NameForm(FlaskForm):
    name = StringField(
        "Name",
        [DataRequired("Enter a name."), Length(max=120)],
        description="As colleagues know you; it stands in the history of what you do.",
        render_kw={"autocomplete": "name"},
    )
