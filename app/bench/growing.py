"""How much longer a page takes where there is much more to list: one story, and the follow-ups."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Flask
from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.bench.clocks import seconds_of_each
from app.bench.database import throwaway_app
from app.bench.filling import Staff, make_body, tell_story
from app.bench.report import Figure
from app.bench.visiting import cookie_of, showing
from app.core import clock
from app.core.db import db
from app.directory.models import Organisation, OrganisationKind
from app.followups.models import FollowUp, FollowUpState
from app.interactions.entries import services as interactions
from app.interactions.models import InteractionKind

A_PAGE = 25
A_STORY = 1.3
A_LIST = 2.0
LISTS = {
    "Follow-ups, mine": "",
    "Follow-ups, all open": "?show=all",
    "Follow-ups, all open, by their words": "?show=all&sort=what",
    "Follow-ups, overdue": "?show=overdue",
    "Follow-ups, waiting on them": "?show=waiting",
    "Follow-ups, put off": "?show=asleep",
    "Follow-ups, done": "?show=done",
}
AT_ONCE = 1000


def story_figure(app: Flask, *, staff: Staff, many: int, rounds: int) -> Figure:
    """The page of a system with so many meetings, with that of one whose story is one full page."""
    with app.app_context():
        on, at = clock.today(), clock.now()
        short, long = (
            _system_with(db.session, count, by=staff.author, on=on, at=at)
            for count in (A_PAGE, many)
        )
        db.session.commit()
    cookie = cookie_of(app, staff.author)
    seconds = seconds_of_each(
        {
            "short": showing(app, f"/systems/{short}", cookie),
            "long": showing(app, f"/systems/{long}", cookie),
        },
        rounds,
    )
    return Figure(
        what=f"A system with {many:,} entries",
        measured=f"{seconds['long'] * 1000:.1f} ms",
        against=f"{seconds['short'] * 1000:.1f} ms with {A_PAGE}",
        ratio=seconds["long"] / seconds["short"],
        target=A_STORY,
    )


def _system_with(session: Session, count: int, *, by: User, on: date, at: datetime) -> int:
    system = make_body(session, OrganisationKind.ICS, f"Bench Story of {count}", on=on)
    board = make_body(
        session,
        OrganisationKind.ICB,
        f"NHS Bench Story of {count} Integrated Care Board",
        on=on,
        system=system,
    )
    for number in range(count):
        interactions.write_down(
            session,
            kind=InteractionKind.MEETING,
            happened_on=on - timedelta(days=number % 400),
            subject=f"Meeting {number}",
            body="They asked what others do on school inhalers.",
            organisations=[board],
            by=by,
            at=at,
            today=on,
        )
    return system.id


@dataclass(frozen=True)
class Listed:
    """An app whose lists of follow-ups all hold as many, and who reads them."""

    app: Flask
    cookie: str
    count: int


def list_figures(server: str, *, few: int, many: int, rounds: int) -> list[Figure]:
    """Every list of follow-ups, in two databases that differ in nothing but how many there are."""
    with throwaway_app(server) as small:
        with small.app_context():
            tell_story(db.session, on=clock.today(), at=clock.now())
            db.session.commit()
        with throwaway_app(server, as_in=small) as large:
            short, long = _listed(small, few), _listed(large, many)
            return [_list_figure(what, short, long, rounds) for what in LISTS]


def _list_figure(what: str, short: Listed, long: Listed, rounds: int) -> Figure:
    path = f"/follow-ups{LISTS[what]}"
    seconds = seconds_of_each(
        {
            "short": showing(short.app, path, short.cookie),
            "long": showing(long.app, path, long.cookie),
        },
        rounds,
    )
    return Figure(
        what=f"{what}, {long.count:,}",
        measured=f"{seconds['long'] * 1000:.1f} ms",
        against=f"{seconds['short'] * 1000:.1f} ms with {short.count:,}",
        ratio=seconds["long"] / seconds["short"],
        target=A_LIST,
    )


def _listed(app: Flask, count: int) -> Listed:
    with app.app_context():
        on, at = clock.today(), clock.now()
        reader = tell_story(db.session, on=on, at=at).author
        boards = db.session.scalars(
            select(Organisation.id).where(Organisation.kind == OrganisationKind.ICB)
        ).all()
        rows = [
            _follow_up(number, boards[number % len(boards)], reader, on, at) | kind
            for number in range(count)
            for kind in (
                {},
                {"asleep_until": on + timedelta(days=30), "reason": "They are on leave"},
                {"state": FollowUpState.DONE, "done_at": at, "done_by_id": reader.id},
            )
        ]
        for first in range(0, len(rows), AT_ONCE):
            db.session.execute(insert(FollowUp), rows[first : first + AT_ONCE])
        db.session.commit()
        _tidy(db.engine)
    return Listed(app, cookie_of(app, reader), count)


def _tidy(engine: Engine) -> None:
    """What PostgreSQL does by itself within the minute after so many rows were written at once."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE follow_up")


def _follow_up(
    number: int, board_id: int, reader: User, on: date, at: datetime
) -> dict[str, object]:
    """One that stands on every list of what is open: the reader's, overdue, and owed by others."""
    return {
        "what": f"Ask for the plan of ward {number * 7919 % 99991}",
        "owner_id": reader.id,
        "author_id": reader.id,
        "member_organisation_id": reader.member_organisation_id,
        "organisation_id": board_id,
        "due_on": on - timedelta(days=1 + number % 300),
        "waiting_on_them": True,
        "created_at": at,
    }
