"""England's bodies, and short ways to plan and import a file."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.directory.models import Organisation, OrganisationKind
from app.imports import services
from app.imports.leads.kind import LEADS
from app.imports.models import LeadImport, RowOutcome
from app.imports.planning.kind import ImportKind
from app.imports.planning.plan import Plan, PlannedRow
from app.imports.planning.preparing import make_plan, prepare
from tests.directory import conftest as directory
from tests.factories import NOON, TODAY

england_app = directory.england_app


@pytest.fixture(scope="session")
def app(england_app: Flask) -> Flask:
    """Here the app's database holds England's bodies from the start."""
    return england_app


@pytest.fixture
def england(session: Session) -> Session:
    return session


@pytest.fixture
def boards(england: Session) -> Sequence[Organisation]:
    """The 36 boards of today."""
    return england.scalars(
        select(Organisation)
        .where(Organisation.kind == OrganisationKind.ICB, Organisation.where_exists_on(TODAY))
        .order_by(Organisation.name)
    ).all()


def plan(
    session: Session, content: bytes, *, kind: ImportKind = LEADS, on: date = TODAY, **chosen: Any
) -> Plan:
    return make_plan(session, prepare(kind, content, chosen), on=on)


def bring_in(
    session: Session,
    content: bytes,
    *,
    kind: ImportKind = LEADS,
    by: User | None = None,
    leave_problems: bool = False,
    **chosen: Any,
) -> LeadImport:
    lead_import = services.import_file(
        session,
        kind=kind,
        plan=plan(session, content, kind=kind, **chosen),
        brought=services.Brought("leads.csv", services.sha256(content)),
        leave_problems=leave_problems,
        by=by,
        on=TODAY,
        at=NOON,
    )
    session.flush()
    return lead_import


def row(planned: Plan, number: int) -> PlannedRow:
    return next(one for one in planned.rows if one.number == number)


def changes(planned: Plan, number: int) -> Mapping[str, tuple[str, str]]:
    return {change.what: (change.old, change.new) for change in row(planned, number).changes}


def outcomes(planned: Plan) -> dict[int, RowOutcome]:
    return {one.number: one.outcome for one in planned.rows}
