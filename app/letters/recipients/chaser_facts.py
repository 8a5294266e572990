"""What a chaser has to know of the letters it follows, read in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, contains_eager, defer, joinedload

from app.accounts.visibility import Visibility
from app.core.text.alphabet import alphabetical
from app.directory.addresses import address_key
from app.directory.models import (
    Appointment,
    Organisation,
    Person,
    PersonEmail,
    Post,
    Succession,
)
from app.interactions.models import (
    Interaction,
    InteractionKind,
    InteractionOrganisation,
    InteractionState,
)
from app.letters.models import Letter, LetterAnswer, LetterBoard, Mailing

TALKS = (InteractionKind.MEETING, InteractionKind.CALL, InteractionKind.EMAIL)


@dataclass(frozen=True)
class Answer:
    """Somebody answered one of our letters, whichever it was."""

    letter_id: int
    organisation_id: int | None  # one body that letter was about
    on: date
    by: str


@dataclass(frozen=True)
class Talk:
    """A meeting, call or email with a body, that everybody in the group may know of."""

    kind: InteractionKind
    on: date


@dataclass
class Chased:
    """The letters of one mailing, and what has happened since they went."""

    letters: Sequence[Letter]  # the newest to each addressee, with its person
    boards: Mapping[int, Sequence[LetterBoard]]  # by letter
    first: Mapping[str, Letter]  # of a second chaser: the first letter, by addressee
    answers: "Answers"
    line: "Lineage"
    talks: Mapping[int, Sequence[Talk]] = field(default_factory=dict)  # by body
    failures: Mapping[str, date] = field(default_factory=dict)  # by address
    holders: Mapping[int, Sequence[Person]] = field(default_factory=dict)  # by post

    def first_of(self, letter: Letter) -> Letter:
        return self.first.get(letter.addressee_key or "", letter)


class Answers:
    """Those since the first letter went, found by letter and by body."""

    def __init__(self, answers: Iterable[Answer]) -> None:
        self._to: dict[int, list[Answer]] = defaultdict(list)
        self._about: dict[int, list[Answer]] = defaultdict(list)
        for one in answers:
            self._to[one.letter_id].append(one)
            if one.organisation_id is not None:
                self._about[one.organisation_id].append(one)

    def first(self, letter_id: int, bodies: Iterable[int], since: date) -> Answer | None:
        """To this letter, or to any about one of these bodies."""
        about = [one for body in bodies for one in self._about.get(body, ()) if one.on >= since]
        found = [*self._to.get(letter_id, ()), *about]
        return min(found, key=lambda one: (one.on, one.letter_id), default=None)


class Lineage:
    """Who took over from whom: a body's conversation goes on with its successors."""

    def __init__(self, successions: Iterable[Succession]) -> None:
        self._heirs: dict[int, list[Organisation]] = defaultdict(list)
        self._after: dict[int, list[int]] = defaultdict(list)
        self._before: dict[int, list[int]] = defaultdict(list)
        for one in successions:
            self._heirs[one.predecessor_id].append(one.successor)
            self._after[one.predecessor_id].append(one.successor_id)
            self._before[one.successor_id].append(one.predecessor_id)

    def successors(self, body_id: int) -> list[Organisation]:
        return self._heirs.get(body_id, [])

    def of(self, body_id: int) -> set[int]:
        """The body, all it came from, and all that came of it; never its sisters."""
        return {body_id} | _reached(body_id, self._after) | _reached(body_id, self._before)


def _reached(start: int, edges: Mapping[int, Sequence[int]]) -> set[int]:
    found: set[int] = set()
    ahead = list(edges.get(start, ()))
    while ahead:
        here = ahead.pop()
        if here not in found:
            found.add(here)
            ahead += edges.get(here, ())
    return found


def read(session: Session, mailing: Mailing, since: datetime, on: date) -> Chased:
    """The letters of this mailing as somebody who wants to chase them has to see them."""
    letters = _letters(session, mailing.id)
    boards = _boards(session, mailing.id)
    chased = Chased(
        letters=letters,
        boards=boards,
        first=_by_addressee(_letters(session, mailing.chases_id)) if mailing.chases_id else {},
        answers=Answers(_answers(session, since, mailing.id)),
        line=Lineage(
            session.scalars(select(Succession).options(joinedload(Succession.successor))).all()
        ),
    )
    named = [board for found in boards.values() for board in found]
    chased.talks = _talks(session, named, chased.line, min_day(letters))
    chased.failures = _failures(session, letters)
    chased.holders = _holders(session, {board.post_id for board in named if board.post_id}, on)
    return chased


