"""How a letter greets its reader and takes its leave, from what the record says and no more.

Neither gender nor title is ever guessed from a name.
"""

from dataclasses import dataclass

BY_SURNAME = {
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
    "lord": "Lord",
    "baron": "Lord",
    "lady": "Lady",
    "baroness": "Lady",
}
BY_FORENAME = {"dame": "Dame", "sir": "Sir"}


@dataclass(frozen=True)
class Name:
    """The parts of a name, as a record keeps them."""

    title: str = ""
    given: str = ""
    family: str = ""
    known_as: str = ""
    override: str = ""  # how this person wants to be greeted, without "Dear"

    @property
    def first(self) -> str:
        return self.known_as or self.given


def greeting_words(name: Name) -> str:
    """What follows "Dear". Where the title does not settle it, the name without the title."""
    if name.override.strip():
        return _without_dear(name.override)
    title = _plain(name.title)
    if title in BY_FORENAME and name.first:
        return f"{BY_FORENAME[title]} {name.first}"
    if title in BY_SURNAME and name.family:
        return f"{BY_SURNAME[title]} {name.family}"
    return " ".join(part for part in (name.first, name.family) if part)


def salutation(name: Name) -> str:
    words = greeting_words(name)
    return f"Dear {words}" if words else ""


def close_for(greeting: str) -> str:
    """ "Yours sincerely" to somebody named or known by the post; "faithfully" to nobody named."""
    nobody = greeting.casefold() in {"dear sir or madam", "dear sir", "dear madam"}
    return "Yours faithfully" if nobody else "Yours sincerely"


def must_be_asked(name: Name) -> bool:
    """Titles such as “Professor Dame” have no rule: a person says how to greet this reader."""
    title = _plain(name.title)
    return bool(title) and not name.override.strip() and title not in {**BY_SURNAME, **BY_FORENAME}


def names_this_person(greeting: str, name: Name) -> bool:
    """Whether a greeting holds a word of the record's own name."""
    said = set(_words(greeting))
    return any(said & set(_words(part)) for part in (name.given, name.known_as, name.family))


def _words(text: str) -> list[str]:
    return [word.strip(".,;:!’'").casefold() for word in text.replace("-", " ").split()]


def _plain(title: str) -> str:
    return " ".join(title.replace(".", " ").split()).casefold()


def _without_dear(words: str) -> str:
    said = " ".join(words.split()).rstrip(",")
    return said[5:] if said[:5].casefold() == "dear " else said
