"""Which colleagues a text mentions. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# An at sign within a word is an email address, and mentions nobody.
AT = re.compile(r"(?<![\w.@/+-])@(?=\w)")


@dataclass(frozen=True)
class Mentions:
    """Whom a text names, in the order it does, and the names that fit several colleagues."""

    user_ids: tuple[int, ...] = ()
    unclear: tuple[str, ...] = ()


def mentions_in(text: str, known_as: Mapping[str, Sequence[int]]) -> Mentions:
    """`known_as` says which users go by each name: "Nina Sample" → (7,).

    The longest name that fits counts, so that Ann Lee is not told of Ann Lee-Jones.
    """
    ids_by_name: dict[str, tuple[str, list[int]]] = {}
    for name, ids in known_as.items():
        if plain(name):
            ids_by_name.setdefault(plain(name), (name, []))[1].extend(ids)
    longest_first = sorted(ids_by_name, key=len, reverse=True)
    found: dict[int, None] = {}
    unclear: dict[str, None] = {}
    for at in AT.finditer(text):
        rest = plain(text[at.end() : at.end() + 300])
        fitting = next((name for name in longest_first if _begins_with(rest, name)), None)
        if fitting is None:
            continue
        name, ids = ids_by_name[fitting]
        if len(ids) == 1:
            found[ids[0]] = None
        else:
            unclear[name] = None
    return Mentions(tuple(found), tuple(unclear))


def plain(words: str) -> str:
    """However it was typed: capitals, spaces and the kind of apostrophe make no difference."""
    return " ".join(words.casefold().replace("’", "'").split())


def _begins_with(rest: str, name: str) -> bool:
    if not rest.startswith(name):
        return False
    after = rest[len(name) :]
    return not re.match(r"\w|['-]\w", after) or after.startswith("'s")


def name_to_type(name: str, member: str, *, is_shared: bool) -> str:
    """What comes after the at sign: where they work tells two colleagues of one name apart."""
    return f"{name} ({member})" if is_shared else name
