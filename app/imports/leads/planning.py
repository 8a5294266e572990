"""From the rows of a file and the register: what an import would do. Nothing here writes."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from app.core.errors import DomainError
from app.directory.models import Appointment, PostType
from app.imports.leads.people import plan_people
from app.imports.leads.plan import LeadPlan, PlannedLead
from app.imports.leads.rows import LeadRow
from app.imports.leads.seats import SeatPlanner, check_holders, check_seats, duplicates
from app.imports.models import RowOutcome
from app.imports.planning.bodies import Finder, NotFound, body_key
from app.imports.planning.body_index import read_bodies
from app.imports.planning.choices import Choices
from app.imports.planning.directory_snapshot import KnownSeats, held_now, namesakes, read_register
from app.imports.planning.fields import name_key
from app.imports.planning.plan import Question, problem


class NothingToImportInto(DomainError):
    """The register has no bodies or posts yet."""


def plan_leads(
    session: Session, leads: Sequence[LeadRow], choices: Choices, *, on: date
) -> LeadPlan:
    """What these rows would do to the register as it stands."""
    bodies = read_bodies(session)
    if not bodies.organisations or not bodies.post_types:
        raise NothingToImportInto(
            "The register has no boards or posts, which Liaise loads on its first start. Run "
            "./run load-reference to bring them back."
        )
    finder = Finder(bodies, on, choices.boards)
    rows = [PlannedLead(lead) for lead in leads]
    questions = _place(rows, finder, choices)
    silent = [row for row in rows if row.lead.says_nothing and row.is_good]
    for row in silent:
        row.notes.append("The row names nobody, so it changes nothing.")
    speaking = [row for row in rows if not row.lead.says_nothing]
    register = read_register(
        session,
        {row.seat for row in speaking if row.body and row.post_type},
        {key for row in speaking for key in row.lead.email_keys},
    )
    check_seats([row for row in speaking if row.lead.nobody or row.lead.family_name])
    repeated = duplicates(speaking)
    told_once = [row for row in speaking if row.number not in repeated]
    found = namesakes(session, {row.lead.family_name for row in told_once})
    plan = LeadPlan(rows, questions=questions)
    _settle(plan, told_once, register, found, choices=choices, on=on)
    _finish(plan, repeated)
    used = {row.post_type.id for row in speaking if row.post_type}
    plan.not_in_file = _absent(plan, held_now(session, sorted(used), on), speaking, register)
    plan.posts = register.posts
    return plan


def _settle(
    plan: LeadPlan,
    rows: Sequence[PlannedLead],
    register: KnownSeats,
    found: dict[str, set[int]],
    *,
    choices: Choices,
    on: date,
) -> None:
    """Plan, and plan again without the rows that proved a problem, until no more do.

    A row may only turn out wrong when its post is looked at; by then its person was planned.
    """
    while True:
        good = [row for row in rows if row.is_good]
        notes = {row.number: list(row.notes) for row in good}
        for row in good:
            row.changes, row.outcome = [], RowOutcome.UNCHANGED
        plan.people = plan_people(good, register, found)
        check_holders(plan.people)
        bad = [row for row in rows if not row.is_good]
        planner = SeatPlanner(register, plan.people, bad, on=on, replacing=choices.replacing)
        plan.seats = planner.plan([row for row in good if row.is_good])
        for people in plan.people:
            fallen = [row for row in people.rows if not row.is_good]
            for row in people.rows:
                if fallen and row.is_good:
                    where = ", ".join(str(one.number) for one in fallen)
                    problem([row], f"The same person has a problem in row {where}.")
        if all(row.is_good for row in good):
            return
        for row in good:
            row.lead.notes[:] = notes[row.number]


def _place(rows: Sequence[PlannedLead], finder: Finder, choices: Choices) -> list[Question]:
    """Find each row's post and body; what a name means is asked once, however often it stands."""
    asked: dict[str, list[tuple[PlannedLead, NotFound]]] = {}
    default: PostType | None = None
    for row in rows:
        try:
            row.post_type = default = finder.post_type(row.lead.post or choices.post)
            row.body = finder.body(
                row.lead.board, row.lead.board_code, row.post_type.organisation_kinds
            )
        except NotFound as refusal:
            problem([row], str(refusal))
            text = row.lead.board or row.lead.board_code
            if row.post_type and text and not row.lead.says_nothing:
                asked.setdefault(body_key(text), []).append((row, refusal))
            elif row.lead.says_nothing and row.post_type:
                # A line of words under the table is no lead; it is left, and said to be left.
                row.lead.problems.clear()
    if default is None:
        return []
    return [
        Question(
            key=key,
            text=found[0][0].lead.board or found[0][0].lead.board_code,
            sentence=str(found[0][1]),
            rows=len(found),
            choices=found[0][1].choices,
            all_choices=tuple(
                finder.current((found[0][0].post_type or default).organisation_kinds)
            ),
        )
        for key, found in asked.items()
    ]


def _finish(plan: LeadPlan, repeated: Mapping[int, PlannedLead]) -> None:
    for row in plan.rows:
        first = repeated.get(row.number)
        if first is not None and first.problems:
            problem([row], f"Says the same as row {first.number}, which has a problem.")
        if row.problems:
            row.outcome = RowOutcome.PROBLEM
            row.changes = []


def _absent(
    plan: LeadPlan,
    held: Sequence[Appointment],
    rows: Sequence[PlannedLead],
    register: KnownSeats,
) -> list[Appointment]:
    """Who holds such a post and stands in no row about it; rows with a problem count as rows."""
    named = {(row.seat, row.lead.name_key) for row in rows if row.body and row.post_type}
    kept = {
        holder.appointment.id
        for seat in plan.seats
        for holder in seat.holders
        if holder.appointment is not None
    }
    leaving = {ending.appointment.id for seat in plan.seats for ending in seat.endings}
    keys = {key for row in plan.rows if not row.is_good for key in row.lead.email_keys}

    def is_named(appointment: Appointment) -> bool:
        person = appointment.person
        seat = (appointment.post.organisation_id, appointment.post.post_type_id)
        hers = {email.address_key for email in register.emails.get(person.id, [])}
        name = name_key(person.given_name, person.family_name)
        return (seat, name) in named or bool(hers & keys)

    return [a for a in held if a.id not in kept | leaving and not is_named(a)]
