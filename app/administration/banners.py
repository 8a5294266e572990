"""The standing notice about where mail goes."""

from flask import current_app

from app.core.db import db
from app.core.pages import Banner
from app.settings import services
from app.settings.rules import MailKind

KINDS = {MailKind.CAUGHT: "brand-tint", MailKind.OFF: "warn"}


def outward_mail() -> Banner | None:
    """Nothing is said while mail goes out as it should."""
    outward = services.outward_mail(db.session, current_app.config)
    if outward.kind is MailKind.LIVE:
        return None
    caught = outward.kind is MailKind.CAUGHT
    return Banner(
        outward.sentence,
        kind=KINDS[outward.kind],
        endpoint="outbox.caught" if caught else "settings.outward",
        link_text="See what was caught" if caught else "Mail to outsiders",
    )
