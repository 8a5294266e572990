"""The standing notices: where mail goes, and what is left of the setting up."""

from flask import current_app, request

from app.accounts.access import me
from app.accounts.models import Permission
from app.administration import queries
from app.core import clock
from app.core.db import db
from app.core.web.filters import at_time
from app.core.web.pages import Banner
from app.settings import pieces, services
from app.settings.downtime import is_beating
from app.settings.rules import MailKind

MOST_NAMED = 3
KINDS = {MailKind.CAUGHT: "brand-tint", MailKind.OFF: "warn", MailKind.WAITING: "bad"}
WAYS_OUT = {
    MailKind.CAUGHT: ("outbox.caught", "See what was caught"),
    MailKind.OFF: ("settings.outward", "External email"),
    MailKind.WAITING: ("letters.look_first", "Look, and let the letters go on"),
}
WAITS_TOO = "Until then no letter leaves, and the morning email and notifications wait, too."


def outward_mail() -> Banner | None:
    """Nothing is said while mail goes out as it should."""
    outward = services.outward_mail(db.session, current_app.config)
    if outward.kind is MailKind.LIVE:
        return None
    if outward.kind is MailKind.WAITING and request.endpoint == "letters.look_first":
        return None  # the page itself says it
    endpoint, link_text = WAYS_OUT[outward.kind]
    waits = f" {WAITS_TOO}" if outward.kind is MailKind.WAITING else ""
    return Banner(
        f"{outward.sentence}{waits}",
        kind=KINDS[outward.kind],
        endpoint=endpoint,
        link_text=link_text,
    )


def jobs_stopped() -> Banner | None:
    """On Home, in red, because nothing else would be noticed: mail and reminders just stay away."""
    if request.endpoint != "overview.home" or is_beating(db.session, clock.now()):
        return None
    return Banner(
        "The jobs of Liaise have stopped: no mail leaves and no reminder is given. Whoever looks "
        "after Liaise has to start it again, or ./run run-jobs.",
        kind="bad",
    )


def pieces_failing() -> Banner | None:
    """On Home, in red: the jobs run, and yet something of what they do never gets done."""
    if request.endpoint != "overview.home":
        return None
    if not me().may(Permission.ADMINISTER, Permission.COORDINATE):
        return None
    found = pieces.failing(db.session, at=clock.now())
    if not me().may(Permission.ADMINISTER):
        found = [one for one in found if one.for_coordinators]
    if not found:
        return None
    named = [f"{one.name} (since {at_time(one.since)})" for one in found[:MOST_NAMED]]
    more = f", and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return Banner(
        f"Every attempt at this fails: {'; '.join(named)}{more}. Liaise keeps trying. Ask whoever "
        "looks after it to see why: the log of ./run has the reason.",
        kind="bad",
    )


def set_up() -> Banner | None:
    """On Home, for those who can do something about it, until it is done or hidden."""
    if request.endpoint != "overview.home":
        return None
    if not me().may(Permission.ADMINISTER, Permission.COORDINATE):
        return None
    if services.settings_of(db.session).set_up_hidden:
        return None
    missing = queries.missing_of_set_up(db.session)
    if not missing:
        return None
    last = f"{', '.join(missing[:-1])} and {missing[-1]}" if len(missing) > 1 else missing[0]
    by_whom = "" if me().may(Permission.ADMINISTER) else " An administrator can add it."
    return Banner(
        f"Setting up is not finished. Before a letter can go, this is missing: {last}.{by_whom}",
        endpoint="settings.set_up",
        link_text="Set up",
    )
