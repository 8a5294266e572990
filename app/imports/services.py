"""A file from its upload to its import."""

import gc
import hashlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import User
from app.audit.services import record
from app.core.errors import DomainError
from app.core.web.filters import plural
from app.directory.models import PostType
from app.imports.files.sheets import clean
from app.imports.models import FileSubject, LeadFile, LeadImport, LeadImportRow, RowOutcome
from app.imports.planning.corrections import Correction
from app.imports.planning.kind import ImportKind, ImportOrigin
from app.imports.planning.plan import Plan, PlannedRow
from app.imports.tracking import tracking

KEPT_FOR = timedelta(days=1)


class HasProblems(DomainError):
    """Nothing is imported while rows have problems, unless leaving them out was asked for."""


class NothingToImport(DomainError):
    """The register already says all of it."""


# What an import is planned upon; other people's notes and sign-ins change nothing about it.
PLANNED_UPON = (
    *("organisation", "organisation_name", "organisation_code", "succession", "tile"),
    *("post_type", "post", "post_observation", "appointment", "person", "person_email"),
    *("letter", "lead_import"),
)


class ChangedMeanwhile(DomainError):
    """What was shown is no longer what would be done."""


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def keep_file(
    session: Session,
    *,
    kind: FileSubject = FileSubject.LEADS,
    file_name: str,
    content: bytes,
    by: User,
    at: datetime,
) -> tuple[LeadFile, str]:
    """Keep a file for its owner through the steps; the token is in the address and nowhere else."""
    forget_old_files(session, at=at)
    token = secrets.token_urlsafe(24)
    lead_file = LeadFile(
        token_hash=_hash(token),
        user_id=by.id,
        kind=kind,
        file_name=plain_file_name(file_name),
        file_sha256=sha256(content),
        content=content,
        expires_at=at + KEPT_FOR,
    )
    session.add(lead_file)
    session.flush()
    return lead_file, token


def plain_file_name(name: str) -> str:
    """A name to show, never a path to open."""
    last = clean(name.replace("\\", "/").rpartition("/")[2]).replace("\n", " ")
    return last[-120:] or "file"


def kept_file(
    session: Session, *, token: str, by: User, at: datetime, for_update: bool = False
) -> LeadFile | None:
    """The file of this address if it is this user's and has not expired."""
    wanted = select(LeadFile).where(
        LeadFile.token_hash == _hash(token),
        LeadFile.user_id == by.id,
        LeadFile.expires_at > at,
    )
    if for_update:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    return session.scalar(wanted)


def choose(session: Session, *, lead_file: LeadFile, choices: Mapping[str, Any]) -> None:
    """Remember what the user said about the file, besides what they said before."""
    lead_file.choices = {**lead_file.choices, **choices}
    session.flush()


def carried_over(choices: Mapping[str, Any]) -> dict[str, Any]:
    """What was said of one file and holds for its correction: columns go by their headings."""
    kept = ("headings", "name_rule", "post", "replacing", "channel", "source", "boards")
    return {key: choices[key] for key in kept if key in choices}


def mark_imported(session: Session, *, lead_file: LeadFile, lead_import: LeadImport) -> None:
    """The file has done its work: nothing of it stays but the way to what it did."""
    lead_file.lead_import_id, lead_file.content = lead_import.id, b""
    session.flush()


def forget_file(session: Session, *, lead_file: LeadFile) -> None:
    session.delete(lead_file)
    session.flush()


def forget_old_files(session: Session, *, at: datetime) -> int:
    forgotten = session.execute(delete(LeadFile).where(LeadFile.expires_at <= at))
    return forgotten.rowcount  # type: ignore[attr-defined, no-any-return]


def earlier_import(session: Session, file_sha256: str) -> LeadImport | None:
    """The last time this very file was imported, unless that was undone."""
    return session.scalar(
        select(LeadImport)
        .where(LeadImport.file_sha256 == file_sha256, LeadImport.undone_at.is_(None))
        .options(joinedload(LeadImport.imported_by))
        .order_by(LeadImport.id.desc())
        .limit(1)
    )


