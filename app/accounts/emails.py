"""Mails about accounts: their words, which are subject and body, and how they go."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.outbox import services as outbox
from app.outbox.models import Occasion

SIGNATURE = "\n\nLiaise\n"


def invitation(*, name: str, by: str, link: str) -> tuple[str, str]:
    return "You are invited to Liaise", (
        f"Dear {name},\n\n"
        f"{by} has invited you to Liaise, the register of whom the group speaks with.\n\n"
        f"Choose a password here within seven days:\n\n{link}\n\n"
        "The link works once. If you did not expect it, do nothing, and no account is opened."
        f"{SIGNATURE}"
    )


def password_link(*, name: str, link: str) -> tuple[str, str]:
    return "A link to set a new password", (
        f"Dear {name},\n\n"
        "Somebody, we hope you, asked for a link to set a new password in Liaise. "
        f"It works once, within an hour:\n\n{link}\n\n"
        "If it was not you, do nothing: your password stays as it is."
        f"{SIGNATURE}"
    )


def password_changed(*, name: str) -> tuple[str, str]:
    return "Your password has been changed", (
        f"Dear {name},\n\n"
        "The password of your Liaise account has just been changed, and you have been signed out "
        "wherever else you were signed in.\n\n"
        "If it was not you, tell an administrator at once."
        f"{SIGNATURE}"
    )


def many_wrong_passwords(*, email: str, ip: str | None) -> tuple[str, str]:
    return "Many wrong passwords for one account in Liaise", (
        f"Somebody has given many wrong passwords for the account {email}, "
        f"the last from {ip or 'an unknown address'}.\n\n"
        "Liaise now makes them wait between tries. Nobody is locked out for good, and no other "
        "account is affected.\n\n"
        "If it was the owner, a link to set a new password helps; it is on the sign-in page. "
        "If it was not, ask the owner whether they use that password anywhere else."
        f"{SIGNATURE}"
    )


def send(session: Session, user: User, words: tuple[str, str], *, at: datetime) -> None:
    """To a user, who needs it to get in, or is to know at once who else did."""
    subject, body = words
    outbox.enqueue(
        session,
        recipient=user.email,
        subject=subject,
        body=body,
        send_after=at,
        occasion=Occasion.ASKED_FOR,
    )
