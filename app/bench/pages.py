"""How long four pages take, each against its floor, and how many statements each needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.bench import floor
from app.bench.clocks import seconds_of_each
from app.bench.report import Figure
from app.bench.visiting import cookie_of, showing
from app.core.db import db
from app.demo.story import FULL
from app.directory.models import Organisation


@dataclass(frozen=True)
class Measured:
    """A page and the address of its floor."""

    what: str
    path: str
    floor_path: str


def measured_pages(session: Session, *, mailing_id: int) -> list[Measured]:
    system_id = session.scalars(
        select(Organisation.part_of_id).where(Organisation.ods_code == FULL)
    ).first()
    return [
        Measured("Home", "/", "/bench/floor/home/0"),
        Measured(
            "A system with a full story",
            f"/systems/{system_id}",
            f"/bench/floor/system/{system_id}",
        ),
        Measured("The list of systems", "/systems", "/bench/floor/systems/0"),
        Measured(
            "The check page of a mailing",
            f"/letters/mailings/{mailing_id}/check",
            f"/bench/floor/check/{mailing_id}",
        ),
    ]


def page_figures(app: Flask, pages: list[Measured], *, user: User, rounds: int) -> list[Figure]:
    app.register_blueprint(floor.bp)
    cookie = cookie_of(app, user)
    with app.app_context():
        engine = db.engine
    figures = []
    for page in pages:
        show, show_floor = showing(app, page.path, cookie), showing(app, page.floor_path, cookie)
        seconds = seconds_of_each({"page": show, "floor": show_floor}, rounds)
        with _counting(engine) as statements:
            show()
        with _counting(engine) as of_floor:
            show_floor()
        figures.append(
            Figure(
                what=page.what,
                measured=f"{seconds['page'] * 1000:.1f} ms, {len(statements)} statements",
                against=f"floor {seconds['floor'] * 1000:.1f} ms, {len(of_floor)} statements",
                ratio=seconds["page"] / seconds["floor"],
                target=3.0,
            )
        )
    return figures


@contextmanager
def _counting(engine: object) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
