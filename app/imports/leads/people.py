"""Which rows speak of the same person, and which person of the register that is."""

from collections.abc import Iterable, Sequence

from app.directory.addresses import address_key
from app.directory.models import Person, PersonEmail
from app.directory.name_matching import are_alike, name_of
from app.directory.queries.duplicates import Called
from app.imports.leads.fields import LEAD_FIELDS
from app.imports.leads.plan import PersonPlan, PlannedLead
from app.imports.leads.rows import ABOUT_THE_PERSON
from app.imports.models import RowOutcome
from app.imports.planning.directory_snapshot import KnownSeats
from app.imports.planning.fields import name_key, plain
from app.imports.planning.plan import PlannedChange, problem
from app.imports.planning.read_rows import numbers


def plan_people(
    rows: Sequence[PlannedLead], register: KnownSeats, namesakes: dict[str, set[int]]
) -> list[PersonPlan]:
    """The people of the good rows. Rows that contradict each other become problems."""
    named = [row for row in rows if row.is_good and row.lead.nobody is None]
    known = {row.number: _known_person(row, register) for row in named}
    named = [row for row in named if row.is_good]
    groups = _together(named, known)
    _tell_namesakes_apart(groups, known)
    plans: list[PersonPlan] = []
    there = _people_there(register)
    for group in groups:
        if not all(row.is_good for row in group):
            _tell_the_others(group)
            continue
        _agree(group)
        if not all(row.is_good for row in group):
            continue
        ids = {known[row.number] for row in group} - {None}
        person = register.people[next(iter(ids))] if ids else None  # type: ignore[index]
        plans.append(_plan(group, person, register))
        if person is None and namesakes.get(group[0].lead.name_key):
            group[0].notes.append(
                f"Somebody called {group[0].lead.name} is already in the register, with another"
                " address and at another body. They stay two people."
            )
        elif person is None:
            group[0].notes.extend(_like_somebody_there(group, register, there))
    return plans


def _people_there(register: KnownSeats) -> dict[int, set[int]]:
    """Who is in the register at each body."""
    there: dict[int, set[int]] = {}
    for (body_id, _), people in register.by_name_at.items():
        there.setdefault(body_id, set()).update(people)
    return there


def _like_somebody_there(
    group: Sequence[PlannedLead], register: KnownSeats, there: dict[int, set[int]]
) -> list[str]:
    """Nearly the same name at one body: likely a slip, and never taken for the same by itself."""
    lead = group[0].lead
    mine = name_of(Called(lead.given_name, lead.family_name))
    found = {
        person_id
        for row in group
        for person_id in there.get(row.body.id if row.body else 0, ())
        if are_alike(mine, name_of(register.people[person_id]))
    }
    return [
        f"Nearly the same name as {register.people[person_id].name}, who is in the register at this"
        " body. If it is one person, put the name right here, or merge the two afterwards."
        for person_id in sorted(found)
    ]


def _known_person(row: PlannedLead, register: KnownSeats) -> int | None:
    """By address at any body; else by the same name at the same body; never by likeness."""
    by_email: set[int] = set()
    for key in row.lead.email_keys:
        by_email |= register.by_email.get(key, set())
    if len(by_email) > 1:
        same_name = {i for i in by_email if _names_agree(row, register.people[i])}
        by_email = same_name if len(same_name) == 1 else by_email
    if len(by_email) > 1:
        names = " and ".join(sorted(register.people[i].name for i in by_email))
        problem([row], f"{', '.join(row.lead.emails)} belongs to {names} in the register.")
        return None
    if by_email:
        person = register.people[next(iter(by_email))]
        if not _half_agree(row, person):
            problem(
                [row],
                f"{', '.join(row.lead.emails)} is the address of {person.name} in the register, and"
                f" of {row.lead.name} in this row. If the person changed their name, change it in"
                " the register first; if the mailbox is shared, leave it out here.",
            )
        return person.id
    assert row.body is not None
    by_name = register.by_name_at.get((row.body.id, row.lead.name_key), set())
    if len(by_name) > 1:
        problem(
            [row],
            f"{row.body.name} has {len(by_name)} people called {row.lead.name}. Give the address"
            " that is in the register, so that it is plain which is meant.",
        )
        return None
    return next(iter(by_name), None)


def _names_agree(row: PlannedLead, person: Person) -> bool:
    return row.lead.name_key == name_key(person.given_name, person.family_name)


def _half_agree(row: PlannedLead, person: Person) -> bool:
    """A new family name or a shortened given name is a change; both at once is somebody else."""
    given, family = name_key(row.lead.given_name, ""), name_key("", row.lead.family_name)
    hers = {name_key(person.given_name, ""), name_key(person.known_as, "")}
    return (
        family == name_key("", person.family_name)
        or bool(given and given in hers)
        or not (person.given_name or person.family_name)
    )


def _together(rows: Sequence[PlannedLead], known: dict[int, int | None]) -> list[list[PlannedLead]]:
    """Rows with one address, or one person of the register, are one person."""
    leader = {row.number: row.number for row in rows}

    def find(number: int) -> int:
        while leader[number] != number:
            leader[number] = leader[leader[number]]
            number = leader[number]
        return number

    first: dict[object, int] = {}
    for row in rows:
        keys: list[object] = [*row.lead.email_keys]
        if known[row.number] is not None:
            keys.append(known[row.number])
        if not keys:
            keys = [(row.seat, row.lead.name_key)]
        for key in keys:
            leader[find(row.number)] = find(first.setdefault(key, row.number))
    groups: dict[int, list[PlannedLead]] = {}
    for row in rows:
        groups.setdefault(find(row.number), []).append(row)
    return list(groups.values())


