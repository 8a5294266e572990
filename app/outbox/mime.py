"""The bytes of a mail to a colleague: plain text, signed, and marked as made by a machine."""

import hashlib
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from app.outbox.models import Message
from app.settings.models import Settings

POLICY = SMTP.clone(cte_type="7bit")


def sender_address(settings: Settings, fallback: str) -> str:
    """Before the group has given a From address, mail comes from this installation's own."""
    return settings.from_email or fallback


def as_bytes(
    message: Message, settings: Settings, *, sender: str, base_url: str, now: datetime
) -> bytes:
    date = format_datetime(now)
    if message.raw is not None:
        head = message.raw.partition(b"\r\n\r\n")[0]
        has_date = any(line.lower().startswith(b"date:") for line in head.split(b"\r\n"))
        return message.raw if has_date else f"Date: {date}\r\n".encode() + message.raw
    mail = EmailMessage(policy=POLICY)
    mail["From"] = Address(settings.from_name or settings.group_name or "Liaise", addr_spec=sender)
    mail["To"] = message.recipient
    mail["Subject"] = message.subject
    mail["Date"] = date
    mail["Message-ID"] = _message_id(message, settings, sender)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(f"{message.body.rstrip()}\n\n{_signature(settings, base_url)}\n")
    return mail.as_bytes()


def _message_id(message: Message, settings: Settings, sender: str) -> str:
    """The same on every attempt, so that a repeat can be recognised."""
    token = hashlib.sha256(f"{settings.installation}:outbox:{message.id}".encode()).hexdigest()
    return f"<{token[:32]}@{sender.rpartition('@')[2]}>"


def _signature(settings: Settings, base_url: str) -> str:
    of = f" of {settings.group_name}" if settings.group_name else ""
    return f"-- \nSent by Liaise, the engagement register{of}.\n{base_url}"
