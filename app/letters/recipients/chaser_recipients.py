"""Who is chased: those who had the earlier letter and have not answered it, as it stands today.

Nobody who answered gets a chaser, and nobody who may not have had the first letter. An answer is
one of the board, whoever wrote it and to whichever letter of ours; so of somebody who leads three
boards, of which one has answered, the chaser names the other two. Whoever took over a post is
proposed, and never written to in place of somebody else.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from app.directory.addresses import address_key
from app.interactions.models import InteractionKind
from app.letters.content.fields import AddressedSeat, Addressee, EarlierLetter, listed, unique
from app.letters.models import Letter, LetterBoard, LetterState, Mailing, PostalState
from app.letters.recipients import chaser_facts, choosing
from app.letters.recipients.audience import Audience, How, LeadState
from app.letters.recipients.chaser_facts import Answer, Chased
from app.letters.recipients.recipient import Recipient
from app.settings.services import settings_of

Seats = Mapping[tuple[str, int], Sequence[Recipient]]  # by addressee and body

NEVER_HAD_IT = {
    LetterState.UNKNOWN: "Whether the earlier letter arrived is not known. Find that out first.",
    LetterState.REFUSED: "The earlier letter was refused.",
    LetterState.EXCLUDED: "Had no earlier letter.",
    LetterState.STOPPED: "The earlier letter was stopped before it left.",
    LetterState.EXPIRED: "The approval of the earlier letter lapsed before it left.",
}
ON_ITS_WAY = "The earlier letter is still on its way."
CAUGHT = "The earlier letter was caught here and reached nobody outside."
TALKED = {
    InteractionKind.MEETING: "A meeting",
    InteractionKind.CALL: "A call",
    InteractionKind.EMAIL: "An email",
}


@dataclass(frozen=True)
class Case:
    """One earlier letter: what became of it, and which of the boards it named have answered."""

    letter: Letter
    boards: Sequence[LetterBoard]
    answers: Mapping[int, Answer]  # by body
    never: str  # why its reader has to count as never having had it

    @property
    def key(self) -> str:
        return self.letter.addressee_key or ""

    @property
    def silent(self) -> list[LetterBoard]:
        return [one for one in self.boards if one.organisation_id not in self.answers]

    @property
    def reason(self) -> str:
        """Why it is not chased, whoever holds the post today."""
        if self.never or self.silent:
            return self.never
        said = unique(f"{_day(one.on)} ({one.by})" for one in self.answers.values())
        return f"Answered on {listed(said)}."


def readers(session: Session, mailing: Mailing, *, on: date) -> list[Recipient]:
    """Everybody the mailing that this one chases had a row for: to be chased, or why not."""
    assert mailing.chases_id is not None
    assert mailing.chases_since is not None
    earlier = session.get_one(Mailing, mailing.chases_id)
    known = chaser_facts.read(session, earlier, mailing.chases_since, on)
    rehearsed = settings_of(session).is_demo
    cases = [_case(letter, known, rehearsals_count=rehearsed) for letter in known.letters]
    audience = _audience(earlier, cases)
    register, found = choosing.seats_on(session, audience, on)
    seats = _by_addressee_and_body(found)
    going = [
        seat
        for case in cases
        if not case.reason
        for seat in _still_there(case, seats, known, by_post=audience.how is How.PEOPLE)
    ]
    written = {
        one.addressee.key: one
        for one in choosing.letters_to(
            register, going, mailing.cc_rule, Audience.from_json(mailing.audience)
        )
    }
    return [
        written.get(case.key) or _left_out(case, *_why_not(case, seats, known, on))
        for case in cases
    ]


def not_counted(session: Session, mailing: Mailing) -> list[int]:
    """Whose letters are no reason not to write again so soon: its own, and of a chaser those it
    follows, unless they said the very same."""
    found, before = [mailing.id], mailing.chases_id
    while before is not None:
        earlier = session.get_one(Mailing, before)
        if earlier.template_version_id != mailing.template_version_id:
            found.append(earlier.id)
        before = earlier.chases_id
    return found


def _case(letter: Letter, known: Chased, *, rehearsals_count: bool) -> Case:
    boards = known.boards.get(letter.id, ())
    return Case(
        letter,
        boards,
        {
            board.organisation_id: answer
            for board in boards
            if (answer := _answer(letter, board, known)) is not None
        },
        _never(letter, known, rehearsals_count=rehearsals_count),
    )


def _never(letter: Letter, known: Chased, *, rehearsals_count: bool) -> str:
    if letter.post_state is PostalState.RETURNED and letter.state is LetterState.BY_POST:
        return f"The earlier letter came back: {letter.returned_why}."
    if letter.bounced_on is not None and not letter.has_gone:
        return f"The earlier letter bounced: {letter.bounced_why}."
    if not letter.has_gone:
        said = NEVER_HAD_IT.get(letter.state, ON_ITS_WAY)
        return said if letter.state is LetterState.UNKNOWN else f"{said} {letter.state_reason}"
    if letter.is_caught and not rehearsals_count:
        return CAUGHT
    failed_on = known.failures.get(address_key(letter.to_email))
    if failed_on is not None and failed_on >= (letter.sent_on or failed_on):
        return f"Mail to {letter.to_email} failed on {_day(failed_on)}: it may not have arrived."
    return ""


def _answer(letter: Letter, board: LetterBoard, known: Chased) -> Answer | None:
    """The first answer to the letter itself, or of the board's line since the first letter."""
    since = known.first_of(letter).sent_on or date.min
    return known.answers.first(letter.id, known.line.of(board.organisation_id), since)


