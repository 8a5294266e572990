"""What a page showed of a mailing's letters, so that an act on them counts for these alone.

Each form that lets letters go on carries a mark of what its reader had in front of them. It is
worked out again when the form arrives; where it differs nothing is done, and its reader is told
what has changed.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.core.errors import DomainError
from app.letters.models import Attachment, Letter, Mailing

FIELD = "as_read"  # as forms call it


class NotWhatYouRead(DomainError):
    """What its actor read is not what the act would be about."""


@dataclass(frozen=True)
class WhatWasRead:
    """What the reader of a page had before them: its parts by name, each as a digest."""

    parts: Mapping[str, str]

    @property
    def mark(self) -> str:
        """What a form carries."""
        return ".".join(self.parts.values())

    def must_be(self, mark: str) -> None:
        """Refuse an act whose form carries another mark, or none."""
        if mark == self.mark:
            return
        before = mark.split(".")
        changed = ""
        if len(before) == len(self.parts):
            now = zip(before, self.parts.items(), strict=True)
            names = [name for was, (name, digest) in now if was != digest]
            changed = f" Since you opened the page, this has changed: {'; '.join(names)}."
        raise NotWhatYouRead(
            f"These are not the letters you read, so nothing was done.{changed} "
            "Read them as they are now, then decide."
        )


def before_release(
    mailing: Mailing, letters: Iterable[Letter], attached: Sequence[Attachment]
) -> WhatWasRead:
    """Of the page on which letters are checked, and read before they are released."""
    return WhatWasRead(
        {
            "whether it waits for approval": _digest(mailing.state.value),
            "the template": _digest(mailing.template_version_id),
            "the signature": _digest(
                mailing.signatory_id, mailing.signature_picture_id, mailing.logo_picture_id
            ),
            "where replies go": _digest(mailing.reply_to),
            "the attached files": _digest(*(f"{one.sha256} {one.file_name}" for one in attached)),
            "who gets a letter, or what it says": _of_letters(letters),
        }
    )


def before_deciding(letters: Iterable[Letter]) -> WhatWasRead:
    """Of a page on which it is decided who stays in, and how a letter goes, row by row.

    Each check numbers its rows anew, and a number may then be another reader's.
    """
    rows = sorted((one.id, _line(one)) for one in letters)
    return WhatWasRead({"the check of the letters": _digest(*rows)})


def after_release(mailing: Mailing, letters: Iterable[Letter]) -> WhatWasRead:
    """Of the page that says what became of each letter."""
    return WhatWasRead(
        {
            "whether the mailing is being sent": _digest(mailing.state.value),
            "what became of its letters": _of_letters(letters),
        }
    )


def one_letter(letter: Letter) -> WhatWasRead:
    """Of the page of a letter whose fate is not known."""
    return WhatWasRead({"what became of the letter": _of_letters([letter])})


def on_paper(letters: Iterable[Letter]) -> WhatWasRead:
    """Of the page of a file for the printer."""
    states = sorted(f"{one.id} {one.post_state and one.post_state.value}" for one in letters)
    return WhatWasRead({"which of its letters are printed, posted or returned": _digest(*states)})


def _of_letters(letters: Iterable[Letter]) -> str:
    return _digest(*sorted(_line(one) for one in letters))


def _line(letter: Letter) -> str:
    """The hash of a letter that is sealed is of its mail: how it goes, and where to on paper, are
    said besides."""
    facts = (letter.addressee_key, letter.series, letter.state.value, letter.sha256)
    return "\x1e".join(map(str, (*facts, letter.channel, letter.envelope)))


def _digest(*facts: object) -> str:
    return hashlib.sha256("\x1f".join(map(str, facts)).encode()).hexdigest()[:16]
