"""The fields an author can put into a letter, each with what it means and an example."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from app.directory.models import PostState
from app.directory.salutation import Salutation, salutation_of, salutation_to_post
from app.letters.content import field_language


@dataclass(frozen=True)
class AddressedSeat:
    """One body the letter names, why we write to this reader there, and what we know of it."""

    organisation_id: int
    board: str
    short_name: str
    role: str  # how the post is addressed: "Executive Lead for Children and Young People"
    post_id: int | None = None
    appointment_id: int | None = None
    job_title: str = ""
    is_acting: bool = False
    stands_in_as: str = ""  # "office of the chair", where the lead is not known
    in_place_of: str = ""  # the post whose holder is not known
    gap: PostState = PostState.UNKNOWN  # why not: vacant, not published, or we do not know
    system: str = ""
    partnership: str = ""
    region: str = ""
    councils: tuple[str, ...] = ()
    chair: str = ""
    checked_on: date | None = None
    source: str = ""
    postal_address: str = ""  # of the body
    post_came_back: str = ""  # why nothing can be posted to it


@dataclass(frozen=True)
class Addressee:
    """One reader: a person, or an office that stands in for somebody whose name is not known."""

    key: str  # "person:12" or "office:7": who it is, never where it stood in a list
    seats: tuple[AddressedSeat, ...]
    person_id: int | None = None
    title: str = ""
    given_name: str = ""
    family_name: str = ""
    known_as: str = ""
    post_nominals: str = ""
    salutation_override: str = ""
    email: str = ""
    email_person_id: int | None = None  # whose address it is, also where it is an office's
    source: str = ""  # where we got the details
    source_on: date | None = None
    postal_address: str = ""  # the person's own
    post_came_back: str = ""

    @property
    def is_office(self) -> bool:
        return self.person_id is None

    @property
    def stands_in_as(self) -> str:
        return next((seat.stands_in_as for seat in self.seats if seat.stands_in_as), "")

    @property
    def unnamed(self) -> tuple[AddressedSeat, ...]:
        """The seats written to though nobody is named in them, whoever opens the letter."""
        return tuple(seat for seat in self.seats if seat.in_place_of or seat.stands_in_as)

    @property
    def vacant(self) -> tuple[AddressedSeat, ...]:
        """Of these, where somebody looked and saw that the post is vacant."""
        return tuple(seat for seat in self.unnamed if seat.gap is PostState.VACANT)

    @property
    def roles(self) -> list[str]:
        return unique(seat.role for seat in self.seats)

    @property
    def full_name(self) -> str:
        parts = (self.title, self.known_as or self.given_name, self.family_name)
        return " ".join(part for part in parts if part)

    @property
    def to_name(self) -> str:
        """What stands in the To line before the address."""
        return listed(self.roles) if self.is_office else self.full_name

    @property
    def greeting(self) -> Salutation:
        if not self.is_office:
            return salutation_of(self)
        if self.vacant == self.seats:
            return salutation_to_post("Dear colleague")
        # "Executive Lead for Children and Young People" is greeted as "Dear Executive Lead".
        posts = unique(role.partition(" for ")[0] for role in self.roles)
        return salutation_to_post(f"Dear {posts[0]}" if len(posts) == 1 else "Dear colleague")


def name_lines(reader: Addressee) -> list[str]:
    """Who it is, above whatever address follows: the name, or the post and by whose way."""
    if not reader.is_office:
        return [" ".join(part for part in (reader.full_name, reader.post_nominals) if part)]
    way = f"by way of the {reader.stands_in_as}" if reader.stands_in_as else ""
    return [line for line in (*reader.roles, way) if line]


@dataclass(frozen=True)
class House:
    """What is the same in every letter of a mailing: who writes, and the lines we owe a reader."""

    group_name: str = ""
    postal_address: str = ""
    from_name: str = ""
    from_email: str = ""
    reply_to: str = ""
    replies_carry_reference: bool = True
    signatory_name: str = ""
    signatory_job_title: str = ""
    signatory_organisation: str = ""
    privacy_url: str = ""
    opt_out_line: str = ""
    written_on: date = date(2000, 1, 1)


@dataclass(frozen=True)
class EarlierLetter:
    """What a chaser reminds its reader of: the first letter, and the chaser that went since."""

    sent_on: date
    subject: str
    reminded_on: date | None = None


@dataclass(frozen=True)
class Writing:
    """One letter about to be written: to whom, by whom, under which reference."""

    addressee: Addressee
    house: House
    reference: str = ""
    cc_lines: tuple[str, ...] = ()
    earlier: EarlierLetter | None = None  # only of a chaser


@dataclass(frozen=True)
class Field:
    name: str
    group: str
    description: str
    example: str
    value: Callable[[Writing], str]


def unique(words: Iterable[str]) -> list[str]:
    """Each word once, in order, without blanks."""
    return [word for word in dict.fromkeys(words) if word]


def listed(words: Sequence[str]) -> str:
    """A, B and C."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def long_date(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _of_seats(pick: Callable[[AddressedSeat], str]) -> Callable[[Writing], str]:
    return lambda writing: listed(unique(pick(seat) for seat in writing.addressee.seats))


