"""Which passwords are good enough.

Lists of leaked passwords hold hardly any of fifteen characters or more, so a list is of little
use here. People make long passwords that are easily guessed by stringing together common words,
years, runs of the keyboard and the names around them. All of that is taken out first, and what
is left must still be worth guessing. Nothing else is asked for: no capitals, no digits, no signs.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from app.accounts.authentication.hashing import LONGEST
from app.core.errors import DomainError

SHORTEST = 15  # without a second factor
SHORTEST_OWN = 6
FEWEST_DIFFERENT = 6
SHORTEST_NAME = 3

HELP = (
    "At least 15 characters. Three or four words that have nothing to do with each other, "
    "with us or with you make a good one. Spaces are welcome, and so is a password manager."
)

GUESSED = frozenset(
    word
    for line in (Path(__file__).parent / "common_words.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
    for word in line.split()
)

_LOOKS_LIKE = str.maketrans("0134578@$!€£", "oieastbasiel")
# Neighbours in the alphabet, in counting, and on a keyboard; and how many in a row are no accident.
_ROWS = (
    ("abcdefghijklmnopqrstuvwxyz", 3),
    ("01234567890", 3),
    ("qwertyuiop", 4),
    ("asdfghjkl", 4),
    ("zxcvbnm", 4),
    ("1qaz2wsx3edc4rfv5tgb6yhn7ujm", 4),
)
_RUNS = frozenset(
    row[start : start + size]
    for forwards, size in _ROWS
    for row in (forwards, forwards[::-1])
    for start in range(len(row) - size + 1)
)
_YEAR = re.compile(r"(?:19|20)\d\d")


class WeakPassword(DomainError):
    """This password would be guessed."""


def check(password: str, *, names: Iterable[str] = ()) -> None:
    """Refuse what would be guessed. `names` are those of the user, their address, their charity."""
    if len(password) < SHORTEST:
        raise WeakPassword(f"Use at least {SHORTEST} characters.")
    if len(password.encode("utf-8", "surrogatepass")) > LONGEST:
        raise WeakPassword("That is too long. Use at most 250 characters.")
    letters = "".join(c for c in password.lower() if c.isalnum() or c in "@$!€£")
    if len(set(letters)) < FEWEST_DIFFERENT or _repeats(letters):
        raise WeakPassword("That repeats itself too much. Use words that differ from each other.")
    own_names = {word for name in names for word in _words(name)}
    if len(_left_over(letters, GUESSED | own_names)) < SHORTEST_OWN:
        raise WeakPassword(
            "That is easily guessed: it is made of common words, names, years or runs of the "
            "keyboard. Add words that have nothing to do with you or with us."
        )


def _repeats(letters: str) -> bool:
    """Whether one short piece makes up the whole, as in abcabcabcabcabc."""
    return any(
        letters == (letters[:size] * len(letters))[: len(letters)]
        for size in range(1, len(letters) // 2 + 1)
    )


def _words(name: str) -> set[str]:
    return {w for w in re.split(r"[\W_]+", name.lower()) if len(w) >= SHORTEST_NAME}


def _left_over(letters: str, known: Iterable[str]) -> str:
    """What remains once the guessable pieces are cut out, the longest first."""
    left = _cut_runs(_YEAR.sub(" ", letters))
    words = sorted(known, key=len, reverse=True)
    for spelling in (left, left.translate(_LOOKS_LIKE)):
        cut = spelling
        for word in words:
            cut = cut.replace(word, " ")
        left = min(left, _cut_runs(cut), key=lambda text: len(text.replace(" ", "")))
    return "".join(sorted(set(left) - {" "}))


def _cut_runs(letters: str) -> str:
    """Cut neighbours of the alphabet or a keyboard, and the same thing three times over."""
    cut: set[int] = set()
    for start in range(len(letters)):
        for size in (3, 4):
            run = letters[start : start + size]
            if run in _RUNS or (len(run) == 3 and len(set(run)) == 1):
                cut.update(range(start, start + size))
    return "".join(" " if place in cut else c for place, c in enumerate(letters))
