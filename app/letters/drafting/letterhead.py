"""Who writes: the group, the signatory, and the lines every letter owes its reader."""

from datetime import date

from sqlalchemy.orm import Session

from app.core.text.placeholders import first_gap
from app.letters.content.fields import House
from app.letters.content.rendering import signature
from app.letters.findings import Finding
from app.letters.models import Mailing, Signatory
from app.settings.models import Settings
from app.settings.rules import published_notice
from app.settings.services import settings_of


def privacy_address(settings: Settings, base_url: str) -> str:
    """Where our privacy notice can be read; empty while there is none, or words are missing."""
    if settings.privacy_url:
        return settings.privacy_url
    return f"{base_url}/privacy" if published_notice(settings.privacy_notice, "") else ""


def house_of(
    session: Session, *, signatory: Signatory | None, reply_to: str, base_url: str, written_on: date
) -> House:
    settings = settings_of(session)
    return House(
        group_name=settings.group_name,
        postal_address=settings.postal_address,
        from_name=settings.from_name or settings.group_name,
        from_email=settings.from_email,
        reply_to=reply_to or settings.reply_to,
        replies_carry_reference=settings.replies_carry_reference,
        signatory_name=signatory.name if signatory else "",
        signatory_job_title=signatory.job_title if signatory else "",
        signatory_organisation=signatory.organisation if signatory else "",
        privacy_url=privacy_address(settings, base_url),
        opt_out_line=settings.opt_out_line or _opt_out(reply_to or settings.reply_to),
        written_on=written_on,
    )


def house_of_mailing(
    session: Session, mailing: Mailing, *, base_url: str, written_on: date
) -> House:
    signatory_id = mailing.signatory_id
    return house_of(
        session,
        signatory=session.get(Signatory, signatory_id) if signatory_id else None,
        reply_to=mailing.reply_to,
        base_url=base_url,
        written_on=written_on,
    )


def _opt_out(reply_to: str) -> str:
    """There is always a plain way to opt out, also before anybody wrote a better line."""
    if not reply_to:
        return ""
    return f"If you would rather not hear from us, write to {reply_to} and we will stop."


def missing(house: House) -> list[Finding]:
    """What the law, courtesy and the mail itself need before anything can go out."""
    wanted = (
        (house.group_name, "Our group’s name is not set."),
        (house.postal_address.strip(), "Our postal address is not set."),
        (house.from_email, "The From address is not set."),
        (house.reply_to, "The Reply-To address is not set."),
        (house.privacy_url, "No privacy notice is published, and a letter has to point to one."),
    )
    found = [Finding(words, "settings") for value, words in wanted if not value]
    found += [
        Finding(f"{what} says “{gap}”, which is still to be filled in.", kind)
        for what, said, kind in (
            ("Our group’s name", house.group_name, "settings"),
            ("Our postal address", house.postal_address, "settings"),
            ("The line on how to opt out", house.opt_out_line, "settings"),
            ("The signature", "\n".join(signature(house)), "signatory"),
        )
        if (gap := first_gap(said))
    ]
    if not house.signatory_name:
        found.append(Finding("Nobody signs this letter yet.", "write"))
    return found
