"""The field language: `((field))`, and paragraphs that may be left out. No engine runs users' text.

`((surname))` is replaced by a value; `((if surname)) … ((end))` stays only where there is one.
Names match regardless of case, spaces, underscores and hyphens. Values are put in once, at the
end, and never looked at again: whatever a value says, it is only words.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

MAX_TEMPLATE = 50_000
MAX_VALUE = 2_000
MAX_DEPTH = 10

# Private-use characters mark our own places in a text, so no text may bring its own.
_OURS = re.compile("[\ue000-\ue00f\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_TOKEN = re.compile(r"\(\(([^()\n]{0,200})\)\)")
_IF = re.compile(r"if[\s_\u00a0]+(.+)", re.IGNORECASE | re.DOTALL)


def key_of(name: str) -> str:
    """The form in which two spellings of a field's name are the same."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", name))
    return re.sub(r"[\s_\-]+", "", plain).casefold()


def as_value(text: str) -> str:
    """A value as it goes into a letter: one line, without invisible or control characters."""
    cleaned = _INVISIBLE.sub("", _OURS.sub(" ", text[:MAX_VALUE]))
    return " ".join(cleaned.split())


def as_template(text: str) -> str:
    """What an author typed, with one kind of line end and none of our private marks."""
    return _OURS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


@dataclass(frozen=True)
class Slot:
    """A place where the value of one field goes."""

    key: str
    line: int


@dataclass
class FieldBlock:
    """Parts that stay together; with a condition, only where that field has a value."""

    condition: str | None
    line: int
    parts: "list[str | Slot | FieldBlock]" = field(default_factory=list)


@dataclass(frozen=True)
class Problem:
    line: int
    message: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.message}"


@dataclass(frozen=True)
class Compiled:
    """A text taken apart. With problems it may be looked at, but no letter is made of it."""

    root: FieldBlock
    problems: tuple[Problem, ...]
    fields: tuple[str, ...]  # keys of fields whose value is printed, as first met
    conditions: tuple[str, ...]


@dataclass(frozen=True)
class Vocabulary:
    """The names an author may use: printable fields, and those that can only be asked about."""

    printable: Mapping[str, str]  # key → name as we write it
    only_asked: Mapping[str, str]

    @classmethod
    def of(cls, printable: Iterable[str], only_asked: Iterable[str] = ()) -> "Vocabulary":
        return cls({key_of(n): n for n in printable}, {key_of(n): n for n in only_asked})

    def nearest(self, key: str) -> str | None:
        names = {**self.printable, **self.only_asked}
        close = get_close_matches(key[:60], list(names), n=1, cutoff=0.6)
        return names[close[0]] if close else None


def compile_text(text: str, vocabulary: Vocabulary) -> Compiled:
    """Take a template apart once. Never raises: what is wrong is said in `problems`."""
    return _Compiler(as_template(text), vocabulary).compiled()


class _Compiler:
    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self.text, self.vocabulary = text, vocabulary
        self.problems: list[Problem] = []
        self.fields: dict[str, None] = {}
        self.conditions: dict[str, None] = {}
        self.open: list[FieldBlock] = [FieldBlock(None, 1)]

    def compiled(self) -> Compiled:
        if len(self.text) > MAX_TEMPLATE:
            self.problems.append(
                Problem(1, f"This is too long: keep it under {MAX_TEMPLATE:,} characters.")
            )
            self.text = self.text[:MAX_TEMPLATE]
        self._take_apart()
        for block in self.open[1:]:
            self._say(block.line, "this “((if …))” has no “((end))” after it.")
        self.problems.sort(key=lambda problem: problem.line)
        return Compiled(
            self.open[0], tuple(self.problems), tuple(self.fields), tuple(self.conditions)
        )

    def _take_apart(self) -> None:
        position, line = 0, 1
        for token in _TOKEN.finditer(self.text):
            before = self.text[position : token.start()]
            self._plain(before, line)
            line += before.count("\n")
            self._token(token[1], line)
            position = token.end()
        self._plain(self.text[position:], line)

    def _plain(self, text: str, line: int) -> None:
        if not text:
            return
        self.open[-1].parts.append(text)
        for number, words in enumerate(text.split("\n"), start=line):
            if "((" in words:
                shown = words[words.index("((") :][:30].strip()
                self._say(number, f"“{shown}” is not closed. A field is written ((name)).")

    def _token(self, inside: str, line: int) -> None:
        condition = _IF.fullmatch(inside.strip())
        key = key_of(inside)
        if condition:
            self._begin(condition[1], line)
        elif key in ("end", "endif"):
            self._end(line)
        elif key in ("", "if"):
            self._say(line, f"“(({inside}))” names no field.")
        else:
            self._slot(inside, key, line)

    def _slot(self, inside: str, key: str, line: int) -> None:
        if key in self.vocabulary.only_asked:
            name = self.vocabulary.only_asked[key]
            self._say(line, f"“{name}” prints nothing. Use it as ((if {name})) … ((end)).")
        elif key not in self.vocabulary.printable:
            self._unknown(inside, key, line)
        else:
            self.fields[key] = None
            self.open[-1].parts.append(Slot(key, line))

    def _begin(self, name: str, line: int) -> None:
        key = key_of(name)
        if key not in self.vocabulary.printable and key not in self.vocabulary.only_asked:
            self._unknown(name, key, line)
        if len(self.open) > MAX_DEPTH:
            self._say(line, f"optional paragraphs can be {MAX_DEPTH} deep, no deeper.")
        self.conditions[key] = None
        block = FieldBlock(key, line)
        if len(self.open) <= MAX_DEPTH:
            self.open[-1].parts.append(block)
        self.open.append(block)

    def _end(self, line: int) -> None:
        if len(self.open) == 1:
            self._say(line, "this “((end))” closes nothing: there is no “((if …))” before it.")
        else:
            self.open.pop()

    def _unknown(self, name: str, key: str, line: int) -> None:
        nearest = self.vocabulary.nearest(key)
        hint = f" Did you mean (({nearest}))?" if nearest else ""
        self._say(line, f"there is no field called “{' '.join(name.split())}”.{hint}")

    def _say(self, line: int, message: str) -> None:
        self.problems.append(Problem(line, message))


def choose_parts(compiled: Compiled, is_true: Callable[[str], bool]) -> list[str | Slot]:
    """The text and slots that remain once each optional paragraph is kept or left out."""
    chosen: list[str | Slot] = []
    _choose(compiled.root, is_true, chosen)
    return chosen


def _choose(block: FieldBlock, is_true: Callable[[str], bool], chosen: list[str | Slot]) -> None:
    for part in block.parts:
        if not isinstance(part, FieldBlock):
            chosen.append(part)
        elif part.condition is not None and is_true(part.condition):
            _choose(part, is_true, chosen)


def blanks(parts: Iterable[str | Slot], values: Mapping[str, str]) -> list[str]:
    """Keys of the fields that would print nothing: each is an error of that row, never a gap."""
    keys = dict.fromkeys(part.key for part in parts if isinstance(part, Slot))
    return [key for key in keys if not values.get(key)]


def merge_line(parts: Iterable[str | Slot], values: Mapping[str, str]) -> str:
    """One line of plain words, such as a subject."""
    words = (values.get(part.key, "") if isinstance(part, Slot) else part for part in parts)
    return " ".join("".join(words).split())
