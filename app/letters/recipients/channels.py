"""By which way each letter goes: by mail, by post or both, as chosen and as far as it can be."""

from dataclasses import replace

from app.letters.models import Channel
from app.letters.recipients.audience import Audience, SendBy
from app.letters.recipients.recipient import Recipient

USUAL = {SendBy.POST: Channel.POST, SendBy.BOTH: Channel.BOTH}


def by_its_way(reader: Recipient, audience: Audience) -> Recipient:
    """The reader as the letter will reach them. By post it does not matter what is wrong with an
    email address; an objection stands in every way's way."""
    channel = _channel(reader, audience)
    if channel is Channel.EMAIL:
        return reader
    if not reader.only_by_mail:
        if channel is Channel.POST:
            reader = _without_email(reader)
        return replace(reader, channel=channel)
    why = (reader.problem or reader.excluded).rstrip(".")
    return replace(
        _without_email(reader),
        channel=Channel.POST,
        problem="",
        excluded="",
        why_post=f"{why}, so the letter goes by post.",
    )


def _channel(reader: Recipient, audience: Audience) -> Channel:
    decided = audience.sent_by.get(reader.addressee.key)
    if decided is not None:
        return Channel(decided)
    if audience.by is SendBy.EMAIL_OR_POST:
        return Channel.POST if reader.only_by_mail else Channel.EMAIL
    return USUAL.get(audience.by, Channel.EMAIL)


def _without_email(reader: Recipient) -> Recipient:
    """Nothing of it goes by mail, so no address is kept with it."""
    addressee = replace(reader.addressee, email="", email_person_id=reader.addressee.person_id)
    return replace(reader, addressee=addressee, only_by_mail=False)
