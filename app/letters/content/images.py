"""Pictures on our letters: the logo in the letterhead, and the signature of whoever signs.

They are kept by content and never changed, so that a letter looks the same however often it is
printed, whatever logo or signature came later.
"""

import hashlib
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.pictures.checking import Picture, checked
from app.core.pictures.decoding import UnusablePicture
from app.letters.findings import Finding
from app.letters.models import LetterPicture, Mailing, Signatory
from app.settings.services import logo_of
from app.settings.window import C5, Window, window_of


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


def put_signature(session: Session, signatory: Signatory, picture: Picture) -> None:
    """Replace the picture of this person's signature."""
    signatory.picture_id = _kept(session, picture).id


def take_signature_away(signatory: Signatory) -> None:
    signatory.picture_id = None


def _logo(session: Session) -> Picture | None:
    """The logo, unless it cannot be printed, which `trouble_with_logo` says."""
    logo = logo_of(session)
    if logo is None:
        return None
    try:
        return checked(logo.content)
    except UnusablePicture:
        return None


def trouble_with_logo(session: Session, mailing: Mailing) -> list[Finding]:
    """A logo from before logos were looked at as they were put up may be one that does not print.

    Letters would go without it, and nobody would have said so.
    """
    if mailing.logo_picture_id or logo_of(session) is None or _logo(session) is not None:
        return []
    return [
        Finding(
            "Our logo cannot be printed: the file is damaged, too large, or not a picture. Put it"
            " up again as a new PNG or JPEG, or take it down.",
            "logo",
        )
    ]


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