def _tell_namesakes_apart(groups: list[list[PlannedLead]], known: dict[int, int | None]) -> None:
    """One name in several rows: the same person only if an address or the register says so."""
    by_name: dict[str, list[list[PlannedLead]]] = {}
    for group in groups:
        by_name.setdefault(group[0].lead.name_key, []).append(group)
    for same in by_name.values():
        if len(same) > 1:
            for place, group in enumerate(same):
                _tell_apart(group, same[place - 1], known)


def _tell_apart(
    group: list[PlannedLead], other: list[PlannedLead], known: dict[int, int | None]
) -> None:
    where = numbers([row.lead for row in other])
    name = group[0].lead.name
    if any(row.lead.emails or known[row.number] for row in group):
        group[0].notes.append(f"{name} in {where} is taken for another person.")
        return
    problem(
        group,
        f"{name} is also in {where}. Give the same address in both if this is one person, so"
        " that they are not written to twice.",
    )


def _tell_the_others(group: list[PlannedLead]) -> None:
    """A person half understood is not imported: the rows of one person stand or fall together."""
    bad = [row for row in group if not row.is_good]
    for row in group:
        if row.is_good:
            problem(
                [row], f"The same person has a problem in {numbers([one.lead for one in bad])}."
            )


def _agree(group: list[PlannedLead]) -> None:
    """The rows of one person must not contradict each other."""
    if len(group) == 1:
        return
    where = numbers([row.lead for row in group])
    names = {row.lead.name_key: row.lead.name for row in group}
    if len(names) > 1:
        shared = sorted({email for row in group for email in row.lead.emails})
        problem(
            group,
            f"{where.capitalize()} give {' and '.join(shared) or 'one person'} to"
            f" {' and '.join(sorted(names.values()))}. Correct the names or the addresses.",
        )
        return
    for key in ABOUT_THE_PERSON:
        values = {getattr(row.lead, key) for row in group} - {""}
        if len(values) > 1:
            problem(
                group,
                f"{where.capitalize()} give {group[0].lead.name} different values for"
                f" {LEAD_FIELDS.by_key[key].label.lower()}: {' and '.join(sorted(values))}.",
            )


def _plan(group: list[PlannedLead], person: Person | None, register: KnownSeats) -> PersonPlan:
    plan = PersonPlan(group, person)
    values = {
        key: next((value for row in group if (value := getattr(row.lead, key))), "")
        for key in ABOUT_THE_PERSON
    }
    first = group[0]
    for row in group[1:]:
        row.notes.append(f"The same person as in row {first.number}.")
    outcome = RowOutcome.NEW if person is None else RowOutcome.CHANGED
    if person is None:
        # The parts are kept apart, so that a reader sees which word is taken for which.
        parts = (values[key] for key in ("title", "given_name", "family_name"))
        first.will(outcome, PlannedChange("Name", "", " · ".join(part for part in parts if part)))
    for key, value in values.items():
        old = getattr(person, key) if person else ""
        if value and old and _is_poorer(value, old):
            first.notes.append(f"{old} stays as the register spells it.")
        elif value and value != old:
            plan.values[key] = value
            if person is None and key in {"title", "given_name", "family_name"}:
                continue
            first.will(outcome, PlannedChange(LEAD_FIELDS.by_key[key].label, old, value))
    _plan_emails(plan, register.emails.get(person.id, []) if person else [], outcome)
    if person is None:
        first.will(RowOutcome.NEW)
        if not plan.new_emails:
            first.notes.append("No email address: they cannot be written to by email yet.")
    elif person.objected_on:
        first.notes.append(f"{person.name} has objected to contact. That stays so.")
    return plan


def _is_poorer(value: str, old: str) -> bool:
    """The same name without its accents, or in capitals, is no correction."""
    lost = value.isascii() and not old.isascii()
    return plain(value) == plain(old) and (lost or (value.isupper() and not old.isupper()))


def _plan_emails(plan: PersonPlan, held: Sequence[PersonEmail], outcome: RowOutcome) -> None:
    addresses = list(_in_order(plan.rows))
    if not addresses:
        return
    first = plan.rows[0]
    by_key = {email.address_key: email for email in held}
    plan.new_emails = [a for a in addresses if address_key(a) not in by_key]
    failed = by_key.get(address_key(addresses[0]))
    if failed is not None and failed.failed_on:
        first.notes.append(
            f"A letter to {failed.address} came back on {failed.failed_on.day}"
            f" {failed.failed_on:%B %Y}, so the address is not used."
        )
        return
    used = next((email for email in held if email.is_preferred), None)
    if used is None or used.address_key != address_key(addresses[0]):
        plan.preferred = address_key(addresses[0])
        first.will(
            outcome, PlannedChange("Email address", used.address if used else "", addresses[0])
        )
        if used:
            first.notes.append(f"{used.address} is kept, but no longer used first.")
    further = [a for a in plan.new_emails if a != addresses[0]]
    if further:
        first.will(outcome, PlannedChange("Further email addresses", "", ", ".join(further)))


def _in_order(rows: Iterable[PlannedLead]) -> list[str]:
    """All addresses of a person; what stands first in most rows leads, whatever their order."""
    places: dict[str, list[int]] = {}
    spelt: dict[str, str] = {}
    for row in rows:
        for place, email in enumerate(row.lead.emails):
            key = address_key(email)
            places.setdefault(key, []).append(place)
            spelt[key] = max(spelt.get(key, ""), email)
    ranked = sorted(places, key=lambda key: (min(places[key]), -len(places[key]), key))
    return [spelt[key] for key in ranked]
