"""What to know of a body before a meeting, on one page of A4.

There is always more than a page holds. Every part shows its most important lines first and says
how many more there are; how many lines each may have is worked out from the room there is.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.web.filters import ago, clock_time, cut, short_day
from app.directory.labels import KIND_WORDS, STATE_WORDS
from app.directory.models import Organisation, OrganisationKind, PostState
from app.directory.queries import bodies, owners, seats
from app.directory.rules import Freshness
from app.interactions.models import InteractionState, OfferState, Outcome, PromisedBy
from app.milestones import compliance
from app.milestones.compliance import OfBody
from app.milestones.labels import STATE_WORDS as MILESTONE_STATES
from app.milestones.rules import State
from app.overview import briefing_queries as queries
from app.overview.briefing_queries import BriefingScope, Contact

ROOM = 60  # lines of text between the head and the foot of the page
HEADING = 1.6  # what a heading and the gap above it take
LONGEST = 150  # characters of one entry: beyond that it is cut, with a mark
LONGEST_NOTE = 90
LONGEST_LABEL = 48
IN_A_LINE = 78  # characters that fit beside a label, in the widest type a machine may have
LABEL_IN_A_LINE = 34  # of the names of posts; a date is never longer
COUNCILS = 14


@dataclass(frozen=True)
class BriefingRow:
    """One entry: a date or the name of a post, what it is, and what to know about it."""

    label: str
    text: str
    note: str = ""
    is_late: bool = False

    @property
    def lines(self) -> int:
        beside = math.ceil((len(self.text) + len(self.note) + 2) / IN_A_LINE)
        return max(beside, math.ceil(len(self.label) / LABEL_IN_A_LINE))


@dataclass(frozen=True)
class BriefingSection:
    """A part of the page. `least` are the lines it may have however full the page is."""

    heading: str
    rows: tuple[BriefingRow, ...]
    least: int
    none: str  # what stands there when there is nothing
    more: int = 0
    wide_labels: bool = False


@dataclass(frozen=True)
class Briefing:
    organisation: Organisation
    day: date
    facts: tuple[tuple[str, str], ...]
    sections: tuple[BriefingSection, ...]


def briefing_of(
    session: Session, organisation: Organisation, *, reader: User, on: date
) -> Briefing:
    """The page for one reader: it shows only what this person may read."""
    system = bodies.system_of(session, organisation, on)
    is_system = organisation.kind is OrganisationKind.ICS
    own = system.bodies if system and is_system else (organisation,)
    parts = [body.id for body in own]
    family = sorted(bodies.lineage(session, parts))
    who = BriefingScope(family, reader, on)
    sections = (
        _posts(session, parts, on),
        *_promises(session, who),
        _to_do(session, who),
        _questions(session, who),
        _offers(session, who),
        _milestones(session, own, on),
        _contacts(session, who),
        _letters(session, who),
    )
    facts = tuple(_facts(session, organisation, system if is_system else None, on))
    taken = sum(math.ceil(len(value) / IN_A_LINE) for _, value in facts)
    return Briefing(
        organisation=organisation,
        day=on,
        facts=facts,
        sections=fitted([section for section in sections if section], ROOM - taken),
    )


def fitted(sections: Sequence[BriefingSection], room: int) -> tuple[BriefingSection, ...]:
    """Each part gets a row, then its least; the room left goes round, a row at a time (pure)."""
    shown = [0] * len(sections)
    left = room - sum(HEADING + (0 if section.rows else 1) for section in sections)
    left -= sum(1 for section in sections if len(section.rows) > 1)  # to say how many more

    def grow(place: int) -> bool:
        nonlocal left
        rows = sections[place].rows
        if shown[place] == len(rows):
            return False
        nothing_more = len(rows) > 1 and shown[place] + 1 == len(rows)
        cost = rows[shown[place]].lines - nothing_more
        if cost > left:
            return False
        left -= cost
        shown[place] += 1
        return True

    for place in range(len(sections)):
        grow(place)
    for place, section in enumerate(sections):
        while sum(row.lines for row in section.rows[: shown[place]]) < section.least:
            if not grow(place):
                break
    while any([grow(place) for place in range(len(sections))]):
        pass
    return tuple(
        replace(section, rows=section.rows[:count], more=section.more + len(section.rows) - count)
        for section, count in zip(sections, shown, strict=True)
    )


def _row(label: str, text: str, note: str = "", *, is_late: bool = False) -> BriefingRow:
    return BriefingRow(
        cut(label, LONGEST_LABEL), cut(text, LONGEST), cut(note, LONGEST_NOTE), is_late
    )


def _facts(
    session: Session, organisation: Organisation, system: bodies.System | None, on: date
) -> Iterable[tuple[str, str]]:
    board = (system and system.board) or organisation
    owner = owners.owners_on(session, [organisation.id], on).get(organisation.id)
    yield "What it is", KIND_WORDS[organisation.kind]
    if system and system.board:
        yield "Board", f"{board.name} ({board.ods_code})" if board.ods_code else board.name
    if system and system.partnership:
        yield "Partnership", system.partnership.name
    if organisation.region:
        yield "Region", organisation.region.name
    people = [f"{board.population:,}"] if board.population else []
    if board.population_0_24:
        people.append(f"{board.population_0_24:,} of them aged 0 to 24")
    if people:
        yield "Population", "; ".join(people)
    yield "Looked after by", owner.name if owner else "nobody yet"
    if board.kind is OrganisationKind.ICB:
        shares = bodies.councils_of(session, board.id, on)
        if shares:
            yield "Councils", _councils([share.council.short_name for share in shares])


def _councils(names: list[str]) -> str:
    more = len(names) - COUNCILS
    shown = [cut(name, 40) for name in names[:COUNCILS]]
    return "; ".join(shown) + (f"; and {more} more" if more > 0 else "")


def _posts(session: Session, parts: Sequence[int], on: date) -> BriefingSection | None:
    found = seats.posts_of(session, parts, on)
    if not found:
        return None
    known = [seat for seat in found if seat.state is not PostState.UNKNOWN]
    unknown = [seat for seat in found if seat.state is PostState.UNKNOWN]
    # The children's lead stands first even when nobody knows who that is.
    first = [seat for seat in unknown if seat.post_type.code == "children"]
    rows = [row for seat in [*first, *known] for row in _of_post(seat)]
    rows += [_post_row(seat) for seat in unknown if seat not in first]
    return BriefingSection("Posts", tuple(rows), least=12, none="", wide_labels=True)


def _of_post(seat: seats.PostOnDay) -> Iterable[BriefingRow]:
    """Of the children's lead also how to reach them: the page goes along to a meeting."""
    yield _post_row(seat)
    if seat.post_type.code == "children":
        for one in seat.holders:
            if one.person.reach:
                yield _row("", f"{one.person.name}: {', '.join(one.person.reach)}")


