"""Filling a form with what it offers, and finding whom somebody meant by the name they typed."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs lag

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.bin.redirects import all_found_now
from app.core import clock
from app.core.db import db
from app.core.from_outside import a_day_or_none, record_number, record_numbers
from app.editing.forms import in_question
from app.followups.forms import BodyForm
from app.interactions import queries
from app.interactions.attendees import typeahead
from app.interactions.attendees.typeahead import Suggestion
from app.interactions.routes.blueprint import bp
from app.interactions.routes.forms import DetailsForm, Line, LogForm, Picks

MOST_BODIES = 50
SEARCHES = {"organisations": typeahead.bodies_called, "people": typeahead.people_called}


def fill(session: Session, form: DetailsForm, *, kept_themes: Sequence[int] = ()) -> None:
    """Offer what is likely, keep what is ticked, and look up names that were typed."""
    day = form.happened_on.data or clock.today()
    if form.is_submitted() and form.people.data:
        # Somebody who was ticked may have become part of another record meanwhile.
        form.people.data = all_found_now(session, "person", form.people.data)
    found = {} if not form.is_submitted() else _typed(session, form, day)
    _offer(
        form.organisations,
        typeahead.bodies(session, form.organisations.data or []),
        found.get("organisation", []),
        [] if form.organisations.data else typeahead.bodies_lately(session, me(), day),
    )
    _offer(
        form.people,
        typeahead.people(session, form.people.data or [], day),
        found.get("person", []),
        typeahead.people_known_at(session, form.organisations.data or [], day),
    )
    users = {user.id: user.name for user in queries.ours(session)}
    users |= {user.id: user.name for user in queries.users_by_ids(session, form.ours.data or [])}
    form.ours.offer(users)
    form.themes.offer(typeahead.offered_themes(queries.themes(session), kept_themes))
    if isinstance(form, LogForm):
        form.follow_owner.choices = [SelectChoice(id_, name) for id_, name in users.items()]
        form.follow_owner.data = form.follow_owner.data or me().id


def fill_body(session: Session, form: BodyForm, *, none: str = "No organisation") -> None:
    """Offer the body chosen or the likely ones, and look up the name that was typed."""
    picks: Any = form["organisation_id"]
    box, day = form.organisation_q, clock.today()
    words = (box.data or "") if form.is_submitted() else ""
    found = typeahead.bodies_called(session, words, day)
    one = typeahead.meant(found, words)
    if one:
        picks.data, box.data, found = one.id, "", []
    elif words:
        form.trouble = _trouble(words, "organisation", several=bool(found))
        box.errors = [form.trouble]
    numbers = record_numbers(in_question(form, "organisation_id"))
    chosen = [one for one in dict.fromkeys([picks.data, *numbers]) if one]
    offered = [
        *typeahead.bodies(session, chosen),
        *(found or ([] if chosen else typeahead.bodies_lately(session, me(), day))),
    ]
    named = {one.id: one.words for one in offered}
    picks.choices = [SelectChoice("", none)] if none else []
    picks.choices += [SelectChoice(id_, words) for id_, words in named.items()]


def is_sent(form: FlaskForm) -> bool:
    """Whether it was sent to be saved, not only to look a name up."""
    return form.is_submitted() and "look" not in request.form


def _typed(session: Session, form: DetailsForm, day: date) -> dict[str, list[Suggestion]]:
    """What the two boxes for names lead to: somebody more ticked, or several to choose from."""
    several = {}
    for what, box, picks, search in (
        ("organisation", form.organisation_q, form.organisations, typeahead.bodies_called),
        ("person", form.person_q, form.people, typeahead.people_called),
    ):
        found = _look_up(box, picks, search(session, box.data or "", day), what)
        if found:
            several[what] = found
    return several


def _look_up(box: Line, picks: Picks, found: list[Suggestion], what: str) -> list[Suggestion]:
    words = box.data or ""
    if not words:
        return []
    one = typeahead.meant(found, words)
    if one:
        picks.data = [*(picks.data or []), one.id]
        box.data = ""
        return []
    box.trouble = _trouble(words, what, several=bool(found))
    box.errors = [box.trouble]
    return found


def _trouble(words: str, what: str, *, several: bool) -> str:
    if several:
        return f"Several are called something like “{words}”. Choose the one you mean."
    if what == "organisation":
        return (
            f"No organisation is called “{words}” on that day. Check the spelling, or ask a "
            "coordinator to add it to the directory."
        )
    return (
        f"Nobody called “{words}” is known. Check the spelling, add them under People, or "
        "put them under “Others present”."
    )


def _offer(picks: Picks, *groups: Sequence[Suggestion]) -> None:
    picks.offer({one.id: one.words for group in groups for one in group})


@bp.get("/log/choose")
@requires(Permission.LOG, Permission.COORDINATE)
def choose() -> ResponseReturnValue:
    """What a box for names offers while somebody types into it."""
    search = SEARCHES.get(request.args.get("what", ""))
    words = request.args.get("q", "")[:200]
    found = search(db.session, words, _day()) if search else []
    return jsonify([{"id": one.id, "words": one.words} for one in found])


@bp.get("/log/people")
@requires(Permission.LOG, Permission.COORDINATE)
def people_there() -> ResponseReturnValue:
    """Who holds a post at the bodies just chosen, to tick."""
    bodies = request.args.getlist("organisations", type=record_number)[:MOST_BODIES]
    found = typeahead.people_known_at(db.session, bodies, _day())
    return jsonify([{"id": one.id, "words": one.words} for one in found])


def _day() -> date:
    return a_day_or_none(request.args.get("on", "")) or clock.today()
