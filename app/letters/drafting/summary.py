"""What the check found, in numbers and in the words that differ."""

from calendar import month_abbr, month_name
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.letters.content.fields import listed, name_of
from app.letters.models import Channel, Letter, LetterState
from app.letters.queries import CheckedRow

WAYS = {
    Channel.EMAIL: "by email",
    Channel.POST: "by post",
    Channel.BOTH: "by email and by post",
}
MONTHS = frozenset([*month_name[1:], *month_abbr[1:]])


@dataclass(frozen=True)
class Summary:
    """One reading of a mailing's rows."""

    going: tuple[CheckedRow, ...]  # those who get a letter, or will when a row is put right
    problems: tuple[CheckedRow, ...]
    left_out: tuple[CheckedRow, ...]
    warned: tuple[CheckedRow, ...]
    unnamed: tuple[CheckedRow, ...]  # to a post with nobody named in it
    several: tuple[CheckedRow, ...]
    differing: Mapping[str, int]  # key → how many different values

    @property
    def ready(self) -> tuple[CheckedRow, ...]:
        return tuple(row for row in self.going if not problems_of(row.letter))

    @property
    def sentence(self) -> str:
        """33 letters to 33 people at 36 boards, or how many of the rows are letters so far"""
        ready = self.ready
        bodies = {body.id: body for row in ready for body in row.bodies}
        noun = "board" if all(b.kind.value == "icb" for b in bodies.values()) else "body"
        people = len({row.letter.addressee_key for row in ready})
        reached = f"to {_count(people, 'person')} at {_count(len(bodies), noun)}"
        if len(ready) == len(self.going):
            return f"{_count(len(ready), 'letter')} {reached}"
        so_far = f"{len(ready):,} of {_count(len(self.going), 'letter')} ready"
        return f"{so_far}, {reached}" if ready else so_far

    @property
    def by_post(self) -> tuple[CheckedRow, ...]:
        return tuple(row for row in self.going if row.letter.is_posted)

    @property
    def by_post_alone(self) -> int:
        return sum(not row.letter.is_mailed for row in self.going)

    @property
    def ways(self) -> str:
        """all by email; or 30 by email, 3 by post and 2 by email and by post"""
        counts = Counter(row.letter.channel for row in self.ready)
        if len(counts) == 1:
            return f"all {WAYS[Channel(next(iter(counts)))]}"
        known = [(counts[channel.value], words) for channel, words in WAYS.items()]
        return listed([f"{count:,} {words}" for count, words in known if count])

    @property
    def with_copies(self) -> int:
        return sum(bool(row.letter.findings.get("copies")) for row in self.going)

    @property
    def lacking_copies(self) -> int:
        """How many letters lack a copy that was wanted; each says why."""
        return sum(bool(row.letter.findings.get("no_copies")) for row in self.going)

    @property
    def problems_alike(self) -> list[list[CheckedRow]]:
        return _alike(self.problems, lambda row: _words(problems_of(row.letter)))

    @property
    def left_out_alike(self) -> list[list[CheckedRow]]:
        return _alike(self.left_out, lambda row: row.letter.state_reason or "")

    @property
    def warned_alike(self) -> list[list[CheckedRow]]:
        return _alike(self.warned, lambda row: " ".join(row.letter.findings["warnings"]))

    @property
    def nobody_known(self) -> int:
        """How many rows wait only because nobody there is known to write to."""
        return sum(
            any(problem.get("kind") == "organisation" for problem in problems_of(row.letter))
            and not row.letter.stands_in_as
            for row in self.problems
        )

    @property
    def without_source(self) -> list[int]:
        """The people of whom only one thing is missing that can be said of all of them at once."""
        found = {
            row.letter.person_id
            for row in self.problems
            if any(problem.get("kind") == "person_source" for problem in problems_of(row.letter))
        }
        return sorted(one for one in found if one is not None)

    def place(self, letter_id: int) -> int:
        """Where a letter stands among those that go, from 0."""
        ids = [row.letter.id for row in self.going]
        return ids.index(letter_id) if letter_id in ids else 0

    def differs(self, part: str, line: str) -> bool:
        """Whether a line of the head or foot stands in some letters and not in others."""
        return any(line not in row.letter.findings.get(part, []) for row in self.going)

    def kept_in(self, key: str) -> int:
        """How many letters keep the paragraphs that ask about this field."""
        return sum(bool(r.letter.findings.get("truths", {}).get(key)) for r in self.going)

    def field_name(self, key: str) -> str:
        return name_of(key)

    def differing_names(self) -> list[str]:
        return [name_of(key) for key in self.differing]


def summarise(rows: Sequence[CheckedRow]) -> Summary:
    going = tuple(row for row in rows if row.letter.state is not LetterState.EXCLUDED)
    return Summary(
        going=going,
        problems=tuple(row for row in going if problems_of(row.letter)),
        left_out=tuple(row for row in rows if row.letter.state is LetterState.EXCLUDED),
        warned=tuple(row for row in going if row.letter.findings.get("warnings")),
        unnamed=tuple(row for row in going if _is_unnamed(row.letter)),
        several=tuple(row for row in going if len(row.bodies) > 1),
        differing=_differing([row.letter for row in going]),
    )


def _is_unnamed(letter: Letter) -> bool:
    """Letters checked by an older Liaise say only who stands in."""
    return bool(letter.findings.get("nobody_named", letter.stands_in_as))


def problems_of(letter: Letter) -> list[dict[str, object]]:
    """Only a letter that is still being written has problems."""
    if letter.state is not LetterState.DRAFT:
        return []
    return list(letter.findings.get("problems", []))


def _words(problems: Sequence[Mapping[str, object]]) -> str:
    return " ".join(f"{one.get('kind')} {one.get('words')}" for one in problems)


def _alike(
    rows: Sequence[CheckedRow], reason: Callable[[CheckedRow], str]
) -> list[list[CheckedRow]]:
    """Rows of one reason together: the same words but for names, numbers, days and addresses."""
    found: dict[tuple[str, ...], list[CheckedRow]] = {}
    for row in rows:
        own = set(f"{row.about} {row.letter.to_name}".split()) | MONTHS
        key = tuple(word for word in reason(row).split() if word.isalpha() and word not in own)
        found.setdefault(key, []).append(row)
    return list(found.values())


def _differing(letters: Sequence[Letter]) -> dict[str, int]:
    values: dict[str, set[str]] = {}
    for letter in letters:
        for key, value in letter.findings.get("values", {}).items():
            values.setdefault(key, set()).add(value)
    return {key: len(found) for key, found in values.items() if len(found) > 1}


def _count(number: int, noun: str) -> str:
    many = {"person": "people", "body": "bodies"}.get(noun, f"{noun}s")
    return f"{number:,} {noun if number == 1 else many}"