def _post_row(seat: seats.PostOnDay) -> BriefingRow:
    names = ", ".join(
        f"{one.person.name}{' (acting)' if one.is_acting else ''}" for one in seat.holders
    )
    is_late = seat.freshness in (Freshness.STALE, Freshness.NEVER) and bool(seat.holders)
    if seat.checked_on is None:
        note = "never checked" if seat.holders else ""
    else:
        note = f"checked on {short_day(seat.checked_on)}, {ago(seat.checked_on, seat.day)}"
    # A board and its partnership both have a chair.
    of = ", partnership" if seat.organisation.kind is OrganisationKind.ICP else ""
    held_by = names or STATE_WORDS[seat.state]
    return _row(f"{seat.post_type.name}{of}", held_by, note, is_late=is_late)


def _milestones(session: Session, own: Sequence[Organisation], on: date) -> BriefingSection | None:
    """What the law and others ask of it: what waits first, then what it met."""
    found = [one for one in compliance.of_bodies(session, own, on) if not one.is_old]
    waiting = [one for one in found if one.state is State.OUTSTANDING]
    settled = [one for one in reversed(found) if one.state is not State.OUTSTANDING]
    if not found:
        return None
    rows = [_milestone_row(one, on) for one in [*waiting, *settled]]
    return BriefingSection("Milestones", tuple(rows), least=2, none="")


def _milestone_row(one: OfBody, on: date) -> BriefingRow:
    words = MILESTONE_STATES[one.state].lower()
    met_on = one.standing.met_on if one.standing else None
    note = f"{words}, {short_day(met_on)}" if met_on else words
    is_late = one.state is State.OUTSTANDING and one.milestone.due_on < on
    return _row(short_day(one.milestone.due_on), one.milestone.title, note, is_late=is_late)


