"""Leads: who holds which post at which board."""

from datetime import date

from sqlalchemy.orm import Session

from app.imports.leads.applying import apply
from app.imports.leads.example import EXAMPLE
from app.imports.leads.fields import LEAD_FIELDS
from app.imports.leads.plan import LeadPlan
from app.imports.leads.planning import plan_leads
from app.imports.leads.rows import read_leads
from app.imports.models import FileSubject
from app.imports.planning.choices import Choices
from app.imports.planning.fields import Mapped, Table
from app.imports.planning.kind import ImportKind


def _missing(mapped: Mapped, choices: Choices) -> list[str]:
    sentences = []
    if "board" not in mapped and "board_code" not in mapped:
        sentences.append("Choose the column that names the board, or gives its code.")
    if "family_name" not in mapped and "full_name" not in mapped:
        sentences.append("Choose the column with the family name, or with the whole name.")
    if "full_name" in mapped and "family_name" not in mapped and choices.name_rule is None:
        sentences.append(
            "Say how whole names are to be split: names are never guessed from each other."
        )
    return sentences


def _plan(session: Session, table: Table, mapped: Mapped, choices: Choices, on: date) -> LeadPlan:
    leads = read_leads(table, mapped, choices.name_rule, on=on, file_source=choices.source)
    return plan_leads(session, leads, choices, on=on)


LEADS = ImportKind(
    kind=FileSubject.LEADS,
    fields=LEAD_FIELDS,
    missing=_missing,
    make_plan=_plan,
    apply=apply,
    example=EXAMPLE,
    in_short=(
        "An empty cell changes nothing; nobody is ever removed because they are not in the file.",
        "Somebody who leads two boards has two rows with the same address.",
        "Vacant, not published and unknown are understood in place of a name.",
    ),
    questions=frozenset({"name_rule", "replacing", "post", "source"}),
)
