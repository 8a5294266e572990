"""Every change of every record is in the history with old and new values."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Integer, String, Text, UniqueConstraint, func, inspect, select
from sqlalchemy.orm import Session

import app
from app.audit.models import AuditEvent, AuditValue
from app.audit.rules import MASKED
from app.core.db import Base

# Tables whose rows tell no story of their own, and what tells it instead.
TOLD_OTHERWISE = {
    "audit_event": "is the history",
    "audit_subject": "is the history",
    "audit_value": "is the history",
    "binned": "that a record was deleted, merged or restored is an event of the record",
    "binned_row": "each row that went along has its own event",
    "calendar_feed": "a secret address; asking for a new one is an event of the user",
    "demo_row": "the loading and the removal of the demo are events",
    "digest": "a mail to one user in the morning; its reasons have their own events",
    "draft": "what somebody is still typing, read by nobody else; what is saved has its event",
    "follow_up_bulk_change": "what the undo needs; each follow-up it changed has its own event",
    "heartbeat": "a sign of life of the jobs, no act of a person",
    "lead_file": "a file between its steps; the import made of it is an event",
    "lead_import_change": "each record it speaks of has its own event",
    "lead_import_row": "the import is an event",
    "print_run_letter": "written with its file for the printer, which is an event",
    "letter_board": "written with its letter, at a check or a record, which are events",
    "database_mark": "how far the database has got, to know an older one by",
    "failing_piece": "work that failed lately, as long as it does",
    "letter_event": "the letter's own story, only ever added to",
    "letter_picture": "kept by content, never changed; signatory and mailing say which is whose",
    "letter_recipient": "written with its letter; each answer of a server is a letter event",
    "mail_hours": "when one user wants mail, a wish of their own",
    "message": "mail to ourselves; the reason for it is an event",
    "milestone_bulk_mark": "what the undo needs; each standing it changed has its own event",
    "notification": "a word to one user that something was done, which has its own event",
    "notification_choice": "how one user wants to be told, a wish of their own",
    "one_time_link": "asked for, used: both are events of the user",
    "reference_fact": "what a file said; the record it was put into has the event",
    "reminded": "whom a reminder told; the rule it came from has its events",
    "reminder_occurrence": "planned and fired by the clock from a rule, which has its events",
    "sign_in_session": "signing in and out are events of the user",
    "throttle": "a counter",
}
# Where statements pass the recorder by, and where the history is written instead.
IN_BULK = {
    "app/accounts/authentication/secret_links.py": (
        "links are not audited; invitations and new passwords are recorded"
    ),
    "app/accounts/authentication/sessions.py": (
        "sessions are not audited; signing in and out is recorded"
    ),
    "app/accounts/authentication/throttling.py": "counters",
    "app/audit/recorder.py": "is the recorder",
    "app/audit/services.py": "is the history",
    "app/core/transitions.py": "makes the moves of others",
    "app/bin/services.py": "the ledger of what was restored; each row that came back has its event",
    "app/seed.py": "what a new installation begins with",
    "app/settings/installation.py": "the installation's own number, before anybody is there",
    "app/calendars/services.py": "when a program last asked",
    "app/reminders/moves.py": "occurrences, told by their rule’s page",
    "app/settings/downtime.py": "signs of life",
    "app/settings/pieces.py": "what failed lately, as long as it does",
    "app/settings/services.py": "how far the database has got",
    "app/settings/standstill.py": "how far the database had got, by what its folder knows",
    "app/demo/tracking.py": "the removal is one event; taken out is only what was made up",
    "app/interactions/drafts/autosave.py": (
        "what is being typed, read by nobody else; saving it is recorded"
    ),
    "app/imports/letters/applying.py": "which body a letter was to: told by the letter’s own event",
    "app/imports/services.py": "files that expired; what was said of each row, told by the import",
    "app/imports/tracking.py": "what the undo needs, told by the import",
    "app/letters/approval/submitting.py": (
        "bytes sealed on asking: one event of the mailing; letter events"
    ),
    "app/letters/delivery/by_post.py": "letter events for each step of the paper",
    "app/letters/drafting/letter_rows.py": "one check, one event; letter events",
    "app/letters/delivery/lifecycle.py": "records the old and the new state itself",
    "app/letters/steps.py": "letter events for each step",
    "app/letters/print/post_state.py": (
        "letter events, and one event of the letters and their mailing"
    ),
    "app/letters/print/posting.py": "the day a letter went by post: told with its posting",
    "app/letters/print/making.py": "how far a file is; that it is ready or failed is recorded",
    "app/letters/print/runs.py": "files no longer kept: an event of each",
    "app/letters/delivery/queue.py": "letter events for each step",
    "app/letters/approval/releasing.py": (
        "paper approved with its mailing: one event of the release"
    ),
    "app/letters/delivery/outcomes.py": "letter events; the pause of a mailing is recorded",
    "app/notifications/services.py": "what somebody has seen behind their bell",
    "app/reminders/dispatch.py": "occurrences, told by their rule’s page",
    "app/reminders/planning.py": "occurrences, and how far a rule is planned for",
    "app/outbox/services.py": "mail to ourselves is not audited",
}
PAST_THE_RECORDER = {
    *("insert", "update", "delete", "claims.take", "claims.keep", "claims.let_go"),
    *(
        f"{table}.{move}"
        for table in ("MAILING", "LETTER", "PAPER", "PRINT_FILE", "MESSAGE")
        for move in ("move", "moving")
    ),
}
AUDITED = sorted(
    (mapper.class_ for mapper in Base.registry.mappers if hasattr(mapper.class_, "__audit__")),
    key=lambda model: str(model.__name__),
)


def test_every_table_is_in_the_history_or_told_of_otherwise() -> None:
    audited = {model.__tablename__ for model in AUDITED}
    assert audited.isdisjoint(TOLD_OTHERWISE)
    assert audited | set(TOLD_OTHERWISE) == set(Base.metadata.tables)


def test_statements_that_pass_the_recorder_by_are_known() -> None:
    root = Path(app.__file__).parent
    found = set()
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in PAST_THE_RECORDER:
                found.add(f"app/{path.relative_to(root)}")
    benches = {one for one in found if one.startswith("app/bench")}
    assert found - benches == set(IN_BULK)


def newest(session: Session) -> tuple[AuditEvent, dict[str, tuple[str | None, str | None]]]:
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    values = session.scalars(select(AuditValue).where(AuditValue.event_id == event.id))
    return event, {value.field: (value.old, value.new) for value in values}


def words_of(model: type[Any]) -> str | None:
    """A field of words that may be changed freely."""
    mapper, table = inspect(model), model.__table__
    alone = {c.name for c in table.columns if c.primary_key or c.unique or c.foreign_keys}
    alone |= {
        name
        for one in table.constraints
        if isinstance(one, UniqueConstraint)
        for name in one.columns.keys()  # noqa: SIM118
    }
    masked = getattr(model, "__audit_masked__", ())
    return next(
        (
            one.key
            for one in mapper.column_attrs
            if type(one.columns[0].type) in {String, Text}
            and one.key not in masked
            and one.columns[0].name not in alone
        ),
        None,
    )


def each_in_turn(session: Session) -> Iterator[type[Any]]:
    """Every model with a history; what is done to the rows of one is undone before the next."""
    for model in AUDITED:
        attempt = session.begin_nested()
        yield model
        attempt.rollback()
        session.expire_all()


@pytest.mark.usefixtures("world")
def test_a_change_is_noted_with_what_stood_there_before_even_if_nobody_had_looked(
    session: Session, subtests: pytest.Subtests
) -> None:
    for model in each_in_turn(session):
        with subtests.test(model.__name__):
            change_one(session, model)


def change_one(session: Session, model: type[Any]) -> None:
    field = words_of(model)
    if field is None:
        return  # its rows are made and deleted, and never changed
    row = session.scalars(select(model)).first()
    assert row is not None
    before = getattr(row, field)
    session.expire(row)
    setattr(row, field, "Other words")
    session.flush()
    event, values = newest(session)
    assert (event.action, event.kind) == ("changed", model.__audit__)
    assert values[field] == (before, "Other words")


@pytest.mark.usefixtures("world")
def test_making_and_deleting_is_noted_with_the_values(
    session: Session, subtests: pytest.Subtests
) -> None:
    for model in each_in_turn(session):
        with subtests.test(model.__name__):
            make_and_delete_one(session, model)


def make_and_delete_one(session: Session, model: type[Any]) -> None:
    row = session.scalars(select(model)).first()
    assert row is not None
    if [one.name for one in inspect(model).primary_key] == ["id"] and not one_row(model):
        row = twin(session, model, row)
        session.add(row)
        session.flush()
        event, values = newest(session)
        assert (event.action, event.kind) == ("created", model.__audit__)
        assert all(old is None or old == MASKED for old, _ in values.values())
        assert event.record_id == row.id
    if model.__tablename__ == "settings":
        return  # there is always exactly one
    session.delete(row)
    session.flush()
    event, values = newest(session)
    assert (event.action, event.kind) == ("deleted", model.__audit__)
    assert all(new is None for _, new in values.values())


def one_row(model: type[Any]) -> bool:
    return any(
        one.name == "ck_" + model.__tablename__ + "_one_row" for one in model.__table__.constraints
    )


def twin(session: Session, model: type[Any], row: Any) -> Any:
    """Another of the same, as far as two may be alike."""
    values = {}
    for one in inspect(model).column_attrs:
        column = one.columns[0]
        if column.primary_key:
            continue
        value = getattr(row, one.key)
        if column.unique and isinstance(value, str):
            value += " too"
        elif column.unique and column.nullable:
            value = None
        values[one.key] = value
    for constraint in model.__table__.constraints:
        if isinstance(constraint, UniqueConstraint) and len(constraint.columns) > 1:
            first = next(iter(constraint.columns))
            (key,) = first.foreign_keys
            for column in constraint.columns:
                if not column.foreign_keys and isinstance(column.type, Integer):
                    values[column.name] += 100
            values[first.name] = session.scalar(select(func.max(key.column)))
    return model(**values)
