"""What the rows of a file do to each post: who comes, who goes, what is seen without a name."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from app.core.web.filters import on_day
from app.directory.models import Appointment, PostState
from app.directory.rules import state_on
from app.imports.leads.fields import LEAD_FIELDS
from app.imports.leads.plan import Ending, HolderPlan, PersonPlan, PlannedLead, SeatPlan, Sighting
from app.imports.models import RowOutcome
from app.imports.planning.directory_snapshot import KnownSeats
from app.imports.planning.fields import name_key
from app.imports.planning.plan import PlannedChange, problem
from app.imports.planning.read_rows import numbers

A_DAY = timedelta(days=1)


def duplicates(rows: Sequence[PlannedLead]) -> dict[int, PlannedLead]:
    """Rows that say again, word for word, what a row above them says of the same post."""
    seen: dict[tuple[object, ...], PlannedLead] = {}
    repeated: dict[int, PlannedLead] = {}
    for row in rows:
        if not row.is_good:
            continue
        lead = row.lead
        said = (
            row.seat,
            lead.nobody,
            lead.name_key,
            lead.title,
            lead.post_nominals,
            lead.phone,
            lead.email_keys,
            lead.job_title,
            lead.is_acting,
            lead.started_on,
            lead.source,
            lead.checked_on,
        )
        first = seen.setdefault(said, row)
        if first is not row:
            row.notes.append(f"Says the same as row {first.number}.")
            repeated[row.number] = first
    return repeated


def check_seats(rows: Sequence[PlannedLead]) -> None:
    """One post cannot be both empty and held, nor empty in two ways."""
    for seat_rows in _by_seat(rows).values():
        empty = [row for row in seat_rows if row.lead.nobody is not None]
        held = [row for row in seat_rows if row.lead.nobody is None]
        states = {(row.lead.nobody, row.lead.checked_on, row.lead.source) for row in empty}
        if (empty and held) or len(states) > 1:
            problem(
                seat_rows,
                f"{numbers([row.lead for row in seat_rows]).capitalize()} contradict each other"
                " about the same post. Leave the one that is right.",
            )


def check_holders(people: Sequence[PersonPlan]) -> None:
    """One person in one post in two rows that differ: which is right cannot be told."""
    for plan in people:
        for seat_rows in _by_seat(plan.rows).values():
            if len(seat_rows) > 1:
                problem(
                    seat_rows,
                    f"{numbers([row.lead for row in seat_rows]).capitalize()} say different things"
                    f" of {seat_rows[0].who} in the same post. Leave the one that is right.",
                )


def _by_seat(rows: Sequence[PlannedLead]) -> dict[tuple[int, int], list[PlannedLead]]:
    found: dict[tuple[int, int], list[PlannedLead]] = {}
    for row in rows:
        if row.body is not None and row.post_type is not None:
            found.setdefault(row.seat, []).append(row)
    return found


class SeatPlanner:
    """Plans the posts, knowing the register, the day, and whom rows with a problem name."""

    def __init__(
        self,
        register: KnownSeats,
        people: Sequence[PersonPlan],
        bad_rows: Sequence[PlannedLead],
        *,
        on: date,
        replacing: bool,
    ) -> None:
        self.register, self.on, self.replacing = register, on, replacing
        self.person_of = {row.number: plan for plan in people for row in plan.rows}
        self.bad_seats = {row.seat for row in bad_rows if row.body and row.post_type}
        self.bad_names = {row.lead.name_key for row in bad_rows}
        self.bad_keys = {key for row in bad_rows for key in row.lead.email_keys}

    def plan(self, rows: Sequence[PlannedLead]) -> list[SeatPlan]:
        return [self._seat(seat_rows) for seat_rows in _by_seat(rows).values()]

    def _seat(self, rows: list[PlannedLead]) -> SeatPlan:
        assert rows[0].body is not None
        assert rows[0].post_type is not None
        seat = SeatPlan(rows[0].body, rows[0].post_type)
        held = self.register.appointments.get(rows[0].seat, [])
        current = [a for a in held if a.ended_on is None or a.ended_on >= self.on]
        if rows[0].lead.nobody is not None:
            self._see_nobody(seat, rows[0], current)
            return seat
        for row in rows:
            if row.number in self.person_of:
                self._hold(seat, row, held, current)
        if len(rows) > 1:
            for row in rows:
                others = [other.lead for other in rows if other is not row]
                row.notes.append(f"Shares the post with {numbers(others)}.")
        self._replace(seat, current)
        return seat

    def _hold(
        self,
        seat: SeatPlan,
        row: PlannedLead,
        held: Sequence[Appointment],
        current: Sequence[Appointment],
    ) -> None:
        plan = self.person_of[row.number]
        mine = [a for a in held if plan.person and a.person_id == plan.person.id]
        now = next((a for a in mine if a in current), None)
        left = max((a.ended_on for a in mine if a.ended_on), default=None)
        since = row.lead.started_on or row.lead.checked_on
        if now is None and left is not None and (since is None or since <= left):
            problem(
                [row],
                f"The register says that {row.who} left this post on {on_day(left)}. If they are"
                " back, say since when.",
            )
            return
        began = seat.body.established_on
        if began and row.lead.started_on and row.lead.started_on < began:
            problem(
                [row],
                f"{seat.body.name} began on {on_day(began)}, so nobody has had a post there since"
                f" {on_day(row.lead.started_on)}. Leave that date out, or correct it.",
            )
            return
        holder = HolderPlan(row, plan, now)
        said = _said(row, now)
        if now is None:
            self._newcomer(holder, said)
        else:
            self._known_holder(holder, now, said)
        if row.is_good:
            seat.holders.append(holder)

    def _newcomer(self, holder: HolderPlan, said: dict[str, Any]) -> None:
        row = holder.row
        assert row.post_type is not None
        held = self.register.appointments.get(row.seat, [])
        seen = state_on(self.on, held, self.register.observations.get(row.seat, [])).observation
        if seen and row.lead.checked_on and row.lead.checked_on < seen.observed_on:
            problem(
                [row],
                f"The register saw this post {seen.state.value} on {on_day(seen.observed_on)},"
                f" later than this row ({on_day(row.lead.checked_on)}). Check again and put in the"
                " new date.",
            )
            return
        holder.values = said
        if holder.person.person is not None:
            # New people are named by their own changes; a known one by what they now become.
            row.will(RowOutcome.NEW, PlannedChange("Person", "", holder.person.person.name))
        row.will(RowOutcome.NEW, PlannedChange("Post", "", row.post_type.name))
        row.will(
            RowOutcome.NEW, *(PlannedChange(_LABELS[k], "", _say(v)) for k, v in said.items() if v)
        )

    def _known_holder(self, holder: HolderPlan, now: Appointment, said: dict[str, Any]) -> None:
        row = holder.row
        checked, known = row.lead.checked_on, now.checked_on
        differing = {key: value for key, value in said.items() if value != getattr(now, key)}
        if known and checked and checked < known:
            differing.pop("checked_on", None)
            filled = set() if row.lead.source else {"source"}  # which contradicts nothing
            if differing.keys() - filled or row.changes:
                problem(
                    [row],
                    f"This row was checked on {on_day(checked)}, but the register on"
                    f" {on_day(known)}, and they differ. Check again and put in the new date.",
                )
                return
        ended = differing.get("started_on")
        if ended and now.ended_on and ended > now.ended_on:
            problem([row], f"{row.who} would start after leaving on {on_day(now.ended_on)}.")
            return
        holder.values = differing
        changes = [
            PlannedChange(_LABELS[k], _say(getattr(now, k)), _say(v)) for k, v in differing.items()
        ]
        if changes:
            row.will(RowOutcome.CHANGED, *changes)

    def _replace(self, seat: SeatPlan, current: Sequence[Appointment]) -> None:
        """Whoever comes into a post takes the place of whoever the file no longer names there."""
        new = [holder for holder in seat.holders if holder.appointment is None]
        if not new or not self.replacing:
            return
        staying = {h.appointment.id for h in seat.holders if h.appointment is not None}
        leaving = [a for a in current if a.id not in staying]
        if not leaving:
            return
        row = new[0].row
        if row.seat in self.bad_seats:
            row.notes.append(
                "Nobody is taken out of this post while another row about it has a problem."
            )
            return
        if self._found_since(leaving, row):
            return
        start = min(h.row.lead.started_on or h.row.lead.checked_on or self.on for h in new)
        self._end(seat, row, leaving, start)
        if not row.is_good:
            return
        for holder in new:
            if seat.endings and holder.row.lead.started_on is None:
                since = holder.row.lead.checked_on or self.on
                holder.values["started_on"] = since
                holder.row.will(
                    RowOutcome.NEW, PlannedChange(_LABELS["started_on"], "", _say(since))
                )
                holder.row.notes.append(
                    "The file gives no start date, so the day of the check counts as the first."
                )

    def _found_since(self, leaving: Sequence[Appointment], row: PlannedLead) -> bool:
        """An older sheet does not put out somebody who was found in the post after it was made."""
        lead = row.lead
        for appointment in leaving:
            found_on = appointment.checked_on
            told_on = lead.checked_on or lead.started_on
            if found_on and told_on and max(told_on, lead.started_on or told_on) < found_on:
                problem(
                    [row],
                    f"The register found {appointment.person.name} in this post on"
                    f" {on_day(found_on)}, later than this row ({on_day(told_on)}). Check again and"
                    " put in the new date.",
                )
                return True
        return False

    def _see_nobody(self, seat: SeatPlan, row: PlannedLead, current: Sequence[Appointment]) -> None:
        assert row.lead.nobody is not None
        day = row.lead.checked_on or self.on
        present = [a for a in current if a.held_on(self.on)]
        if present and row.lead.nobody is not PostState.VACANT:
            names = " and ".join(a.person.name for a in present)
            problem(
                [row],
                f"The register names {names} for this post; the row says it is"
                f" {row.lead.nobody.value}. If they have left, write vacant.",
            )
            return
        held = self.register.appointments.get(row.seat, [])
        seen = self.register.observations.get(row.seat, [])
        known = state_on(self.on, held, seen)
        latest = known.observation
        if latest and latest.observed_on > day and latest.state is not row.lead.nobody:
            problem(
                [row],
                f"The register saw this post {latest.state.value} on {on_day(latest.observed_on)},"
                f" later than this row ({on_day(day)}). Check again and put in the new date.",
            )
            return
        if present and not self._found_since(present, row):
            self._end(seat, row, present, day)
        is_known = latest is not None and latest.state is row.lead.nobody and not present
        is_newer = latest is not None and (row.lead.checked_on or date.min) > latest.observed_on
        if not row.is_good or (is_known and not is_newer):
            return
        seat.sighting = Sighting(row, row.lead.nobody, day, row.lead.found_at)
        if not is_known:
            was = known.state.value if latest or known.holders else "nothing recorded"
            row.will(RowOutcome.CHANGED, PlannedChange("Post", was, row.lead.nobody.value))
        before = _say(latest.observed_on) if latest and is_known else ""
        row.will(RowOutcome.CHANGED, PlannedChange("Seen on", before, _say(day)))

    def _end(
        self, seat: SeatPlan, row: PlannedLead, leaving: Sequence[Appointment], start: date
    ) -> None:
        """End these appointments the day before `start`, unless that cannot be."""
        last_day = start - A_DAY
        for appointment in leaving:
            if self._is_named_elsewhere(appointment):
                row.notes.append(
                    f"{appointment.person.name} stays in this post while a row that names them has"
                    " a problem."
                )
                continue
            if appointment.started_on and appointment.started_on > last_day:
                problem(
                    [row],
                    f"{appointment.person.name} is in this post since"
                    f" {on_day(appointment.started_on)}, so they cannot have left by"
                    f" {on_day(last_day)}. Correct the date here or in the register.",
                )
                return
            if appointment.ended_on is None or appointment.ended_on > last_day:
                seat.endings.append(Ending(appointment, last_day))
                row.will(
                    RowOutcome.CHANGED,
                    PlannedChange(
                        "Replaces" if row.lead.nobody is None else "Leaves",
                        "",
                        f"{appointment.person.name}, until {on_day(last_day)}",
                    ),
                )

    def _is_named_elsewhere(self, appointment: Appointment) -> bool:
        person = appointment.person
        keys = {e.address_key for e in self.register.emails.get(person.id, [])}
        named = [row_key for row_key in self.bad_names if row_key]
        return bool(keys & self.bad_keys) or _key_of(appointment) in named


_LABELS = {
    key: LEAD_FIELDS.by_key[key].label
    for key in ("job_title", "started_on", "source", "checked_on")
} | {"is_acting": "Acting"}


def _key_of(appointment: Appointment) -> str:
    return name_key(appointment.person.given_name, appointment.person.family_name)


def _said(row: PlannedLead, now: Appointment | None) -> dict[str, Any]:
    """What a row says of an appointment; silence is not a value. What was said of the whole file
    fills a gap, and replaces nothing that is known of this one."""
    lead = row.lead
    said: dict[str, Any] = {
        "job_title": lead.job_title,
        "is_acting": lead.is_acting,
        "started_on": lead.started_on,
        "source": lead.source if now and now.source else lead.found_at,
        "checked_on": lead.checked_on,
    }
    return {key: value for key, value in said.items() if value not in (None, "")}


def _say(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return on_day(value)
    return str(value) if value is not None else ""
