"""Pages made of everything: home with its map, the systems, and one body's whole story."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.core import clock
from app.core.db import db
from app.core.from_outside import record_number
from app.core.web.pages import as_at, show_list
from app.digests.rules import Group
from app.directory.models import Organisation, OrganisationKind, Person
from app.directory.queries import bodies, people, seats, succession
from app.interactions.offers import offers
from app.interactions.outcomes.outcome_queries import next_steps
from app.overview import engagement, timeline, to_do
from app.overview.engagement import EngagementStep
from app.overview.entries import Subject
from app.overview.lists import systems_view
from app.overview.map_view import ladder_of, map_of, rungs
from app.overview.outcomes import outcomes
from app.overview.status import is_stale, standing_of, standings
from app.overview.succession_tree import families_on

bp = Blueprint("overview", __name__)

LONGEST_NAME = 100


@bp.get("/")
@requires(Permission.VIEW)
def home() -> ResponseReturnValue:
    day = as_at()
    everybody = families_on(db.session, day)
    rows = standings(db.session, day, everybody, reader=me())
    listed = to_do.list_of(db.session, me(), rows, on=clock.today(), at=clock.now())
    return render_template(
        "overview/home.html",
        day=day,
        rows=rows,
        drawing=map_of(db.session, rows, everybody),
        steps=list(EngagementStep),
        finding=engagement.finding([row.engagement for row in rows]),
        rungs=rungs(rows, partial(_systems_at, day)),
        coming=next((one for one in listed if one.group is Group.COMING), None),
        listed=[one for one in listed if one.group is not Group.COMING],
        summary=to_do.summary(rows, listed),
        table=_systems_at(day),
        csv=_systems_at(day, format="csv"),
    )


@bp.get("/systems")
@requires(Permission.VIEW)
def systems() -> ResponseReturnValue:
    day = as_at()
    rows = standings(db.session, day, reader=me())
    return show_list(
        "overview/systems.html",
        systems_view(rows, day),
        rows,
        day=day,
        finding=engagement.finding([row.engagement for row in rows]),
        is_stale=is_stale,
    )


@bp.get("/systems/<int:system_id>")
@requires(Permission.VIEW)
def system(system_id: int) -> ResponseReturnValue:
    """One system's whole story; of a system that has ended, its last day's facts."""
    found = bodies.assembled(db.session, system_id) or abort(404)
    organisation = found.body
    if organisation.kind is not OrganisationKind.ICS:
        return redirect(url_for("directory.organisation", organisation_id=system_id))
    day = as_at()
    known = found.system_on(_last_day(organisation, day))
    row = standing_of(db.session, system_id, day, reader=me())
    parts = [body.id for body in known.bodies]
    lineage = sorted(bodies.lineage(db.session, parts))
    return render_template(
        "overview/system.html",
        system=organisation,
        known=known,
        row=row,
        day=day,
        steps=ladder_of(row) if row else [],
        posts=_board_first(seats.posts_of(db.session, parts, day)),
        **_around(known.board, day, lineage),
        **_ahead(lineage),
        **_story_of(lineage),
    )


@bp.get("/organisations/<int:organisation_id>/timeline")
@requires(Permission.VIEW)
def organisation_timeline(organisation_id: int) -> ResponseReturnValue:
    organisation = db.session.get(Organisation, organisation_id) or abort(404)
    lineage = sorted(bodies.lineage(db.session, [organisation_id]))
    return render_template(
        "overview/organisation_timeline.html",
        organisation=organisation,
        **_ahead(lineage),
        **_story_of(lineage),
    )


@bp.get("/people/<int:person_id>/timeline")
@requires(Permission.VIEW)
def person_timeline(person_id: int) -> ResponseReturnValue:
    person = db.session.get(Person, person_id) or abort(404)
    return render_template(
        "overview/person_timeline.html",
        person=person,
        **_story(
            lambda subject, page: timeline.of_person(
                db.session, person_id, subject=subject, page=page, reader=me()
            ),
            timeline.Whose.OF_PEOPLE,
        ),
    )


def _around(board: Organisation | None, day: date, lineage: list[int]) -> dict[str, Any]:
    """The councils of a board, and who came before and after it."""
    if board is None:
        return {"councils": [], "successions": []}
    passings = succession.passings_on(db.session, lineage)
    merged = succession.merged_by(passings, day)
    return {
        "councils": bodies.councils_of(db.session, board.id, day, line=lineage, merged=merged),
        "successions": succession.of_body(passings, board.id),
    }


def _board_first(seats: list[seats.PostOnDay]) -> list[seats.PostOnDay]:
    return sorted(seats, key=lambda seat: seat.organisation.kind is not OrganisationKind.ICB)


def _last_day(organisation: Organisation, day: date) -> date:
    """The day itself, or of a body that had ended by then, the last day it existed."""
    ended = organisation.dissolved_on
    return ended - timedelta(days=1) if ended and ended <= day else day


def _ahead(body_ids: Sequence[int]) -> dict[str, Any]:
    """What is open between us and these bodies: promises on both sides, offers."""
    return {
        "next_steps": next_steps(db.session, body_ids, reader=me()),
        "offers": offers.to_bodies(db.session, body_ids),
    }


def _story_of(body_ids: Sequence[int]) -> dict[str, Any]:
    """The timeline of these bodies, narrowed to the people of a name if one was given."""
    words = request.args.get("person", "").strip()[:LONGEST_NAME]
    named = [one.id for one in people.called(db.session, words)] if words else None
    story = _story(
        lambda subject, page: timeline.of_bodies(
            db.session, body_ids, people=named, subject=subject, page=page, reader=me()
        ),
        timeline.Whose.OF_BODIES if named is None else timeline.Whose.OF_BOTH,
        body_ids,
    )
    return {**story, "asks_person": True, "person_words": words}


def _story(
    read: Callable[[Subject, int], timeline.Page],
    whose: timeline.Whose,
    body_ids: Sequence[int] = (),
) -> dict[str, Any]:
    """What the timeline part of a page shows, as the address asks."""
    asked = request.args.get("show", "all")
    subject = next((one for one in Subject if one.value == asked), Subject.ALL)
    page = request.args.get("page", 1, type=record_number)

    def story_url(subject: Subject, page: int) -> str:
        args = dict(request.view_args or {})
        if subject is not Subject.ALL:
            args["show"] = subject.value
        if page > 1:
            args["page"] = page
        if words := request.args.get("person", "").strip()[:LONGEST_NAME]:
            args["person"] = words
        return url_for(request.endpoint or "", **args, _anchor="timeline")

    return {
        "story": read(subject, page),
        "outcomes": lambda came: outcomes(came, on=clock.today(), bodies=body_ids),
        "subject": subject,
        "subjects": [one for one in Subject if one in whose.subjects or one is subject],
        "story_url": story_url,
        "asks_person": False,
        "person_words": "",
    }


def _systems_at(day: date, **args: Any) -> str:
    if day != clock.today():
        args["on"] = day.isoformat()
    return url_for("overview.systems", **args)