def min_day(letters: Iterable[Letter]) -> date:
    return min((one.sent_on for one in letters if one.sent_on), default=date.max)


def _letters(session: Session, mailing_id: int | None) -> list[Letter]:
    rows = session.scalars(
        select(Letter)
        .where(Letter.mailing_id == mailing_id)
        .options(defer(Letter.text), defer(Letter.html), joinedload(Letter.person))
        .order_by(Letter.id)
        .execution_options(populate_existing=True)
    )
    return list(_by_addressee(rows).values())


def _by_addressee(letters: Iterable[Letter]) -> dict[str, Letter]:
    """The last copy to each, where one was sent again."""
    return {letter.addressee_key or "": letter for letter in letters}


def _boards(session: Session, mailing_id: int) -> dict[int, list[LetterBoard]]:
    found = defaultdict(list)
    rows = session.scalars(
        select(LetterBoard)
        .join(LetterBoard.letter)
        .join(LetterBoard.organisation)
        .where(Letter.mailing_id == mailing_id)
        .options(
            contains_eager(LetterBoard.organisation),
            joinedload(LetterBoard.post).joinedload(Post.post_type),
        )
        .order_by(alphabetical(Organisation.short_name), Organisation.id)
    )
    for board in rows:
        found[board.letter_id].append(board)
    return dict(found)


def _answers(session: Session, since: datetime, mailing_id: int) -> list[Answer]:
    rows = session.execute(
        select(
            LetterAnswer.letter_id,
            LetterBoard.organisation_id,
            LetterAnswer.answered_on,
            LetterAnswer.answered_by,
        )
        .join(Letter, Letter.id == LetterAnswer.letter_id)
        .outerjoin(LetterBoard, LetterBoard.letter_id == Letter.id)
        .where(or_(LetterAnswer.recorded_at >= since, Letter.mailing_id == mailing_id))
        .order_by(LetterAnswer.id)
    )
    return [Answer(*row) for row in rows]


def _talks(
    session: Session, boards: Iterable[LetterBoard], line: Lineage, since: date
) -> dict[int, list[Talk]]:
    """What is kept from part of the group is left out: a check is read by all of it."""
    about = {board.organisation_id: _known_as(board, line) for board in boards}
    asked = {body for bodies in about.values() for body in bodies}
    rows = session.execute(
        select(InteractionOrganisation.organisation_id, Interaction.kind, Interaction.happened_on)
        .join(Interaction, Interaction.id == InteractionOrganisation.interaction_id)
        .where(
            InteractionOrganisation.organisation_id.in_(asked),
            Interaction.visible_to == Visibility.GROUP,
            Interaction.state == InteractionState.HELD,
            Interaction.kind.in_(TALKS),
            Interaction.happened_on >= since,
        )
        .order_by(Interaction.happened_on, Interaction.id)
    )
    had: dict[int, list[Talk]] = defaultdict(list)
    for body_id, kind, day in rows:
        had[body_id].append(Talk(kind, day))
    return {
        body_id: [talk for one in sorted(bodies) for talk in had.get(one, ())]
        for body_id, bodies in about.items()
    }


def _known_as(board: LetterBoard, line: Lineage) -> set[int]:
    """A meeting may be noted with the system a board is the board of."""
    system = board.organisation.part_of_id
    return line.of(board.organisation_id) | ({system} if system else set())


def _failures(session: Session, letters: Iterable[Letter]) -> dict[str, date]:
    keys = {address_key(one.to_email) for one in letters if one.to_email}
    rows = session.execute(
        select(PersonEmail.address_key, PersonEmail.failed_on).where(
            PersonEmail.failed_on.is_not(None), PersonEmail.address_key.in_(keys)
        )
    )
    return {key: day for key, day in rows if day is not None}


def _holders(session: Session, post_ids: Collection[int], on: date) -> dict[int, list[Person]]:
    found: dict[int, list[Person]] = defaultdict(list)
    rows = session.scalars(
        select(Appointment)
        .where(Appointment.post_id.in_(post_ids), Appointment.where_held_on(on))
        .options(joinedload(Appointment.person))
        .order_by(Appointment.is_acting, Appointment.id)
    )
    for appointment in rows:
        found[appointment.post_id].append(appointment.person)
    return dict(found)
