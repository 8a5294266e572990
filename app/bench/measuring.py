"""The whole bench: a database of its own, filled, measured and thrown away."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask

from app.bench.database import throwaway_app
from app.bench.drafting import drafting_figure
from app.bench.draining import draining_figure
from app.bench.filling import BASE_URL, Staff, begin, make_boards, tell_story
from app.bench.growing import list_figures, story_figure
from app.bench.merging import merging_figure
from app.bench.pages import measured_pages, page_figures
from app.bench.papering import print_figure, word_figure
from app.bench.previewing import preview_figure
from app.bench.reminding import reminder_figures
from app.bench.report import Figure, machine
from app.core import clock
from app.core.db import db
from app.letters.drafting import checking


@dataclass(frozen=True)
class Measure:
    """How much is measured; the tests take little."""

    few: int = 42
    many: int = 1000
    drained: int = 360
    rounds: int = 5
    page_rounds: int = 41
    entries: int = 500
    listed_few: int = 200
    listed_many: int = 20_000
    occurrences: int | None = None  # as many as are promised for the database it runs on


QUICK = Measure(
    few=3,
    many=6,
    drained=6,
    rounds=2,
    page_rounds=2,
    entries=30,
    listed_few=10,
    listed_many=50,
    occurrences=3_000,
)


def run(
    measure: Measure, *, server: str = "", say: Callable[[str], None] = lambda _: None
) -> tuple[list[Figure], dict[str, str]]:
    """The figures, and what they were measured on."""
    with throwaway_app(server) as app:
        say("Filling a database that is thrown away afterwards …")
        staff, mailing_id = _fill_for_pages(app)
        with app.app_context():
            known = machine(db.engine)
            pages = measured_pages(db.session, mailing_id=mailing_id)
        say("Measuring pages …")
        of_pages = page_figures(app, pages, user=staff.author, rounds=measure.page_rounds)
        preview = preview_figure(app, on=clock.today(), rounds=measure.rounds)
        draft = drafting_figure(app, user=staff.author, rounds=measure.page_rounds)
        story = story_figure(app, staff=staff, many=measure.entries, rounds=measure.page_rounds)
        say(f"Making {measure.many:,} boards, with their people …")
        with app.app_context():
            boards = make_boards(db.session, measure.many, staff=staff, on=clock.today())
            db.session.commit()
        say("Measuring letters …")
        of_letters = [
            _merging(app, boards[: measure.few], staff, allowed=1, rounds=measure.rounds),
            _merging(app, boards, staff, allowed=10, rounds=min(3, measure.rounds)),
        ]
        on_paper = [
            word_figure(
                app,
                boards[: measure.few],
                staff=staff,
                at=clock.now(),
                rounds=min(3, measure.rounds),
            ),
            _printing(app, boards[: measure.few], staff, allowed=3, rounds=measure.rounds),
            _printing(app, boards, staff, allowed=25, rounds=1),
        ]
        say("Sending to a mail server that keeps nothing …")
        draining = draining_figure(
            app,
            boards[-measure.drained :],
            staff=staff,
            at=clock.now(),
            rounds=measure.rounds,
        )
        say("Planning reminders, and asking what is due …")
        reminders = reminder_figures(
            app,
            user=staff.author,
            at=clock.now(),
            rounds=measure.rounds,
            many=measure.occurrences,
        )
    say("Measuring long lists …")
    of_lists = list_figures(
        server, few=measure.listed_few, many=measure.listed_many, rounds=measure.page_rounds
    )
    figures = [*of_letters, *on_paper, preview, draft, draining, *reminders, *of_pages, story]
    return [*figures, *of_lists], known


def _fill_for_pages(app: Flask) -> tuple[Staff, int]:
    """What the pages show: England with its made-up leads, and a mailing to all of them."""
    at = clock.now()
    with app.app_context():
        staff = tell_story(db.session, on=clock.today(), at=at)
        mailing = begin(db.session, "To every lead", None, staff=staff, at=at)
        checking.check(db.session, mailing, by=staff.author, at=at, base_url=BASE_URL)
        db.session.commit()
        return staff, mailing.id


def _merging(app: Flask, boards: list[int], staff: Staff, *, allowed: float, rounds: int) -> Figure:
    return merging_figure(app, boards, staff=staff, at=clock.now(), allowed=allowed, rounds=rounds)


def _printing(
    app: Flask, boards: list[int], staff: Staff, *, allowed: float, rounds: int
) -> Figure:
    return print_figure(app, boards, staff=staff, at=clock.now(), allowed=allowed, rounds=rounds)
