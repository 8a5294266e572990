"""What stands in the window of a posted letter’s envelope, and what is wrong with it."""

from dataclasses import dataclass

from app.directory.postal import envelope, postal_address
from app.letters.content.fields import Addressee, name_lines


@dataclass(frozen=True)
class PostalEnvelope:
    """The lines in the window; with a problem, on which record it is put right."""

    lines: tuple[str, ...] = ()
    problem: str = ""
    kind: str = ""  # person_by_post or organisation_by_post
    record_id: int | None = None

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def envelope_of(addressee: Addressee) -> PostalEnvelope:
    """The reader’s own postal address; else that of the first body the letter names and that has
    one, with the name of the body above it."""
    if addressee.postal_address:
        own = "person_by_post", addressee.person_id
        names, where = tuple(name_lines(addressee)), addressee.postal_address
        return _checked(names, where, addressee.post_came_back, *own)
    seat = next((one for one in addressee.seats if one.postal_address), None)
    if seat is None:
        return _nowhere(addressee)
    theirs = "organisation_by_post", seat.organisation_id
    names = (*name_lines(addressee), seat.board)
    return _checked(names, seat.postal_address, seat.post_came_back, *theirs)


def _checked(
    names: tuple[str, ...], where: str, came_back: str, kind: str, record_id: int | None
) -> PostalEnvelope:
    """With a problem too, the lines as they would stand there: that is how one sees it."""
    address = postal_address(where)
    made = envelope(names, address)
    wrong = came_back or made.problem
    lines = (*names, *address.lines) if address.problem else made.lines
    return PostalEnvelope(lines, f"The envelope: {wrong}" if wrong else "", kind, record_id)


def _nowhere(addressee: Addressee) -> PostalEnvelope:
    """To be put right on the body, of which others are written to as well."""
    names = [addressee.full_name, *(seat.short_name for seat in addressee.seats[:1])]
    problem = f"No postal address is recorded for {' or '.join(filter(None, names))}."
    for seat in addressee.seats:
        return PostalEnvelope((), problem, "organisation_by_post", seat.organisation_id)
    return PostalEnvelope((), problem, "person_by_post", addressee.person_id)


NO_ENVELOPE = PostalEnvelope()
