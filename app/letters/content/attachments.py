"""Files that go with every letter of a mailing: which are taken, and how much they weigh."""

import hashlib
import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from app.accounts.models import User
from app.core.errors import DomainError
from app.letters.authorship import had_a_hand, must_be_draft
from app.letters.findings import Finding
from app.letters.models import Attachment, Mailing
from app.settings.services import settings_of

MOST_FILES = 10
LONGEST_NAME = 100
LARGEST_FILE = 20_000 * 1024  # the most an administrator can allow for all files together
MOST_UNPACKED = 200 * 1024 * 1024
MOST_ENTRIES = 5_000
# Base64 makes three bytes four, and breaks the lines.
CODED = 4 / 3 * 78 / 76

_ENTRY = b"PK\x01\x02"  # how each begins in the list at the end of a zip archive
_UNWANTED = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')


class UnfitFile(DomainError):
    """A file that cannot go with a letter; says what to do instead."""


def _office(part: str) -> Callable[[bytes], bool]:
    def is_one(content: bytes) -> bool:
        # Counted before the list is read, which takes its time.
        if content.count(_ENTRY) > MOST_ENTRIES:
            return False
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                names = packed.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            return False
        unpacked = sum(entry.file_size for entry in names)
        fits = unpacked <= MOST_UNPACKED
        macros = any("vbaproject" in entry.filename.lower() for entry in names)
        return fits and not macros and any(e.filename.startswith(part) for e in names)

    return is_one


def _is_text(content: bytes) -> bool:
    try:
        return "\x00" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False


@dataclass(frozen=True)
class FileKind:
    media_type: str
    is_one: Callable[[bytes], bool]


_OFFICE = "application/vnd.openxmlformats-officedocument."
KINDS = {
    "pdf": FileKind("application/pdf", lambda c: c.startswith(b"%PDF-")),
    "docx": FileKind(f"{_OFFICE}wordprocessingml.document", _office("word/")),
    "xlsx": FileKind(f"{_OFFICE}spreadsheetml.sheet", _office("xl/")),
    "pptx": FileKind(f"{_OFFICE}presentationml.presentation", _office("ppt/")),
    "png": FileKind("image/png", lambda c: c.startswith(b"\x89PNG\r\n\x1a\n")),
    "jpg": FileKind("image/jpeg", lambda c: c.startswith(b"\xff\xd8\xff")),
    "jpeg": FileKind("image/jpeg", lambda c: c.startswith(b"\xff\xd8\xff")),
    "txt": FileKind("text/plain", _is_text),
    "csv": FileKind("text/csv", _is_text),
}
ACCEPTED = ", ".join(sorted(KINDS.keys() - {"jpeg"}))


def fit(file_name: str, content: bytes) -> tuple[str, str]:
    """A safe name and the media type of a file that is what its name says."""
    name = safe_name(file_name)
    ending = name.rpartition(".")[2].lower()
    kind = KINDS.get(ending)
    if kind is None or "." not in name:
        raise UnfitFile(f"“{name}” is not a kind of file we attach. Attach one of: {ACCEPTED}.")
    if not content:
        raise UnfitFile(f"“{name}” is empty.")
    if not kind.is_one(content):
        raise UnfitFile(
            f"“{name}” is not a usable {ending} file inside. "
            "Open it, save it again and attach that."
        )
    return name, kind.media_type


def attach(
    session: Session, mailing: Mailing, *, file_name: str, content: bytes, by: User
) -> Attachment:
    """Put a file to the mailing, if it is what its name says and there is room for it."""
    must_be_draft(mailing)
    name, media_type = fit(file_name, content)
    there = attachments_of(session, mailing)
    if len(there) >= MOST_FILES:
        raise UnfitFile(f"A letter carries at most {MOST_FILES} files. Remove one first.")
    _make_room(session, name, len(content), there)
    attachment = Attachment(
        mailing_id=mailing.id,
        file_name=_unused(name, {one.file_name.casefold() for one in there}),
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
    )
    session.add(attachment)
    had_a_hand(mailing, by)
    session.flush()
    return attachment


def remove(session: Session, mailing: Mailing, attachment: Attachment, *, by: User) -> None:
    must_be_draft(mailing)
    session.delete(attachment)
    had_a_hand(mailing, by)


def attachments_of(
    session: Session, mailing: Mailing, *, with_content: bool = False
) -> Sequence[Attachment]:
    wanted = select(Attachment).where(Attachment.mailing_id == mailing.id).order_by(Attachment.id)
    if with_content:
        wanted = wanted.options(undefer(Attachment.content))
    return session.scalars(wanted).all()


def safe_name(file_name: str) -> str:
    """The name without folders, control characters and tricks of writing direction."""
    plain = unicodedata.normalize("NFC", file_name).replace("\\", "/").rpartition("/")[2]
    kept = "".join(c for c in plain if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co"})
    name = " ".join(_UNWANTED.sub(" ", kept).split()).lstrip(". ")
    stem, dot, ending = name.rpartition(".")
    room = LONGEST_NAME - len(ending) - 1
    return f"{stem[:room]}{dot}{ending}" if stem else name[:LONGEST_NAME] or "file"


def _unused(name: str, used: set[str]) -> str:
    stem, dot, ending = name.rpartition(".")
    found, number = name, 2
    while found.casefold() in used:
        found, number = f"{stem} ({number}){dot}{ending}", number + 1
    return found


def _make_room(session: Session, name: str, size: int, there: Sequence[Attachment]) -> None:
    limit = settings_of(session).max_attachment_kb * 1024
    if size + sum(one.size for one in there) > limit:
        raise UnfitFile(
            f"With “{name}” the files would be larger than {in_words(limit)} together, which many "
            "mail servers refuse. Put it on the web and write its address into the letter."
        )


def coded_size(sizes: Sequence[int]) -> int:
    """What files of these sizes weigh in a mail."""
    return sum(int(size * CODED) + 1 for size in sizes)


def too_large(session: Session, attached: Sequence[Attachment]) -> list[Finding]:
    """The limit may have been lowered since the files were attached."""
    sizes = [one.size for one in attached]
    limit = settings_of(session).max_attachment_kb * 1024
    if sum(sizes) <= limit:
        return []
    words = (
        f"The files are {in_words(sum(sizes))} together; the limit is {in_words(limit)}. "
        "Remove one."
    )
    return [Finding(words, "write")]


def in_words(size: int) -> str:
    """12 kB, 1.4 MB"""
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024))} kB"
    return f"{size / 1024 / 1024:.1f} MB"