def _of_name(pick: Callable[[Addressee], str]) -> Callable[[Writing], str]:
    return lambda writing: pick(writing.addressee)


def _of_earlier(pick: Callable[[EarlierLetter], str]) -> Callable[[Writing], str]:
    return lambda writing: pick(writing.earlier) if writing.earlier else ""


def _councils(writing: Writing) -> str:
    return listed(unique(name for seat in writing.addressee.seats for name in seat.councils))


def _stands_in(writing: Writing) -> str:
    """Said as it is: a vacancy we have seen is not a name we failed to find."""
    reasons = []
    for gap, (before, after) in GAPS.items():
        posts = unique(s.in_place_of for s in writing.addressee.seats if s.gap is gap)
        if posts:
            reasons.append(f"{before} {listed(posts)} {after}")
    return "as " + listed(reasons) if reasons else ""


# The words before and after the posts.
GAPS = {
    PostState.VACANT: ("we understand that the post of", "is vacant"),
    PostState.NOT_PUBLISHED: ("the name of the", "is not published"),
    PostState.UNKNOWN: ("the name of the", "is not known to us"),
}


PERSON, POST, BOARD, US = "The reader", "The post", "The board", "Us"
EARLIER = "The letter a chaser follows"

FIELDS = (
    Field(
        "salutation",
        PERSON,
        "The greeting, by the reader’s title and name. Put a comma after it.",
        "Dear Dr Sample",
        _of_name(lambda a: a.greeting.opening),
    ),
    Field("close", PERSON, "The words before the signature.", "Yours sincerely",
          _of_name(lambda a: a.greeting.close)),
    Field("title", PERSON, "As recorded; blank when we do not know it.", "Dr",
          _of_name(lambda a: a.title)),
    Field("given name", PERSON, "First name, or the name the person is known by.", "Alex",
          _of_name(lambda a: a.known_as or a.given_name)),
    Field("family name", PERSON, "Surname.", "Sample", _of_name(lambda a: a.family_name)),
    Field("full name", PERSON, "Title and names, as in an address.", "Dr Alex Sample",
          _of_name(lambda a: a.full_name)),
    Field("post nominals", PERSON, "Letters after the name.", "OBE",
          _of_name(lambda a: a.post_nominals)),
    Field("role", POST, "The post we write to, as it is addressed.",
          "Executive Lead for Children and Young People", _of_seats(lambda s: s.role)),
    Field("job title", POST, "The reader’s own job title, where we know it.", "Chief Nurse",
          _of_seats(lambda s: s.job_title)),
    Field("stands in", POST, "Why an office gets the letter; blank when the lead is known.",
          "as the name of the Executive Lead for Children and Young People is not known to us",
          _stands_in),
    Field("board", BOARD, "The board’s official name; all of them for a reader with several.",
          "NHS Sampleshire Integrated Care Board", _of_seats(lambda s: s.board)),
    Field("boards", BOARD, "The same as board: “A, B and C” for a reader with several.",
          "NHS Sampleshire Integrated Care Board and NHS Othershire Integrated Care Board",
          _of_seats(lambda s: s.board)),
    Field("board short names", BOARD, "The short names of the boards.",
          "Sampleshire and Othershire", _of_seats(lambda s: s.short_name)),
    Field("system", BOARD, "The integrated care system.", "Sampleshire",
          _of_seats(lambda s: s.system)),
    Field("partnership", BOARD, "The integrated care partnership of the system.",
          "Sampleshire Integrated Care Partnership", _of_seats(lambda s: s.partnership)),
    Field("region", BOARD, "The NHS England region.", "South West", _of_seats(lambda s: s.region)),
    Field("councils", BOARD, "The upper-tier councils of the system.",
          "Sampleshire County Council and Sampleton City Council", _councils),
    Field("chair name", BOARD, "The chair of the board, where we know the name.",
          "Professor Jo Example", _of_seats(lambda s: s.chair)),
    Field("signatory name", US, "Who signs.", "Sam Signatory", lambda w: w.house.signatory_name),
    Field("signatory job title", US, "The signatory’s post.", "Chair",
          lambda w: w.house.signatory_job_title),
    Field("signatory organisation", US, "Whom the signatory signs for.", "Sample Charity",
          lambda w: w.house.signatory_organisation),
    Field("group name", US, "Our group’s name, from the settings.", "Sample Health Policy Group",
          lambda w: w.house.group_name),
    Field("today’s date", US, "The day the letters were checked.", "22 November 2026",
          lambda w: long_date(w.house.written_on)),
    Field("our reference", US, "The letter’s own reference. It appears below every letter anyway.",
          "L7K3M-9QX2P", lambda w: w.reference),
    Field("reply address", US, "Where answers go.", "hello@example.org",
          lambda w: w.house.reply_to),
    Field("earlier letter date", EARLIER, "The day the first letter went; blank but in a chaser.",
          "2 November 2026", _of_earlier(lambda e: long_date(e.sent_on))),
    Field("earlier letter subject", EARLIER, "What it was about, as its subject says.",
          "Support for babies, children and young people in Sampleshire",
          _of_earlier(lambda e: e.subject)),
    Field("first chaser date", EARLIER, "The day the first chaser went; blank but in a second one.",
          "16 November 2026",
          _of_earlier(lambda e: long_date(e.reminded_on) if e.reminded_on else "")),
)  # fmt: skip