def one_at_a_time(session: Session) -> None:
    """Two imports at once would each make the people of the other."""
    session.execute(select(PostType.id).order_by(PostType.id).with_for_update()).all()


@dataclass(frozen=True)
class Brought:
    """A file as it was brought, and what was put right in it before it was imported."""

    file_name: str
    file_sha256: str
    source: str = ""  # of the rows that did not say it
    corrections: Mapping[int, Sequence[Correction]] = field(default_factory=dict)


def import_file(
    session: Session,
    *,
    kind: ImportKind,
    plan: Plan,
    brought: Brought,
    leave_problems: bool,
    by: User | None,
    on: date,
    at: datetime,
) -> LeadImport:
    """Do what the plan says, all of it or nothing, and keep what was done."""
    problems = plan.count(RowOutcome.PROBLEM)
    if problems and not leave_problems:
        rows = "1 row has a problem" if problems == 1 else f"{problems} rows have problems"
        raise HasProblems(
            f"{rows}, so nothing was imported. Put them right here, or correct the file and"
            " upload it again, or choose to leave those rows out."
        )
    if not plan.does_something:
        raise NothingToImport("There is nothing to import: the register already says all of this.")
    lead_import = LeadImport(
        kind=kind.kind,
        file_name=brought.file_name,
        file_sha256=brought.file_sha256,
        source=brought.source,
        imported_at=at,
        imported_by_id=by.id if by else None,
        new_count=plan.count(RowOutcome.NEW),
        changed_count=plan.count(RowOutcome.CHANGED),
        unchanged_count=plan.count(RowOutcome.UNCHANGED),
        problem_count=problems,
    )
    session.add(lead_import)
    session.flush()
    with _collecting_later(), tracking(session) as tracker:
        make = partial(tracker.make, session)
        kind.apply(session, plan, ImportOrigin(brought.file_name, by=by, on=on, make=make))
        tracker.write(session, lead_import)
    # Thousands of rows that nothing else looks at: said to the database in one go.
    session.execute(
        insert(LeadImportRow),
        [_row(lead_import, row, brought.corrections) for row in plan.rows],
    )
    record(
        session,
        action=f"imported {kind.things}",
        subjects=[("lead_import", lead_import.id)],
        summary=f"{brought.file_name}: {counts_in_words(lead_import)}{_told(brought)}",
        values={
            f"Row {number}, {correction.heading}": (correction.old, correction.new)
            for number, corrections in brought.corrections.items()
            for correction in corrections
        },
    )
    return lead_import


@contextmanager
def _collecting_later() -> Iterator[None]:
    """Python looks through all the rows of a long file for garbage again and again, in vain.

    It may as well do so when nobody is kept waiting any more.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def counts_in_words(counted: LeadImport) -> str:
    return (
        f"{counted.new_count} new, {counted.changed_count} changed,"
        f" {counted.unchanged_count} unchanged, {counted.problem_count} with problems left out"
    )


def _told(brought: Brought) -> str:
    cells = sum(map(len, brought.corrections.values()))
    fixed = f"; {plural(cells, 'cell')} fixed on the page" if cells else ""
    return f"{fixed}; where no source was given: {brought.source}" if brought.source else fixed


def _row(
    lead_import: LeadImport,
    row: PlannedRow,
    corrections: Mapping[int, Sequence[Correction]],
) -> dict[str, Any]:
    return {
        "lead_import_id": lead_import.id,
        "number": row.number,
        "outcome": row.outcome,
        "who": row.who,
        "where": row.where,
        "story": {
            "changes": [[change.what, change.old, change.new] for change in row.changes],
            "notes": list(row.notes),
            "problems": list(row.problems),
            "corrected": [
                [one.heading, one.old, one.new] for one in corrections.get(row.number, ())
            ],
        },
    }


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
