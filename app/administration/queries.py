"""How far the setting up has come, across the features."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.directory.models import Organisation, OrganisationKind, Ownership
from app.letters.models import Signatory
from app.settings.models import Logo
from app.settings.rules import published_notice
from app.settings.services import settings_of


@dataclass(frozen=True)
class SetUpProgress:
    """What has been done of the setting up; the page puts the words to it."""

    group: bool
    addresses: bool
    privacy: bool
    logo: bool
    signatories: int
    systems: int
    owned_systems: int


def progress(session: Session, *, on: date) -> SetUpProgress:
    settings = settings_of(session)
    owned = (
        select(Ownership.id)
        .where(Ownership.organisation_id == Organisation.id, Ownership.where_held_on(on))
        .exists()
    )
    systems, owned_systems = session.execute(
        select(
            func.count(Organisation.id),
            func.count(Organisation.id).filter(owned),
        ).where(Organisation.kind == OrganisationKind.ICB, Organisation.where_exists_on(on))
    ).one()
    return SetUpProgress(
        group=bool(settings.group_name and settings.postal_address),
        addresses=bool(settings.from_email and settings.reply_to),
        privacy=published_notice(settings.privacy_notice, settings.privacy_url),
        logo=session.scalar(select(Logo.id)) is not None,
        signatories=session.scalar(
            select(func.count()).select_from(Signatory).where(Signatory.archived_at.is_(None))
        )
        or 0,
        systems=systems,
        owned_systems=owned_systems,
    )


def missing_of_set_up(session: Session) -> list[str]:
    """What a letter cannot go without and is not there yet, in words. One statement."""
    settings = settings_of(session)
    signatory = select(Signatory.id).where(Signatory.archived_at.is_(None)).limit(1)
    there = (
        ("the name of the group", settings.group_name),
        ("its postal address", settings.postal_address),
        ("the From address", settings.from_email),
        ("the Reply-To address", settings.reply_to),
        (
            "a privacy notice",
            published_notice(settings.privacy_notice, settings.privacy_url),
        ),
        ("somebody who signs", session.scalar(signatory)),
    )
    return [words for words, is_there in there if not is_there]