def _promises(session: Session, who: BriefingScope) -> tuple[BriefingSection, BriefingSection]:
    found = queries.open_promises(session, who)

    def section(side: PromisedBy, heading: str, none: str) -> BriefingSection:
        rows = [_promise_row(one, who.day) for one in found if one.promised_by is side]
        return BriefingSection(heading, tuple(rows), least=6, none=none)

    return (
        section(PromisedBy.THEM, "They promised", "Nothing they promised is open."),
        section(PromisedBy.US, "We promised", "Nothing we promised is open."),
    )


def _promise_row(point: Outcome, on: date) -> BriefingRow:
    late = point.due_on is not None and point.due_on < on
    when = f"by {short_day(point.due_on)}" if point.due_on else "no date"
    person = point.person.name if point.person else ""
    notes = ["overdue" if late else "", person, f"promised {short_day(point.made_on)}"]
    return _row(when, point.text, ", ".join(note for note in notes if note), is_late=late)


def _to_do(session: Session, who: BriefingScope) -> BriefingSection | None:
    found, total = queries.to_do(session, who)
    rows = []
    for one in found:
        late = one.due_on < who.day
        notes = ["overdue" if late else "", "waiting on them" if one.waiting_on_them else ""]
        said = ", ".join(filter(None, (*notes, one.owner.name)))
        rows.append(_row(f"by {short_day(one.due_on)}", one.what, said, is_late=late))
    return BriefingSection("To follow up", tuple(rows), 2, "", total - len(rows)) if rows else None


def _questions(session: Session, who: BriefingScope) -> BriefingSection | None:
    found = queries.open_questions(session, who)
    rows = [
        _row(short_day(one.made_on), one.text, f"asked of {one.person.name}" if one.person else "")
        for one in found
    ]
    return BriefingSection("Open questions", tuple(rows), least=2, none="") if rows else None


def _offers(session: Session, who: BriefingScope) -> BriefingSection | None:
    rows = [
        _row(short_day(one.offered_on), one.what, one.state.value)
        for one in queries.offers(session, who)
        if one.state is not OfferState.DECLINED
    ]
    return BriefingSection("What we offered", tuple(rows), least=2, none="") if rows else None


def _contacts(session: Session, who: BriefingScope) -> BriefingSection:
    planned, held, total = queries.contacts(session, who)
    rows = [_contact_row(one) for one in (*planned, *held)]
    more = total - len(rows)
    return BriefingSection(
        "Last contacts", tuple(rows), 4, "No meeting, call or email is recorded.", more
    )


def _contact_row(contact: Contact) -> BriefingRow:
    one = contact.interaction
    state = "planned" if one.state is InteractionState.PLANNED else ""
    if state and one.starts_at:
        state += f" for {clock_time(one.starts_at)}"
    notes = [state, f"with {contact.people}" if contact.people else "", f"by {contact.ours}"]
    kind = one.kind.value.capitalize()
    text = f"{kind}: {one.subject}" if one.subject else kind
    return _row(short_day(one.happened_on), text, "; ".join(note for note in notes if note))


def _letters(session: Session, who: BriefingScope) -> BriefingSection:
    found, total = queries.letters(session, who)
    rows = []
    for one in found:
        to = f"to {one.letter.to_name}" if one.letter.to_name else ""
        if one.answered_on:
            fate = f"answered {short_day(one.answered_on)} by {one.answered_by}"
        elif one.letter.returned_on:
            fate = f"came back {short_day(one.letter.returned_on)}: {one.letter.returned_why}"
        elif one.letter.bounced_on:
            fate = f"bounced {short_day(one.letter.bounced_on)}: {one.letter.bounced_why}"
        elif one.letter.has_gone:
            fate = "no reply yet"
        else:
            fate = one.letter.state.value
        said = f": {one.said}" if one.said else ""
        text = f"{cut(one.letter.subject, 80)}{said}"
        rows.append(_row(short_day(one.letter.sent_on), text, "; ".join(filter(None, (to, fate)))))
    more = total - len(rows)
    return BriefingSection("Letters and replies", tuple(rows), 4, "No letter was sent.", more)


def more_words(section: BriefingSection) -> str:
    """“and 4 more”, or nothing."""
    return f"and {section.more:,} more" if section.more else ""
