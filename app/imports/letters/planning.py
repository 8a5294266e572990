"""From the rows of a file of letters and the register: what an import would do."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from app.core.web.filters import on_day
from app.directory.models import Organisation, Person
from app.imports.letters.plan import LetterPlan, PlannedLetter, Sending
from app.imports.letters.rows import LetterRow
from app.imports.models import RowOutcome
from app.imports.planning.bodies import EVERY_KIND, Finder, NotFound, body_key
from app.imports.planning.body_index import read_bodies
from app.imports.planning.choices import Choices
from app.imports.planning.directory_snapshot import KnownSeats, read_register
from app.imports.planning.fields import plain
from app.imports.planning.plan import PlannedChange, Question, problem
from app.imports.planning.read_rows import numbers
from app.letters.models import LetterKind, LetterOrigin
from app.letters.tracking.external_letters import CHANNELS, KnownLetter, letters_sent_on

SHOWN = {"kind": "Kind", "channel": "How it went", "reference": "Reference or file name"}


def plan_letters(
    session: Session, letters: Sequence[LetterRow], choices: Choices, *, on: date
) -> LetterPlan:
    """What these rows would do to the register as it stands."""
    finder = Finder(read_bodies(session), on, choices.boards)
    rows = [PlannedLetter(letter) for letter in letters]
    plan = LetterPlan(rows, questions=_place(rows, finder))
    placed = [row for row in rows if row.bodies]
    register = read_register(
        session,
        {(body_id, 0) for row in placed for body_id in row.body_ids},
        {key for row in placed for key in row.letter.email_keys},
    )
    people = _people_at(register)
    for row in placed:
        _find_addressee(row, register, people)
    good = [row for row in rows if row.is_good]
    known = letters_sent_on(session, {row.sent_on for row in good})
    for same in _together(good):
        if sending := _sending(same, known):
            plan.sendings.append(sending)
    for row in rows:
        if row.problems:
            row.outcome, row.changes = RowOutcome.PROBLEM, []
    return plan


def _place(rows: Sequence[PlannedLetter], finder: Finder) -> list[Question]:
    """Find the bodies of each row as they were on its day; what a name means is asked once."""
    asked: dict[str, list[tuple[PlannedLetter, str, NotFound]]] = {}
    for row in rows:
        that_day = finder.as_at(row.letter.sent_on or finder.on)
        several = len(row.letter.boards) > 1
        found: list[Organisation] = []
        for name in row.letter.boards or ("",):
            code = "" if several else row.letter.board_code
            try:
                body = that_day.any_body(name, code)
            except NotFound as refusal:
                problem([row], str(refusal))
                if text := name or code:
                    asked.setdefault(body_key(text), []).append((row, text, refusal))
            else:
                found += [body] if body not in found else []
        row.bodies = found
    return [
        Question(
            key=key,
            text=those[0][1],
            sentence=str(those[0][2]),
            rows=len(those),
            choices=those[0][2].choices,
            all_choices=tuple(
                finder.as_at(those[0][0].letter.sent_on or finder.on).current(EVERY_KIND)
            ),
        )
        for key, those in asked.items()
    ]


def _people_at(register: KnownSeats) -> dict[int, dict[str, dict[int, Person]]]:
    """For each body everybody who ever held a post there, by what may stand on a letter."""
    found: dict[int, dict[str, dict[int, Person]]] = {}
    for (body_id, _), appointments in register.appointments.items():
        for appointment in appointments:
            for words in _called(appointment.person):
                people = found.setdefault(body_id, {}).setdefault(words, {})
                people[appointment.person_id] = appointment.person
    return found


def _called(person: Person) -> set[str]:
    bare = " ".join(part for part in (person.given_name, person.family_name) if part)
    names = {bare, f"{person.title} {bare}", f"{person.title} {person.family_name}"}
    names |= {f"{name} {person.post_nominals}" for name in names}
    return {plain(name) for name in names}


def _find_addressee(
    row: PlannedLetter,
    register: KnownSeats,
    people: Mapping[int, Mapping[str, Mapping[int, Person]]],
) -> None:
    """By address; else by the name at one of the bodies; else the letter keeps the words."""
    letter = row.letter
    ids = {i for key in letter.email_keys for i in register.by_email.get(key, set())}
    words = plain(letter.addressee)
    if ids and words:
        named = {i for i in ids if words in _called(register.people[i])}
        ids = named if len(ids) > 1 and named else ids
    by_name: dict[int, Person] = {}
    for body_id in row.body_ids:
        by_name |= people.get(body_id, {}).get(words, {}) if words else {}
    if len(ids) > 1 or (not ids and len(by_name) > 1):
        several = [register.people[i] for i in ids] or list(by_name.values())
        problem(
            [row],
            f"“{letter.addressee or ', '.join(letter.emails)}” could be {len(several)} people of"
            " the register. Give the address of the one it went to.",
        )
    elif ids:
        row.person = register.people[next(iter(ids))]
        if words and row.person.family_name and plain(row.person.family_name) not in words:
            problem(
                [row],
                f"{', '.join(letter.emails)} is the address of {row.person.name} in the register,"
                f" and the row says “{letter.addressee}”. Correct one of the two.",
            )
    elif by_name:
        row.person = next(iter(by_name.values()))
    elif letter.addressee:
        row.notes.append(
            f"Recorded as addressed to “{letter.addressee}”: nobody of that name is known there."
        )
    else:
        problem(
            [row],
            f"Nobody in the register has the address {', '.join(letter.emails)}. Write to whom the"
            " letter was addressed.",
        )


def _together(rows: Iterable[PlannedLetter]) -> list[list[PlannedLetter]]:
    """The rows of one letter: an office is another addressee at each body, a person is not."""
    groups: dict[tuple[object, ...], list[PlannedLetter]] = {}
    for row in rows:
        if row.person is not None:
            whom: tuple[object, ...] = (row.person.id,)
        else:
            whom = (plain(row.letter.addressee), row.body_ids)
        groups.setdefault((row.sent_on, plain(row.letter.subject), *whom), []).append(row)
    return list(groups.values())


def _sending(
    rows: list[PlannedLetter], known: Mapping[date, Sequence[KnownLetter]]
) -> Sending | None:
    if len({(one.kind, one.channel, one.reference) for one in (row.letter for row in rows)}) > 1:
        where = numbers([row.letter for row in rows])
        problem(
            rows,
            f"{where.capitalize()} say different things of the same letter. Leave the one that is"
            " right.",
        )
        return None
    first = rows[0]
    for row in rows[1:]:
        row.notes.append(f"The same letter as in row {first.number}.")
    bodies = {body.id: body for row in rows for body in row.bodies}
    same = [one for one in known.get(first.sent_on, ()) if _is_same(one, first)]
    recorded = {body_id for one in same for body_id in one.body_ids}
    missing = [body for body_id, body in bodies.items() if body_id not in recorded]
    sending = Sending(rows, missing)
    if missing:
        if recorded & set(bodies) or (same and first.person):
            first.notes.append("The same letter is recorded for another body; this adds to it.")
        _tell_new(rows, recorded)
    elif same[0].letter.origin is LetterOrigin.OUTSIDE:
        _compare(sending, same[0])
    else:
        first.notes.append("Liaise sent this letter itself.")
    return sending


def _is_same(known: KnownLetter, row: PlannedLetter) -> bool:
    letter = known.letter
    if plain(letter.subject) != plain(row.letter.subject):
        return False
    if row.person is not None:
        return letter.person_id == row.person.id
    same_words = letter.person_id is None and plain(letter.to_name) == plain(row.letter.addressee)
    return same_words and bool(known.body_ids & row.body_ids)


def _tell_new(rows: Sequence[PlannedLetter], recorded: set[int]) -> None:
    for row in rows:
        if not row.body_ids <= recorded:
            kind = row.letter.kind
            what = "" if kind is LetterKind.LETTER else f"{kind.value}, "
            went = f"{what}{on_day(row.sent_on)}, {CHANNELS[row.letter.channel].lower()}"
            row.will(RowOutcome.NEW, PlannedChange("Letter", "", f"{row.letter.subject} ({went})"))
    if reference := rows[0].letter.reference:
        rows[0].will(RowOutcome.NEW, PlannedChange(SHOWN["reference"], "", reference))


def _compare(sending: Sending, known: KnownLetter) -> None:
    sending.known = known.letter
    first = sending.rows[0]
    assumed = {"kind": first.letter.kind_is_assumed, "channel": first.letter.channel_is_assumed}
    for key, label in SHOWN.items():
        old, new = getattr(known.letter, key) or "", getattr(first.letter, key)
        if new and new != old and not assumed.get(key):
            sending.values[key] = new
            first.will(RowOutcome.CHANGED, PlannedChange(label, _words(old), _words(new)))


def _words(value: str | LetterKind) -> str:
    return value.words if isinstance(value, LetterKind) else CHANNELS.get(value, value)
