"""One letter to come: to whom, by which way, with copies to whom."""

from dataclasses import dataclass

from app.letters.content.fields import Addressee, EarlierLetter
from app.letters.models import Channel


@dataclass(frozen=True)
class Copy:
    """Somebody who gets a copy, openly: in a Cc line and in the letter itself."""

    person_id: int
    name: str
    address: str
    capacity: str  # "Chair, NHS Sampleshire Integrated Care Board"

    @property
    def line(self) -> str:
        return f"{self.name}, {self.capacity}"


@dataclass(frozen=True)
class Recipient:
    """One letter to come: to whom, with copies to whom, and what was found on the way."""

    addressee: Addressee
    copies: tuple[Copy, ...] = ()
    excluded: str = ""  # why this reader gets no letter
    problem: str = ""  # why a person must put something right first
    notes: tuple[str, ...] = ()
    no_copies: tuple[str, ...] = ()  # why a copy that was wanted does not go
    by_way: str = ""  # why it goes to an office or a stand-in, in a sentence
    earlier: EarlierLetter | None = None  # the letter that a chaser follows
    channel: Channel = Channel.EMAIL
    only_by_mail: bool = False  # what excludes it, or has to be put right, matters by mail alone
    why_post: str = ""  # why it goes by post although mail was wanted, or would have been
    instead: tuple[int, ...] = ()  # bodies where somebody else would have to be written to
