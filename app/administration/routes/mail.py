"""The mail server as this installation knows it, and the queue of mail to our own users."""

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.access import requires
from app.accounts.models import Permission
from app.administration.routes.blueprint import bp
from app.core import clock
from app.core.db import db
from app.outbox import queries
from app.outbox import services as outbox
from app.outbox.models import MessageState, Occasion
from app.settings import services

TEST_BODY = """\
You asked Liaise for a test mail, and this is it.

If you read this in your inbox, mail to colleagues works. Before you tick “SPF and DKIM seen”,
open the headers of this mail: both must say “pass” for the domain it came from.
"""

NEXT_STEP = {
    MessageState.WAITING_TO_RETRY: "Liaise tries again by itself. If the same words keep coming "
    "back, tell whoever looks after your email server.",
    MessageState.REFUSED: "Check the address on the user’s page, put it right, and send the "
    "invitation or link again.",
    MessageState.UNKNOWN: "It may have arrived. Ask the colleague; if it did not, send the "
    "invitation or link again.",
}


@bp.get("/settings/mail")
@requires(Permission.ADMINISTER)
def mail() -> ResponseReturnValue:
    return render_template(
        "settings/mail.html",
        server=current_app.config["MAIL_SERVER"],
        port=current_app.config["MAIL_PORT"],
        security=_security(),
        user_name=current_app.config["MAIL_USERNAME"],
        has_password=bool(current_app.config["MAIL_PASSWORD"]),
        outward=services.outward_mail(db.session, current_app.config),
        counts=queries.counts(db.session),
        troubles=queries.latest_troubles(db.session),
        waiting_for_a_look=queries.waiting_for_a_look(db.session),
        waiting_since=queries.oldest_waiting(db.session),
        next_step=NEXT_STEP,
    )


def _security() -> str:
    if current_app.config["MAIL_USE_SSL"]:
        return "TLS from the first byte; the certificate is verified"
    if current_app.config["MAIL_USE_TLS"]:
        return "STARTTLS; the certificate is verified, and nothing is sent without it"
    return "None: what is sent can be read on the way"


@bp.post("/settings/mail/test")
@requires(Permission.ADMINISTER)
def send_test() -> ResponseReturnValue:
    outbox.enqueue(
        db.session,
        recipient=current_user.email,
        subject="Test mail from Liaise",
        body=TEST_BODY,
        send_after=clock.now(),
        occasion=Occasion.ASKED_FOR,
    )
    db.session.commit()
    where = "" if current_app.config["MAIL_SERVER"] else " It will be caught here, not sent."
    flash(f"A test mail to {current_user.email} is in the queue.{where}", "success")
    return redirect(url_for("settings.mail"))
