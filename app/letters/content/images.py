"""Pictures on our letters: the logo in the letterhead, and the signature of whoever signs.

They are kept by content and never changed, so that a letter looks the same however often it is
printed, whatever logo or signature came later.
"""

import hashlib
import struct
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import DomainError
from app.core.typesetting import can_be_drawn
from app.letters.models import LetterPicture, Mailing, Signatory
from app.settings.rules import LARGEST_LOGO, logo_type
from app.settings.services import logo_of
from app.settings.window import C5, Window, window_of

LARGEST_PICTURE = LARGEST_LOGO
MOST_PIXELS_A_SIDE = 4_000
ENDINGS = {"image/png": "png", "image/jpeg": "jpg"}
# The parts of a JPEG that say how large it is: every kind of frame, but no table.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class UnusablePicture(DomainError):
    pass


@dataclass(frozen=True)
class Picture:
    media_type: str
    content: bytes

    def file_name(self, name: str) -> str:
        return f"{name}.{ENDINGS[self.media_type]}"


@dataclass(frozen=True)
class Stationery:
    """What is on the sheet besides the words."""

    logo: Picture | None = None
    signature: Picture | None = None
    window: Window = C5  # of the envelopes there are now

    def files(self) -> dict[str, bytes]:
        named = (("logo", self.logo), ("signature", self.signature))
        return {one.file_name(name): one.content for name, one in named if one is not None}


def stationery(session: Session, *, signatory: Signatory | None) -> Stationery:
    """What a letter signed by this person would show if it were checked now."""
    signed = signatory.picture_id if signatory else None
    return Stationery(
        logo=_logo(session), signature=_picture(session, signed), window=window_of(session)
    )


def stationery_of(session: Session, mailing: Mailing) -> Stationery:
    """What the letters of a mailing that was checked show, whatever came later."""
    return Stationery(
        logo=_picture(session, mailing.logo_picture_id),
        signature=_picture(session, mailing.signature_picture_id),
        window=window_of(session),
    )


def freeze(session: Session, mailing: Mailing) -> None:
    """From now on the letters of this mailing show the logo and signature of this moment."""
    logo = _logo(session)
    mailing.logo_picture_id = _kept(session, logo).id if logo else None
    signatory = session.get(Signatory, mailing.signatory_id) if mailing.signatory_id else None
    mailing.signature_picture_id = signatory.picture_id if signatory else None


def put_signature(session: Session, signatory: Signatory, content: bytes) -> None:
    """Replace the picture of this person's signature."""
    picture = _picture_in(content)
    signatory.picture_id = _kept(session, picture).id


def take_signature_away(signatory: Signatory) -> None:
    signatory.picture_id = None


def _picture_in(content: bytes) -> Picture:
    if len(content) > LARGEST_PICTURE:
        raise UnusablePicture("The picture is larger than 500 kB. Save it smaller and try again.")
    media_type = logo_type(content)
    size = _size(content) if media_type else None
    if media_type is None or size is None:
        raise UnusablePicture(
            "This file is not a PNG or JPEG picture. Save it as PNG or JPEG and try again."
        )
    if not 0 < max(size) <= MOST_PIXELS_A_SIDE:
        raise UnusablePicture(
            f"The picture is {size[0]} by {size[1]} pixels. Save it with at most "
            f"{MOST_PIXELS_A_SIDE:,} on each side and try again."
        )
    picture = Picture(media_type, content)
    if not can_be_drawn(picture.file_name("picture"), content):
        raise UnusablePicture("The picture is damaged inside. Save it again and try that.")
    return picture


def _logo(session: Session) -> Picture | None:
    """The logo, unless it cannot be printed: it was put up for pages and mail."""
    logo = logo_of(session)
    if logo is None:
        return None
    try:
        return _picture_in(logo.content)
    except UnusablePicture:
        return None


def _kept(session: Session, picture: Picture) -> LetterPicture:
    digest = hashlib.sha256(picture.content).hexdigest()
    kept = session.scalar(select(LetterPicture).where(LetterPicture.sha256 == digest))
    if kept is None:
        kept = LetterPicture(sha256=digest, media_type=picture.media_type, content=picture.content)
        session.add(kept)
        session.flush()
    return kept


def _picture(session: Session, picture_id: int | None) -> Picture | None:
    kept = session.get(LetterPicture, picture_id) if picture_id else None
    return Picture(kept.media_type, kept.content) if kept else None


def picture_of(session: Session, signatory: Signatory) -> Picture | None:
    return _picture(session, signatory.picture_id)


def _size(content: bytes) -> tuple[int, int] | None:
    """Width and height as the file itself says, before anything decodes it."""
    if content.startswith(b"\x89PNG"):
        width, height = struct.unpack(">II", content[16:24].ljust(8, b"\0"))
        return width, height
    place = 2
    while place + 9 < len(content) and content[place] == 0xFF:
        marker, length = struct.unpack(">xBH", content[place : place + 4])
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return width, height
        place += 2 + length
    return None
