"""From the parts of a letter to the bytes a mail server is given, the same bytes every time.

The body is an `email.message.EmailMessage`. The header lines above it are written here, in ASCII
and already folded, because Python 3.11 folds display names with commas and accents wrongly.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache

from app.core.errors import DomainError

CRLF = "\r\n"
WIDTH = 76
POLICY = SMTP.clone(cte_type="7bit", max_line_length=WIDTH)

OUR_HEADERS = frozenset(
    {
        *("date", "from", "to", "cc", "bcc", "reply-to", "subject", "message-id", "mime-version"),
        *("content-type", "content-transfer-encoding", "content-disposition"),
    }
)
HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LOCAL_PART = re.compile(rf"{ATOM}(\.{ATOM})*")
LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
DOMAIN = re.compile(rf"{LABEL}(\.{LABEL})*")
MESSAGE_ID = re.compile(rf"<{ATOM}(\.{ATOM})*@{LABEL}(\.{LABEL})*>")
FROM_LINE = re.compile(rb"(?im)^From:([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)")
MEDIA_TYPE = re.compile(r"(application|audio|font|image|text|video)/[A-Za-z0-9][A-Za-z0-9.+-]*")


class UnfitForMail(DomainError):
    """Something in a letter could not be sent as it is."""


@dataclass(frozen=True)
class Mailbox:
    """A name and an address, as in a To or Cc line."""

    name: str
    email: str


@dataclass(frozen=True)
class AttachedFile:
    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class MessageParts:
    """All that decides the bytes of one message, the Date apart."""

    from_name: str
    from_email: str
    to: tuple[Mailbox, ...]
    subject: str
    text: str
    html: str = ""
    message_id: str = ""  # "<token@our.domain>"
    cc: tuple[Mailbox, ...] = ()
    reply_to: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[AttachedFile, ...] = ()


def build(parts: MessageParts) -> bytes:
    """The message as it will be sent and is shown beforehand; it has no Date yet."""
    lines = [
        _mailboxes("From", (Mailbox(parts.from_name, parts.from_email),)),
        _mailboxes("To", parts.to),
    ]
    if parts.cc:
        lines.append(_mailboxes("Cc", parts.cc))
    if parts.reply_to:
        lines.append(_mailboxes("Reply-To", (Mailbox("", parts.reply_to),)))
    lines.append(_words("Subject", parts.subject, "subject"))
    if not MESSAGE_ID.fullmatch(parts.message_id):
        raise UnfitForMail(f"“{_shown(parts.message_id)}” cannot be a Message-ID.")
    lines.append(f"Message-ID: {parts.message_id}")
    lines += [_further(name, value) for name, value in parts.headers.items()]
    return (CRLF.join(lines) + CRLF).encode("ascii") + _body(parts).as_bytes(policy=POLICY)


def dated(raw: bytes, at: datetime) -> bytes:
    """The message as it leaves at this moment: the same bytes under a Date line."""
    return f"Date: {format_datetime(at)}{CRLF}".encode("ascii") + raw


def message_id(domain: str, *facts: object) -> str:
    """A Message-ID that is the same whenever the same facts are given."""
    said = "\x1f".join(str(fact) for fact in facts)
    return f"<{hashlib.sha256(said.encode()).hexdigest()[:40]}@{_domain(domain, domain)}>"


def with_message_id(raw: bytes, new: str) -> bytes:
    """The same message, to the byte, under another Message-ID: a copy sent deliberately."""
    if not MESSAGE_ID.fullmatch(new):
        raise UnfitForMail(f"“{_shown(new)}” cannot be a Message-ID.")
    head, blank, body = raw.partition(b"\r\n\r\n")
    head, count = re.subn(
        rb"(?m)^Message-ID: <[^>\r\n]*>", b"Message-ID: " + new.encode("ascii"), head
    )
    if count != 1:
        raise UnfitForMail("The stored message has no Message-ID of ours, so it cannot be copied.")
    return head + blank + body


def sha256(raw: bytes) -> str:
    """By which the bytes that were approved are known again when they leave."""
    return hashlib.sha256(raw).hexdigest()


def sender_of(raw: bytes) -> str:
    """The address in the From line, which is also what the server is told as the sender."""
    written = FROM_LINE.search(raw.partition(b"\r\n\r\n")[0])
    return _sender_in(
        b"".join(written[1].splitlines()).decode("ascii", "replace") if written else ""
    )


@lru_cache(maxsize=32)
def _sender_in(written: str) -> str:
    """All letters of a mailing have one From line; taking it apart is slow."""
    line = SMTP.header_factory("From", written)
    if len(line.addresses) != 1:
        raise UnfitForMail("The stored message does not say whom it is from.")
    return address(line.addresses[0].addr_spec)


def address(email: str) -> str:
    """The address in the ASCII form servers take, or a sentence about what is wrong with it."""
    _no_line_break(email, "address")
    local, at_sign, domain = email.strip().rpartition("@")
    if not at_sign or len(local) > 64 or not LOCAL_PART.fullmatch(local):
        hint = "" if local.isascii() else " Accents are allowed only after the @."
        raise UnfitForMail(f"“{_shown(email)}” is not an address mail can be sent to.{hint}")
    return f"{local}@{_domain(domain, email)}"


def _domain(domain: str, whole: str) -> str:
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        ascii_domain = ""
    if len(ascii_domain) > 253 or not DOMAIN.fullmatch(ascii_domain):
        raise UnfitForMail(f"“{_shown(whole)}” is not an address mail can be sent to.")
    return ascii_domain


def _mailboxes(header: str, mailboxes: tuple[Mailbox, ...]) -> str:
    if not mailboxes:
        raise UnfitForMail(f"A letter needs an address in its {header} line.")
    return f"{header}: " + f",{CRLF} ".join(_mailbox(one, header) for one in mailboxes)


def _mailbox(mailbox: Mailbox, header: str) -> str:
    email = address(mailbox.email)
    _no_line_break(mailbox.name, f"name in the {header} line")
    phrase = _phrase(" ".join(mailbox.name.split()), header)
    if not phrase:
        return email
    room = WIDTH - len(header) - len(phrase.rpartition(CRLF)[2])
    return f"{phrase}{' ' if len(email) + 5 < room else CRLF + ' '}<{email}>"


def _phrase(name: str, header: str) -> str:
    if not _is_plain(name) or len(name) > 60:
        return _encoded(name, header)
    if all(re.fullmatch(ATOM, word) for word in name.split()):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _words(header: str, value: str, called: str) -> str:
    """A header of free text, folded; what is not plain ASCII becomes encoded words."""
    _no_line_break(value, called)
    value = value.strip()
    if not _is_plain(value) or "  " in value:
        return f"{header}: {_encoded(value, header)}"
    folded = Header(value, "us-ascii", maxlinelen=WIDTH, header_name=header)
    return f"{header}: {folded.encode(linesep=CRLF)}"


def _further(name: str, value: str) -> str:
    if not HEADER_NAME.fullmatch(name) or name.lower() in OUR_HEADERS:
        raise UnfitForMail(f"“{_shown(name)}” cannot be added as a header.")
    return _words(name, value, f"{name} header")


def _is_plain(value: str) -> bool:
    """Fit to stand as it is: ASCII, nothing that reads as an encoded word, no endless word."""
    return (
        value.isascii() and "=?" not in value and all(len(word) <= 60 for word in value.split(" "))
    )


def _encoded(value: str, header: str) -> str:
    if not value:
        return ""
    return Header(value, "utf-8", maxlinelen=WIDTH, header_name=header).encode(linesep=CRLF)


def _no_line_break(value: str, called: str) -> None:
    """A line break would start a header of the writer's own; control characters are as bad."""
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in value):
        raise UnfitForMail(
            f"The {called} “{_shown(value)}” has a line break or an invisible control character "
            "in it. Type it again without."
        )


