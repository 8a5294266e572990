"""Rows of the audit can be added, and nothing else; a value may only be masked."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.audit.services import record


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET summary = 'nothing happened'",
        "DELETE FROM audit_event",
        "UPDATE audit_subject SET record_id = 2",
        "DELETE FROM audit_subject",
        "DELETE FROM audit_value",
        "UPDATE audit_value SET new = 'something else'",
        "UPDATE audit_value SET field = 'other'",
    ],
)
def test_the_database_refuses_to_change_what_was_recorded(session: Session, statement: str) -> None:
    record(session, action="sent", subjects=[("letter", 1)], values={"name": ("A", "B")})
    session.commit()
    with pytest.raises(DBAPIError, match=r"audit (rows are only ever added|values may only)"):
        session.execute(text(statement))
    session.rollback()


def test_what_was_recorded_is_not_replaced_either(session: Session) -> None:
    record(session, action="sent", subjects=[("letter", 1)], summary="as it was")
    session.commit()
    columns = "id, at, actor_name, action, kind, summary, readers"
    if session.get_bind().dialect.name == "sqlite":
        statement = f"REPLACE INTO audit_event ({columns}) SELECT {columns} FROM audit_event"
    else:
        statement = (
            f"INSERT INTO audit_event ({columns}) SELECT {columns} FROM audit_event "
            "ON CONFLICT (id) DO UPDATE SET summary = 'another'"
        )
    with pytest.raises(DBAPIError, match="audit rows are only ever added"):
        session.execute(text(statement))
    session.rollback()


def test_a_value_may_be_erased(session: Session) -> None:
    record(session, action="changed", subjects=[("person", 1)], values={"name": ("A", "B")})
    session.commit()
    session.execute(text("UPDATE audit_value SET old = '[erased]', new = '[erased]'"))
