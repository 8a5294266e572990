"""One page on which an administrator loads the made-up data, and takes it out again."""

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import requires
from app.accounts.models import Permission, User
from app.accounts.services import NotHere, demo_sign_in_link
from app.core import clock, loopback
from app.core.db import db
from app.core.errors import DomainError
from app.core.web.pages import Banner
from app.demo import services
from app.settings.services import settings_of

bp = Blueprint("demo", __name__, url_prefix="/demo")


@bp.get("")
@requires(Permission.ADMINISTER)
def show() -> ResponseReturnValue:
    return render_template("demo/show.html", users=services.demo_users(db.session))


@bp.post("/load")
@requires(Permission.ADMINISTER)
def load() -> ResponseReturnValue:
    """Load, and show each made-up user's link, this once."""
    try:
        users = services.fill(
            db.session,
            on=clock.today(),
            at=clock.now(),
            base_url=current_app.config["BASE_URL"],
        )
        links = [(user, demo_link(user)) for user in users.all()]
    except DomainError as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
        return redirect(url_for("demo.show"))
    db.session.commit()
    # From now on, and not only from the next start: made-up people may have somebody's address.
    loopback.stay_on_loopback()
    return render_template("demo/loaded.html", links=links)


@bp.post("/remove")
@requires(Permission.ADMINISTER)
def remove() -> ResponseReturnValue:
    gone = services.clear(db.session)
    db.session.commit()
    flash(f"The demo data is gone: {gone:,} rows. Its events stay in the history.", "success")
    return redirect(url_for("demo.show"))


def demo_link(user: User) -> str:
    """A one-time link; none where Liaise can be reached from other machines."""
    try:
        return demo_sign_in_link(
            db.session, user, base_url=current_app.config["BASE_URL"], at=clock.now()
        )
    except NotHere:
        return ""


def banner() -> Banner | None:
    """Made-up data says that it is."""
    if not settings_of(db.session).is_demo:
        return None
    return Banner(
        "Demo data: the people, letters and notes here are made up.",
        endpoint="demo.show",
        link_text="Take it out",
    )
