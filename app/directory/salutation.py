"""How a letter opens and closes: derived from the name as it was given, never guessed."""

import re
from dataclasses import dataclass
from typing import Protocol

from app.directory.name_matching import Named

SINCERELY = "Yours sincerely"
FAITHFULLY = "Yours faithfully"
NOBODY = "Dear Sir or Madam"

WITH_FIRST_NAME = {"dame": "Dame", "sir": "Sir"}
WITH_FAMILY_NAME = {
    "mr": "Mr",
    "mrs": "Mrs",
    "ms": "Ms",
    "miss": "Miss",
    "mx": "Mx",
    "dr": "Dr",
    "doctor": "Dr",
    "prof": "Professor",
    "professor": "Professor",
    "cllr": "Councillor",
    "councillor": "Councillor",
    "baroness": "Lady",
    "lady": "Lady",
    "lord": "Lord",
    "baron": "Lord",
}
KNOWN = WITH_FIRST_NAME | WITH_FAMILY_NAME


class Addressed(Named, Protocol):
    """A person's name with what a letter opens by; post-nominals are no part of a salutation."""

    @property
    def title(self) -> str: ...
    @property
    def salutation_override(self) -> str: ...


@dataclass(frozen=True)
class Salutation:
    """The opening and the close; with a problem, both are empty and a person has to decide."""

    opening: str = ""
    close: str = ""
    problem: str = ""


def salutation_of(person: Addressed) -> Salutation:
    """Dear Dame Mary, Dear Dr Sample, Dear Jane Smith; or what stands in the way."""
    if override := _override(person):
        return _opening(override)
    first = _tidy(person.known_as) or _tidy(person.given_name)
    family = _tidy(person.family_name)
    if not (first or family):
        return _ask("No name is recorded")
    titles = [word.strip(".").lower() for word in _tidy(person.title).split()]
    titles = [word for word in titles if word and word != "the"]
    known = [word for word in titles if word in KNOWN]
    if known and len(titles) > 1:
        return _ask(f"“{_tidy(person.title)}” can be addressed in more than one way")
    return _titled(known[0], first, family) if known else _untitled(first, family)


def salutation_to_post(opening: str) -> Salutation:
    """For a letter to a post whose holder is unknown: "Dear Executive Lead", "Dear colleague"."""
    words = _tidy(opening) or NOBODY
    return Salutation(words, close_of(words))


def close_of(opening: str) -> str:
    """Faithfully to nobody in particular, sincerely to everybody else."""
    nobody = {"dear sir or madam", "dear sir", "dear madam", "dear sirs", "dear sir/madam"}
    return FAITHFULLY if opening.strip().rstrip(",").lower() in nobody else SINCERELY


def _titled(title: str, first: str, family: str) -> Salutation:
    if title not in WITH_FIRST_NAME:
        return _opening(f"{WITH_FAMILY_NAME[title]} {family or first}")
    if not first:
        return _ask(f"{WITH_FIRST_NAME[title]} goes with a first name, and none is recorded")
    return _opening(f"{WITH_FIRST_NAME[title]} {first}")


def _untitled(first: str, family: str) -> Salutation:
    if not first:
        return _ask("Only a family name is recorded, with no title we know")
    return _opening(f"{first} {family}".strip())


def _opening(words: str) -> Salutation:
    opening = f"Dear {words}"
    return Salutation(opening, close_of(opening))


def _ask(why: str) -> Salutation:
    return Salutation(problem=f"{why}. Write how to address this person under “Dear …”.")


def _override(person: Addressed) -> str:
    """Kept without "Dear"; forgiven when somebody typed it, and the comma, all the same."""
    words = _tidy(person.salutation_override).rstrip(",")
    return re.sub(r"^dear\s+", "", words, flags=re.IGNORECASE)


def _tidy(text: str) -> str:
    return " ".join((text or "").split())
