"""Loading milestones and duties from the reference file, again and again."""

import csv
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.directory.reference_reconciler import Loaded, Reconciler, ReferenceValue
from app.documents.models import DocumentType
from app.milestones import reference_rows
from app.milestones.models import (
    DateKind,
    Milestone,
    MilestoneDate,
    MilestoneSeries,
    Precision,
)
from app.milestones.reference_rows import Dated, Line
from app.milestones.rules import DUE_BY
from app.milestones.series import make_years

FILE = Path(__file__).parent / "reference" / "milestones.csv"


def load(session: Session, *, on: date, at: datetime, file: Path = FILE) -> Loaded:
    """Bring milestones up to the file, leaving alone what people changed, and lay out the years
    of the yearly ones."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        read = list(csv.DictReader(lines))
    loader = MilestoneLoader(session, at)
    for line in read:
        if reference_rows.is_series(line):
            loader.duty(line)
    loader.ledger.flush()
    for line in read:
        if not reference_rows.is_series(line):
            loader.milestone(line)
    loader.ledger.flush()
    for line in read:
        if not reference_rows.is_series(line):
            loader.dates(line)
    loader.ledger.flush()
    make_years(session, on=on, at=at)
    return loader.ledger.loaded


class MilestoneLoader:
    """One run over the file."""

    def __init__(self, session: Session, at: datetime) -> None:
        self.ledger = Reconciler(session)
        self.at = at
        self.type_ids = {one.code: one.id for one in session.scalars(select(DocumentType))}
        self.duties: dict[str, MilestoneSeries | None] = {}
        self.milestones: dict[str, Milestone | None] = {}

    def duty(self, line: Line) -> None:
        month, day = reference_rows.day_of_year(line)
        kind = DateKind.STATUTORY if line["statutory"] else DateKind.ENTERED
        says = self._binding(line) | _said(
            line,
            code=line["id"],
            comes=reference_rows.comes(line),
            month=month,
            day=day,
            date_kind=kind,
            document_type_id=self.type_ids.get(line["met_by_document_type"]),
        )
        self.duties[line["id"]] = self.ledger.settle(
            MilestoneSeries, line["id"], says, same={"title": line["title"]}
        )

    def milestone(self, line: Line) -> None:
        dated = {one.kind: one for one in reference_rows.dates(line)}
        due = next((dated[kind] for kind in DUE_BY if kind in dated), dated.get(DateKind.ACTUAL))
        assert due is not None
        happened = dated.get(DateKind.ACTUAL)
        duty = self.duties.get(reference_rows.series_of(line) or "")
        says = self._binding(line) | _said(
            line,
            code=line["id"],
            due_on=due.falls_on,
            precision=due.precision,
            happened_on=happened.falls_on if happened else None,
            happened_until=happened.until if happened else None,
            happened_precision=happened.precision if happened else Precision.DAY,
            series_id=duty.id if duty else None,
            year=due.falls_on.year if duty else None,
            document_type_id=self.type_ids.get(line["met_by_document_type"]),
        )
        self.milestones[line["id"]] = self.ledger.settle(
            Milestone, line["id"], says, same={"title": line["title"]}
        )

    def dates(self, line: Line) -> None:
        milestone = self.milestones[line["id"]]
        if milestone is None:
            return
        dated = reference_rows.dates(line)
        for one in dated:
            self._date(milestone, line, one)
        for kind in set(DateKind) - {one.kind for one in dated}:
            self.ledger.withdraw(MilestoneDate, _key(line, kind))

    def _date(self, milestone: Milestone, line: Line, one: Dated) -> None:
        says = _said(
            line,
            milestone_id=milestone.id,
            kind=one.kind,
            falls_on=one.falls_on,
            until=one.until,
            precision=one.precision,
            source=_source(line, one),
        )
        same = {"milestone_id": milestone.id, "kind": one.kind, "falls_on": one.falls_on}
        row = self.ledger.settle(MilestoneDate, _key(line, one.kind), says, same=same)
        if row and row.recorded_at is None:  # new
            row.recorded_at = self.at

    def _binding(self, line: Line) -> dict[str, ReferenceValue]:
        return _said(
            line,
            title=line["title"],
            basis=reference_rows.words(line["statutory_basis"]),
            binds=line["binds"],
            binds_kinds=[kind for kind in line["binds_kinds"].split(";") if kind],
            binds_only=self._single_bodies(line["binds"]),
            asks_each=reference_rows.asks_each(line),
            status=line["status_at_2026_11"],
            source=line["source"],
            confidence=line["confidence"],
        )

    def _single_bodies(self, binds: str) -> list[int]:
        keys = reference_rows.SINGLE_BODIES.get(binds, ())
        return [id_ for key in keys if (id_ := self.ledger.ids.get(("organisation", key)))]


def _said(line: Line, **fields: Any) -> dict[str, ReferenceValue]:
    return {
        name: ReferenceValue(value, line["source"], line["confidence"])
        for name, value in fields.items()
    }


def _key(line: Line, kind: DateKind) -> str:
    return f"{line['id']} {kind.value}"


def _source(line: Line, one: Dated) -> str:
    """The law itself is the source of a statutory date."""
    is_law = one.kind is DateKind.STATUTORY and one.precision is Precision.DAY
    return line["statutory_basis"] if is_law else line["source"]
