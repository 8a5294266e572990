"""The bytes of a mail to a colleague: as text, often as HTML too, marked as made by a machine."""

import hashlib
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from app.outbox.models import Message
from app.settings.models import Settings

POLICY = SMTP.clone(cte_type="7bit")


def sender(settings: Settings, default: str) -> tuple[str, str]:
    """Name and address; before the group has given its own, those of this installation."""
    default_name, default_address = parseaddr(default)
    name = settings.from_name or settings.group_name or default_name
    return name, settings.from_email or default_address


def as_bytes(
    message: Message,
    settings: Settings,
    *,
    name: str,
    address: str,
    base_url: str,
    now: datetime,
) -> bytes:
    date = format_datetime(now)
    if message.raw is not None:
        head = message.raw.partition(b"\r\n\r\n")[0]
        has_date = any(line.lower().startswith(b"date:") for line in head.split(b"\r\n"))
        return message.raw if has_date else f"Date: {date}\r\n".encode() + message.raw
    mail = EmailMessage(policy=POLICY)
    mail["From"] = Address(name, addr_spec=address)
    mail["To"] = message.recipient
    mail["Subject"] = message.subject
    mail["Date"] = date
    mail["Message-ID"] = _message_id(message, settings, address)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(f"{message.body.rstrip()}\n\n{_signature(settings, base_url)}\n")
    if message.html:
        mail.add_alternative(message.html, subtype="html")
    return mail.as_bytes()


def _message_id(message: Message, settings: Settings, address: str) -> str:
    """The same on every attempt, so that a repeat can be recognised."""
    token = hashlib.sha256(f"{settings.installation}:outbox:{message.id}".encode()).hexdigest()
    return f"<{token[:32]}@{address.rpartition('@')[2]}>"


def _signature(settings: Settings, base_url: str) -> str:
    of = f" of {settings.group_name}" if settings.group_name else ""
    return f"-- \nSent by Liaise, the engagement register{of}.\n{base_url}"
