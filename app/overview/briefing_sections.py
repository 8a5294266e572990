"""The parts a briefing is made of: what each says of a body, the most important first."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from app.core.web.filters import ago, clock_time, cut, short_day
from app.directory.labels import STATE_WORDS
from app.directory.models import Organisation, OrganisationKind, PostState
from app.directory.queries import seats
from app.directory.rules import Freshness
from app.followups.models import FollowUp
from app.interactions.entries.view_models import Attendee
from app.interactions.models import Interaction, InteractionState, OfferState, Outcome, PromisedBy
from app.interactions.outcomes import whom
from app.letters.models import LetterKind
from app.milestones import compliance
from app.milestones.compliance import OfBody
from app.milestones.labels import STATE_WORDS as MILESTONE_STATES
from app.milestones.rules import State
from app.overview import briefing_queries as queries
from app.overview.briefing_fit import BriefingRow, BriefingSection
from app.overview.briefing_queries import BriefingScope, Contact

LONGEST = 150  # characters of one entry: beyond that it is cut, with a mark
LONGEST_NOTE = 90
LONGEST_LABEL = 48
LIST_MARK = re.compile(r"^(?:[-*+]|#{1,6})\s+")

Section = BriefingSection | None


def what_is_open(session: Session, who: BriefingScope) -> tuple[Section, ...]:
    """Between us and these bodies, both ways."""
    return (*_promises(session, who), _to_do(session, who), _questions(session, who))


def what_was(
    session: Session, own: Sequence[Organisation], who: BriefingScope
) -> tuple[Section, ...]:
    """What we offered one body, what binds it, and what passed between us."""
    return (
        _offers(session, who),
        _milestones(session, own, who.day),
        _contacts(session, who),
        _letters(session, who),
    )


def attendees(
    bodies: Sequence[Organisation], people: Sequence[Attendee], others: str
) -> BriefingSection:
    """Who comes from each body; then those who hold no post there."""
    rows: list[BriefingRow] = []
    for body in bodies:
        from_here = [one for one in people if body.id in one.body_ids]
        named = [(one.person.name, one.capacity) for one in from_here]
        rows += _under(body.short_name, named or [("Nobody is named yet", "")])
    also = [(one.person.name, one.capacity) for one in people if not one.body_ids]
    also += [(line, "") for line in others.splitlines() if line.strip()]
    rows += _under("Also", also)
    return BriefingSection("Attendees", tuple(rows), least=10, none="", wide_labels=True)


def _under(label: str, named: Sequence[tuple[str, str]]) -> Iterable[BriefingRow]:
    for place, (name, capacity) in enumerate(named):
        yield _row("" if place else label, name, capacity)


def agenda(interaction: Interaction) -> Section:
    """As it was typed, line by line, without the marks of lists and headings."""
    lines = [LIST_MARK.sub("", line.strip()) for line in interaction.agenda.splitlines()]
    rows = tuple(_row("", line) for line in lines if line)
    return BriefingSection("Agenda", rows, least=4, none="") if rows else None


def _row(label: str, text: str, note: str = "", *, is_late: bool = False) -> BriefingRow:
    return BriefingRow(
        cut(label, LONGEST_LABEL), cut(text, LONGEST), cut(note, LONGEST_NOTE), is_late
    )


def posts(session: Session, parts: Sequence[int], on: date) -> BriefingSection | None:
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
    about = _about(session, found, who)

    def section(side: PromisedBy, heading: str, none: str) -> BriefingSection:
        mine = [one for one in found if one.promised_by is side]
        rows = [_promise_row(one, who.day, about.get(one.id, "")) for one in mine]
        return BriefingSection(heading, tuple(rows), least=6, none=none)

    return (
        section(PromisedBy.THEM, "They promised", "Nothing they promised is open."),
        section(PromisedBy.US, "We promised", "Nothing we promised is open."),
    )


def _promise_row(point: Outcome, on: date, about: str) -> BriefingRow:
    late = point.due_on is not None and point.due_on < on
    when = f"by {short_day(point.due_on)}" if point.due_on else "no date"
    person = point.person.name if point.person else ""
    notes = ["overdue" if late else "", about, person, f"promised {short_day(point.made_on)}"]
    return _row(when, point.text, ", ".join(filter(None, notes)), is_late=late)


def _about(
    session: Session, rows: Sequence[FollowUp | Outcome], who: BriefingScope
) -> Mapping[int, str]:
    """Where several bodies share a page, whom each line is about."""
    if not who.is_shared:
        return {}
    found = whom.bodies_of(session, rows)
    return {id_: queries.some([one.short_name for one in named]) for id_, named in found.items()}


def _to_do(session: Session, who: BriefingScope) -> BriefingSection | None:
    found, total = queries.to_do(session, who)
    about = _about(session, found, who)
    rows = []
    for one in found:
        late = one.due_on < who.day
        notes = ["overdue" if late else "", "waiting on them" if one.waiting_on_them else ""]
        said = ", ".join(filter(None, (*notes, about.get(one.id, ""), one.owner.name)))
        rows.append(_row(f"by {short_day(one.due_on)}", one.what, said, is_late=late))
    return BriefingSection("To follow up", tuple(rows), 2, "", total - len(rows)) if rows else None


def _questions(session: Session, who: BriefingScope) -> BriefingSection | None:
    found = queries.open_questions(session, who)
    about = _about(session, found, who)
    rows = []
    for one in found:
        asked = f"asked of {one.person.name}" if one.person else ""
        said = ", ".join(filter(None, (about.get(one.id, ""), asked)))
        rows.append(_row(short_day(one.made_on), one.text, said))
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
        is_plain = one.letter.kind is LetterKind.LETTER
        kind = "" if is_plain else f"{one.letter.kind.words}: "
        text = f"{kind}{cut(one.letter.subject, 80)}{said}"
        rows.append(_row(short_day(one.letter.sent_on), text, "; ".join(filter(None, (to, fate)))))
    more = total - len(rows)
    return BriefingSection("Letters and replies", tuple(rows), 4, "No letter was sent.", more)
