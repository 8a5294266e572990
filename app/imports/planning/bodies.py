"""Which body and which post a row means; nothing close is ever taken for the same."""

import re
from collections.abc import Collection, Iterable, Mapping
from copy import copy
from datetime import date

from rapidfuzz import fuzz, process

from app.core.errors import DomainError
from app.core.text.alphabet import folded
from app.directory.models import Organisation, OrganisationKind, PostType
from app.imports.planning.body_index import BodyIndex
from app.imports.planning.fields import plain

DEFAULT_POST = "children"
BOARDS = frozenset({OrganisationKind.ICB.value})
# A system is written to through its board, whose names its own are.
EVERY_KIND = frozenset(kind.value for kind in OrganisationKind) - {OrganisationKind.ICS.value}

Kinds = Collection[str]  # of organisations

_POST_WORDS = {
    "children": "cyp|children|childrens lead|children s lead|children and young people|babies"
    " children and young people|children s executive lead|childrens executive lead|cyp lead"
    "|cyp executive lead|executive lead for children|executive lead children"
    "|executive lead for cyp|bcyp|children and young people s lead|executive children s lead",
    "send": "send lead|send executive lead|executive lead for send|executive lead send"
    "|special educational needs and disabilities",
    "safeguarding": "safeguarding lead|executive lead for safeguarding",
    "learning_disability_autism": "learning disability and autism|lda|lda lead"
    "|learning disability and autism lead|learning disabilities and autism",
    "down_syndrome": "down syndrome lead|down s syndrome|downs syndrome|down s syndrome lead",
    "childrens_mental_health": "cypmh|camhs|children s mental health|children s mental health lead",
    "chair": "chairman|chairwoman|chairperson|icb chair|board chair",
    "chief_executive": "ceo|chief exec|chief executive officer|icb chief executive",
    "chief_nurse": "cno|chief nursing officer|director of nursing",
    "dcs": "director of children s services|director of childrens services",
}


class NotFound(DomainError):
    """No body or post is meant for sure. `text` is what the file says, to be answered once."""

    def __init__(self, sentence: str, choices: Iterable[Organisation] = ()) -> None:
        super().__init__(sentence)
        self.choices = tuple(choices)


def body_key(name: str) -> str:
    """A body's name without the words that every body of its kind has."""
    words = f" {plain(name.replace('&', ' and '))} "
    for kind in (
        "integrated care board",
        "integrated care system",
        "integrated care partnership",
        "health and care partnership",
        "nhs",
        "icb",
        "ics",
        "icp",
        "the",
    ):
        words = words.replace(f" {kind} ", " ")
    return " ".join(words.split()) or plain(name)


