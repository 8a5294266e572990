"""The very bytes of letters: built once, hashed one by one and together, and compared later."""

import hashlib
from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from app.core.mail import mime_message
from app.core.mail.mime_message import AttachedFile, Mailbox, MessageParts
from app.letters.content.attachments import attachments_of
from app.letters.content.fields import House
from app.letters.content.references import message_id_for, reply_address
from app.letters.models import Attachment, Letter, LetterRecipient, Mailing, TemplateVersion

REFERENCE_HEADER = "X-Liaise-Reference"


def files_of(session: Session, mailing: Mailing) -> tuple[AttachedFile, ...]:
    return tuple(
        AttachedFile(one.file_name, one.media_type, one.content)
        for one in attachments_of(session, mailing, with_content=True)
    )


def bytes_of(
    letter: Letter,
    recipients: Sequence[LetterRecipient],
    *,
    house: House,
    installation: str,
    files: tuple[AttachedFile, ...],
) -> tuple[str, bytes]:
    """The letter's Message-ID and its message without a Date: the same whenever it is built."""
    message_id = message_id_for(
        installation,
        letter.mailing_id or 0,
        letter.addressee_key or "",
        letter.series,
        house.from_email,
    )
    reference = letter.reference or ""
    mime = mime_message.build(
        MessageParts(
            from_name=house.from_name,
            from_email=house.from_email,
            to=tuple(Mailbox(r.name, r.address) for r in recipients if not r.is_cc),
            cc=tuple(Mailbox(r.name, r.address) for r in recipients if r.is_cc),
            reply_to=reply_address(house, reference),
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            message_id=message_id,
            headers={REFERENCE_HEADER: reference},
            attachments=files,
        )
    )
    return message_id, mime


def paper_hash(letter: Letter) -> str:
    """Of all that stands on its sheets and in the window of its envelope."""
    return sha256("\x1f".join((letter.subject, letter.html, letter.envelope)).encode())


def seals_of(letter: Letter, mailed: str | None) -> list[tuple[str, str]]:
    """What a manifest says of one letter: a line for the mail, by the hash given, and a line for
    the paper, worked out anew."""
    key = letter.addressee_key or ""
    seals = [(key, mailed or "")] if letter.is_mailed else []
    return [*seals, (f"{key} by post", paper_hash(letter))] if letter.is_posted else seals


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def manifest(sealed: Iterable[tuple[str, str]]) -> str:
    """One hash over every letter's key and hash: of exactly these letters and no others."""
    lines = sorted(f"{key} {digest}\n" for key, digest in sealed)
    return sha256("".join(lines).encode())


def words_hash(version: TemplateVersion, house: House, attachments: Sequence[Attachment]) -> str:
    """What a test letter tests: the words, who signs, where answers go, what is attached."""
    facts = [
        version.subject,
        version.body,
        *(house.group_name, house.postal_address, house.from_name, house.from_email),
        *(house.reply_to, house.privacy_url, house.opt_out_line),
        *(house.signatory_name, house.signatory_job_title, house.signatory_organisation),
        *(one.sha256 + one.file_name for one in attachments),
    ]
    return sha256("\x1f".join(facts).encode())