CONDITIONS = (
    Field("lead is known", "Only in ((if …))", "The post’s holder is known by name.", "",
          lambda w: "" if w.addressee.unnamed else "yes"),
    Field("lead is unknown", "Only in ((if …))",
          "Nobody is named in the post: it is vacant, or we do not know the name.", "",
          lambda w: "yes" if w.addressee.unnamed else ""),
    Field("lead is acting", "Only in ((if …))", "The holder is acting.", "",
          lambda w: "yes" if any(s.is_acting for s in w.addressee.seats) else ""),
    Field("one board", "Only in ((if …))", "The letter names one board.", "",
          lambda w: "yes" if len(w.addressee.seats) == 1 else ""),
    Field("several boards", "Only in ((if …))", "The letter names more than one board.", "",
          lambda w: "yes" if len(w.addressee.seats) > 1 else ""),
    Field("no earlier letter", "Only in ((if …))", "The letter is not a chaser.", "",
          lambda w: "" if w.earlier else "yes"),
)  # fmt: skip

GROUPS = {
    group: [one for one in FIELDS if one.group == group]
    for group in (PERSON, POST, BOARD, US, EARLIER)
}

BY_KEY = {field_language.key_of(one.name): one for one in (*FIELDS, *CONDITIONS)}
# People type either apostrophe, or none.
BY_KEY |= {
    field_language.key_of(n): BY_KEY[field_language.key_of("today’s date")]
    for n in ("today's date", "date")
}
VOCABULARY = field_language.Vocabulary(
    printable={key: one.name for key, one in BY_KEY.items() if one not in CONDITIONS},
    only_asked={key: one.name for key, one in BY_KEY.items() if one in CONDITIONS},
)


def name_of(key: str) -> str:
    return BY_KEY[key].name if key in BY_KEY else key


def values_for(writing: Writing, keys: Iterable[str]) -> dict[str, str]:
    """The values of these fields in this letter, cleaned and on one line each."""
    return {key: field_language.as_value(BY_KEY[key].value(writing)) for key in keys}


SAMPLE = Addressee(
    key="sample",
    person_id=0,
    title="Dr",
    given_name="Alex",
    family_name="Sample",
    post_nominals="OBE",
    email="alex.sample@example.org",
    source="https://example.org/our-board",
    seats=(
        AddressedSeat(
            organisation_id=0,
            board="NHS Sampleshire Integrated Care Board",
            short_name="Sampleshire",
            role="Executive Lead for Children and Young People",
            job_title="Chief Nurse",
            system="Sampleshire",
            partnership="Sampleshire Integrated Care Partnership",
            region="South West",
            councils=("Sampleshire County Council", "Sampleton City Council"),
            chair="Professor Jo Example",
            source="https://example.org/our-board",
        ),
    ),
)
SAMPLE_OFFICE = Addressee(
    key="sample-office",
    email="office@example.org",
    seats=(
        AddressedSeat(
            organisation_id=0,
            board="NHS Sampleshire Integrated Care Board",
            short_name="Sampleshire",
            role="Executive Lead for Children and Young People",
            stands_in_as="office of the chair",
            in_place_of="Executive Lead for Children and Young People",
            system="Sampleshire",
            partnership="Sampleshire Integrated Care Partnership",
            region="South West",
            councils=("Sampleshire County Council", "Sampleton City Council"),
            chair="Professor Jo Example",
        ),
    ),
)
SAMPLE_EARLIER = EarlierLetter(
    date(2026, 11, 2), "Support for babies, children and young people in Sampleshire"
)