class Finder:
    """Finds bodies and posts by what a file calls them, on one day."""

    def __init__(self, bodies: BodyIndex, on: date, answers: Mapping[str, int]) -> None:
        self.bodies, self.on = bodies, on
        self.answers = answers  # what the user said a name means, by its key
        self.by_name: dict[str, set[int]] = {}
        self.by_code: dict[str, set[int]] = {}
        self.by_whole_name: dict[str, set[int]] = {}
        for body in bodies.organisations.values():
            self.by_whole_name.setdefault(plain(body.name), set()).add(body.id)
        for body_id, name in bodies.names:
            self.by_name.setdefault(body_key(name), set()).add(body_id)
        for body_id, code in bodies.codes:
            self.by_code.setdefault(code.upper(), set()).add(body_id)
        self.post_types = {row.code: row for row in bodies.post_types}
        self.by_post = {
            plain(words): row
            for row in bodies.post_types
            for words in (row.code, row.name, row.addressed_as)
        } | {
            phrase: self.post_types[code]
            for code, phrases in _POST_WORDS.items()
            if code in self.post_types
            for phrase in phrases.split("|")
        }

    def post_type(self, text: str) -> PostType:
        words = plain(text) or DEFAULT_POST
        if words in self.by_post:
            return self.by_post[words]
        near = process.extract(words, list(self.by_post), scorer=fuzz.WRatio, limit=3)
        names = dict.fromkeys(self.by_post[key].name for key, score, _ in near if score >= 75)
        raise NotFound(
            f"Liaise knows no post called “{text}”."
            + (f" Did you mean {_either(names)}?" if names else " Write it as Liaise names it.")
        )

    def body(self, name: str, code: str, kinds: Kinds) -> Organisation:
        """The body of one of these kinds, if both name and code allow just one."""
        if not name and not code:
            raise NotFound("There is no board in this row.")
        answer = self.answers.get(body_key(name or code))
        if answer in self.bodies.organisations:
            return self._alive(answer, kinds)
        by_code = self._with_code(code, kinds)
        by_name = self._called(name, kinds)
        both = by_code & by_name if by_code and by_name else by_code or by_name
        if by_code and by_name and not both:
            raise NotFound(
                f"The code {code} is {self._names(by_code)}, but the row says “{name}”. Correct"
                " one of the two."
            )
        if name and code and not by_code and by_name:
            raise NotFound(
                f"Liaise knows no board with the code {code}. Correct it or leave it out."
            )
        if not both:
            raise self._unknown(name or code, kinds)
        if len(both) == 1:
            return self._alive(next(iter(both)), kinds)
        today = {i for i in both if self.bodies.organisations[i].exists_on(self.on)}
        if len(today) == 1:
            return self._alive(today.pop(), kinds)
        raise NotFound(
            f"“{name or code}” could be {self._names(both)}. Write its code.",
            [self.bodies.organisations[body_id] for body_id in sorted(today)],
        )

    def as_at(self, day: date) -> "Finder":
        """The same names and codes, asked on another day."""
        other = copy(self)
        other.on = day
        return other

    def any_body(self, name: str, code: str) -> Organisation:
        """A body of whatever kind; a name that several kinds share is the board's."""
        answer = self.answers.get(body_key(name or code))
        if answer in self.bodies.organisations:
            return self._alive(answer, EVERY_KIND)
        if whole := self.by_whole_name.get(plain(name), set()):
            its_kind = {self.bodies.organisations[body_id].kind.value for body_id in whole}
            if len(its_kind) == 1 and its_kind <= EVERY_KIND:
                return self.body(name, code, its_kind)
        for kinds in (BOARDS, EVERY_KIND - BOARDS):
            if self._called(name, kinds) or self._with_code(code, kinds):
                return self.body(name, code, kinds)
        raise self._unknown(name or code, EVERY_KIND)

    def current(self, kinds: Kinds) -> list[Organisation]:
        """The bodies of the day of these kinds, for the user to choose from."""
        return sorted(
            (
                body
                for body in self.bodies.organisations.values()
                if body.kind.value in kinds and body.exists_on(self.on)
            ),
            key=lambda body: (folded(body.short_name), body.id),
        )

    def _of_kind(self, ids: Iterable[int], kinds: Kinds) -> set[int]:
        return {i for i in ids if self.bodies.organisations[i].kind.value in kinds}

    def _with_code(self, code: str, kinds: Kinds) -> set[int]:
        return self._of_kind(self.by_code.get(code.strip().upper(), set()), kinds)

    def _called(self, name: str, kinds: Kinds) -> set[int]:
        if not name:
            return set()
        # Written out in full it is meant, whatever else is called something like it.
        found = self._of_kind(self.by_whole_name.get(plain(name), set()), kinds)
        found = found or self._of_kind(self.by_name.get(body_key(name), set()), kinds)
        return found or self._with_code(name, kinds) or self._with_code_in(name, kinds)

    def _with_code_in(self, name: str, kinds: Kinds) -> set[int]:
        """“NHS Devon ICB (QJK)” and “QJK Devon” carry their code with them."""
        codes = re.findall(r"\b[A-Z0-9]{3,9}\b", name)
        known = [code for code in codes if self._with_code(code, kinds)]
        rest = re.sub(r"[()\[\]\-–:,]", " ", name)
        for code in known:
            rest = rest.replace(code, " ")
        named = self._of_kind(self.by_name.get(body_key(rest), set()), kinds)
        return named & self._with_code(known[0], kinds) if len(known) == 1 else set()

    def _alive(self, body_id: int, kinds: Kinds) -> Organisation:
        body = self.bodies.organisations[body_id]
        if body.exists_on(self.on):
            return body
        if body.dissolved_on is None or body.dissolved_on > self.on:
            raise NotFound(f"{body.name} does not exist yet.")
        heirs = [
            heir for heir in self.bodies.successors.get(body_id, []) if heir.kind.value in kinds
        ]
        ended = f"{body.dissolved_on.day} {body.dissolved_on:%B %Y}"
        proposal = (
            f" Its area went to {_and(heir.name for heir in heirs)}: say which is meant."
            if heirs
            else ""
        )
        raise NotFound(f"{body.name} ceased to exist on {ended}.{proposal}", heirs)

    def _unknown(self, text: str, kinds: Kinds) -> NotFound:
        known = {
            key: body_id
            for key, ids in self.by_name.items()
            for body_id in self._of_kind(ids, kinds)
            if self.bodies.organisations[body_id].exists_on(self.on)
        }
        near = process.extract(body_key(text), list(known), scorer=fuzz.WRatio, limit=5)
        ids = dict.fromkeys(known[key] for key, score, _ in near if score >= 80)
        choices = [self.bodies.organisations[body_id] for body_id in list(ids)[:3]]
        names = [body.name for body in choices]
        return NotFound(
            f"Liaise knows no board called “{text}”."
            + (f" Did you mean {_either(names)}?" if names else ""),
            choices,
        )

    def _names(self, ids: Iterable[int]) -> str:
        return _either(self.bodies.organisations[body_id].name for body_id in sorted(ids))


def _either(names: Iterable[str]) -> str:
    return _joined(list(names), "or")


def _and(names: Iterable[str]) -> str:
    return _joined(list(names), "and")


def _joined(names: list[str], word: str) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"