def _shown(value: str) -> str:
    visible = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in value)
    return " ".join(visible.split())[:80]


def _body(parts: MessageParts) -> EmailMessage:
    body = EmailMessage(policy=POLICY)
    body.set_content(_text(parts.text), cte="quoted-printable")
    if parts.html:
        body.add_alternative(_text(parts.html), subtype="html", cte="quoted-printable")
    for file in parts.attachments:
        _attach(body, file)
    _fix_boundaries(body, parts.message_id)
    return body


def _text(text: str) -> str:
    """With lines as the field ends them; half a character pair cannot be written down."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return whole.replace("\r\n", "\n").replace("\r", "\n")


def _attach(body: EmailMessage, file: AttachedFile) -> None:
    _no_line_break(file.name, "attachment name")
    if not file.name.strip():
        raise UnfitForMail("An attachment needs a file name.")
    given = file.media_type if MEDIA_TYPE.fullmatch(file.media_type) else "application/octet-stream"
    main, _, sub = given.partition("/")
    body.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name.strip())


def _fix_boundaries(body: EmailMessage, of: str) -> None:
    """Boundaries come from the Message-ID, so that building twice gives the same bytes."""
    token = hashlib.sha256(of.encode()).hexdigest()[:32]
    containers = [part for part in body.walk() if part.is_multipart()]
    for number, part in enumerate(containers):
        part.set_boundary(f"=_{token}_{number}")
