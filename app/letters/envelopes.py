"""What stands in the window of a posted letter’s envelope, and what is wrong with it."""

from dataclasses import dataclass

from app.directory.postal import PostalAddress, envelope, postal_address
from app.letters.fields import Addressee, Seat, name_lines


@dataclass(frozen=True)
class Envelope:
    """The lines in the window; with a problem, on which record it is put right."""

    lines: tuple[str, ...] = ()
    problem: str = ""
    kind: str = ""  # person_by_post or organisation_by_post
    record_id: int | None = None

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def envelope_of(addressee: Addressee) -> Envelope:
    """The reader’s own postal address; else that of the first body the letter names and that has
    one, with the name of the body above it."""
    if addressee.postal_address:
        made = envelope(tuple(name_lines(addressee)), postal_address(addressee.postal_address))
        own = "person_by_post", addressee.person_id
        return _checked(made, addressee.post_came_back, *own)
    seat = next((one for one in addressee.seats if one.postal_address), None)
    if seat is None:
        return _nowhere(addressee)
    names = (*name_lines(addressee), seat.board)
    made = envelope(names, postal_address(seat.postal_address))
    return _checked(made, seat.post_came_back, "organisation_by_post", seat.organisation_id)


def _checked(made: PostalAddress, came_back: str, kind: str, record_id: int | None) -> Envelope:
    wrong = came_back or made.problem
    problem = f"The envelope: {wrong}" if wrong else ""
    return Envelope(made.lines, problem, kind, record_id)


def _nowhere(addressee: Addressee) -> Envelope:
    where: Seat | None = addressee.seats[0] if addressee.seats else None
    if addressee.person_id is None or where is not None:
        body = where.short_name if where else "the body"
        who = f"{addressee.full_name} or " if addressee.person_id else ""
        problem = f"No postal address is recorded for {who}{body}."
        return Envelope(
            (), problem, "organisation_by_post", where.organisation_id if where else None
        )
    problem = f"No postal address is recorded for {addressee.full_name}."
    return Envelope((), problem, "person_by_post", addressee.person_id)


NO_ENVELOPE = Envelope()
