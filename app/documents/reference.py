"""Loading the kinds of document from the reference file, again and again."""

import csv
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from app.directory.reference_reconciler import Loaded, Reconciler, ReferenceValue
from app.documents.models import DocumentType

FILE = Path(__file__).parent / "reference" / "document_types.csv"


def load(session: Session, *, file: Path = FILE) -> Loaded:
    """Bring the kinds up to the file, leaving alone what people changed."""
    ledger = Reconciler(session)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        for line in csv.DictReader(lines):
            fields = {
                "code": line["code"],
                "name": line["name"],
                "organisation_kinds": [
                    kind for kind in line["organisation_kinds"].split(";") if kind
                ],
                "in_use_from": _day(line["in_use_from"]),
                "in_use_until": _day(line["in_use_until"]),
                "position": int(line["position"]),
                "source": line["source"],
                "confidence": line["confidence"],
            }
            says = {
                name: ReferenceValue(value, line["source"], line["confidence"])
                for name, value in fields.items()
            }
            ledger.settle(DocumentType, line["code"], says, same={"code": line["code"]})
    ledger.flush()
    return ledger.loaded


def _day(words: str) -> date | None:
    return date.fromisoformat(words) if words else None