def _audience(earlier: Mailing, cases: Iterable[Case]) -> Audience:
    """As it was chosen for the first letter, at the boards that are left."""
    chosen = Audience.from_json(earlier.audience)
    if chosen.how is How.PEOPLE:
        return chosen
    left = {board.organisation_id for case in cases if not case.reason for board in case.silent}
    return replace(
        chosen,
        how=How.BODIES,
        organisation_ids=tuple(sorted(left)),
        lead_state=LeadState.ALL,
    )


def _by_addressee_and_body(found: Iterable[Recipient]) -> Seats:
    seats = defaultdict(list)
    for one in found:
        for seat in one.addressee.seats:
            seats[one.addressee.key, seat.organisation_id].append(one)
    return dict(seats)


def _still_there(case: Case, seats: Seats, known: Chased, *, by_post: bool) -> list[Recipient]:
    """The reader's seats at the boards that have not answered, as they are today."""
    found: list[Recipient] = []
    for board in case.silent:
        here = seats.get((case.key, board.organisation_id), ())
        held = {seat.post_id for one in here for seat in one.addressee.seats}
        if not by_post or board.post_id in held:
            found += here
    if not found:
        return []
    first = known.first_of(case.letter)
    earlier = EarlierLetter(
        first.sent_on or date.min,
        first.subject,
        case.letter.sent_on if first is not case.letter else None,
    )
    notes = tuple(_cautions(case, found, known))
    return [replace(one, earlier=earlier, notes=(*one.notes, *notes)) for one in found]


def _cautions(case: Case, found: Sequence[Recipient], known: Chased) -> Iterable[str]:
    """What stops nothing, and what whoever checks should know."""
    named = {seat.organisation_id for one in found for seat in one.addressee.seats}
    for board in case.boards:
        name = board.organisation.short_name
        if answer := case.answers.get(board.organisation_id):
            yield f"{name} answered on {_day(answer.on)} ({answer.by}): the chaser leaves it out."
        elif board.organisation_id not in named:
            yield f"{case.letter.to_name} no longer holds the post at {name}: it is left out."
        else:
            yield from _talked(board, known.first_of(case.letter).sent_on or date.min, known)
    old, new = case.letter.to_email, found[0].addressee.email
    if old and new and address_key(old) != address_key(new):
        yield f"The earlier letter went to {old}; this one goes to {new}."


def _talked(board: LetterBoard, since: date, known: Chased) -> Iterable[str]:
    had = [one for one in known.talks.get(board.organisation_id, ()) if one.on >= since]
    if had:
        what, with_whom = TALKED[had[-1].kind], board.organisation.short_name
        yield (
            f"{what} with {with_whom} on {_day(had[-1].on)} is recorded since the letter. "
            "Was it answered there?"
        )


def _why_not(case: Case, seats: Seats, known: Chased, on: date) -> tuple[str, tuple[int, ...]]:
    """Why there is no chaser, and the bodies where somebody else could be written to."""
    if case.reason:
        return case.reason.strip(), ()
    said, instead = [], []
    for board in case.silent:
        words, bodies = _moved_on(case.letter, board, seats, known, on)
        said.append(words)
        instead += bodies
    return " ".join(said), tuple(instead)


def _moved_on(
    letter: Letter, board: LetterBoard, seats: Seats, known: Chased, on: date
) -> tuple[str, list[int]]:
    body = board.organisation
    if not body.exists_on(on):
        heirs = [one for one in known.line.successors(body.id) if one.exists_on(on)]
        names = listed([one.short_name for one in heirs])
        then = f" Write to {names} with a letter of its own." if heirs else ""
        return f"{body.name} no longer exists.{then}", [one.id for one in heirs]
    holders = known.holders.get(board.post_id or 0, ())
    others = listed([one.name for one in holders if one.id != letter.person_id])
    if letter.person_id in [one.id for one in holders]:
        now = listed(unique(_readers_at(body.id, seats)))
        return f"A letter about {body.short_name} would go to {now or 'nobody'} now.", [body.id]
    gone = f"{letter.to_name} no longer holds the post at {body.short_name}"
    if not others:
        return f"{gone}, and nobody is known to hold it now.", [body.id]
    if letter.person_id is None:
        gone = f"The post at {body.short_name} has a holder now"
    return f"{gone}: {others}. Write to them with a letter of their own.", [body.id]


def _readers_at(body_id: int, seats: Seats) -> Iterable[str]:
    for (_, here), found in seats.items():
        if here == body_id:
            yield from (one.addressee.to_name for one in found)


def _left_out(case: Case, reason: str, instead: tuple[int, ...]) -> Recipient:
    """Kept as a row, so that who checks and who approves see that nobody was forgotten."""
    letter = case.letter
    seats = tuple(_seat(board, letter) for board in case.boards)
    addressee = (
        choosing.addressee_of(letter.person, seats) if letter.person else Addressee(case.key, seats)
    )
    # Of two records that became one, both were written to: each letter keeps a row of its own.
    addressee = replace(addressee, key=case.key)
    return Recipient(addressee, excluded=reason, instead=instead)


def _seat(board: LetterBoard, letter: Letter) -> AddressedSeat:
    return AddressedSeat(
        organisation_id=board.organisation_id,
        board=board.organisation.name,
        short_name=board.organisation.short_name,
        role=board.post.post_type.addressed_as if board.post else "",
        post_id=board.post_id,
        appointment_id=board.appointment_id,
        stands_in_as=letter.stands_in_as,
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
