"""How long planning a year of reminders takes, and asking what is due among very many."""

from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import delete, func, insert, literal, select, text, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.bench.clocks import seconds_of_each
from app.bench.merging import NotAsMeant
from app.bench.report import Figure
from app.core.db import db, reading
from app.directory.models import OrganisationKind
from app.directory.queries.bodies import organisations_on
from app.milestones.models import Milestone
from app.reminders import planning, queries, services
from app.reminders.models import Every, Occurrence
from app.reminders.rules import moment

BOARDS, RULES = 36, 20
PLANNING_ALLOWED = 2.0
FEW = 1_000
# The longest the question may take among the many, against the few.
TIMES_ALLOWED = 3.0
MANY = {"sqlite": 100_000, "postgresql": 1_000_000}
OFFSETS = (-90, -60, -28, -14, -3, 0)


def reminder_figures(
    app: Flask, *, user: User, at: datetime, rounds: int, many: int | None = None
) -> list[Figure]:
    with app.app_context():
        many = many or MANY[db.engine.dialect.name]
        rule_ids = _make_rules(db.session, user, at)
        db.session.commit()
        return [
            _planning(db.session, rule_ids, at, rounds),
            _asking(db.session, at, rounds=rounds * 40, many=many),
        ]


def _make_rules(session: Session, user: User, at: datetime) -> list[int]:
    """Twenty duties a year for England's boards, each with a rule."""
    on = moment(at)[0]
    boards = organisations_on(session, on, [OrganisationKind.ICB])[:BOARDS]
    made = []
    for number in range(RULES):
        milestone = Milestone(
            title=f"Bench milestone {number}",
            due_on=on + timedelta(days=100 + 13 * number),
            binds_kinds=[OrganisationKind.ICB.value],
            binds_only=[board.id for board in boards],
        )
        session.add(milestone)
        session.flush()
        described = services.RuleDetails(OFFSETS, repeat_every=7, repeat_unit=Every.DAYS)
        made.append(services.make(session, described, milestone, by=user, at=at).id)
    return made


def _planning(session: Session, rule_ids: list[int], at: datetime, rounds: int) -> Figure:
    """From nothing, each rule in a transaction of its own, as a tick does it."""

    def plan_all() -> None:
        session.execute(delete(Occurrence))
        for rule_id in rule_ids:
            planning.plan(session, planning.locked(session, rule_id), at=at, recorded_until=at)
            session.commit()

    seconds = seconds_of_each({"plan": plan_all}, rounds)["plan"]
    planned = _count(session)
    return Figure(
        what=f"A year of reminders planned, {BOARDS} boards × {RULES} rules",
        measured=f"{seconds:.2f} s, {planned:,} reminders",
        against=f"{PLANNING_ALLOWED:.0f} s allowed",
        ratio=seconds / PLANNING_ALLOWED,
        target=1.0,
    )


def _asking(session: Session, at: datetime, *, rounds: int, many: int) -> Figure:
    """What every tick asks: which rules have something due. A board has something due."""
    _keep_only(session, FEW)
    session.execute(
        update(Occurrence)
        .where(Occurrence.id == select(func.min(Occurrence.id)).scalar_subquery())
        .values(due_on=moment(at)[0] - timedelta(days=1))
    )
    session.commit()
    of_few = _seconds_to_ask(session, at, rounds)
    _multiply(session, at, many)
    of_many = _seconds_to_ask(session, at, rounds)
    return Figure(
        what=f"What is due, among {_count(session):,} planned reminders",
        measured=f"{of_many * 1000:.2f} ms",
        against=f"{of_few * 1000:.2f} ms among {FEW:,}",
        ratio=of_many / of_few,
        target=TIMES_ALLOWED,
    )


def _seconds_to_ask(session: Session, at: datetime, rounds: int) -> float:
    def ask() -> None:
        with reading():
            if len(queries.due(session, at)) != 1:
                raise NotAsMeant("One rule should have something due.")
            session.commit()

    return seconds_of_each({"ask": ask}, rounds)["ask"]


def _keep_only(session: Session, count: int) -> None:
    first = select(Occurrence.id).order_by(Occurrence.id).limit(count).scalar_subquery()
    session.execute(delete(Occurrence).where(Occurrence.id.not_in(first)))


def _multiply(session: Session, at: datetime, many: int) -> None:
    """Copied onto themselves until there are enough; what is due stays one."""
    columns = ("rule_id", "milestone_id", "organisation_id", "due_on", "due_time", "state")
    there = [getattr(Occurrence, name) for name in columns]
    while (count := _count(session)) < many:
        copies = (
            select(*there, Occurrence.step + literal(f":{count}"), literal(""))
            .where(Occurrence.due_on >= moment(at)[0])
            .order_by(Occurrence.id)
            .limit(many - count)
        )
        session.execute(insert(Occurrence).from_select([*columns, "step", "reason"], copies))
        session.commit()
    session.execute(text("ANALYZE"))
    session.commit()


def _count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Occurrence)) or 0
