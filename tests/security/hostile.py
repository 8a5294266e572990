"""What nobody would type, for any field: numbers, days, words and lists of records, by chance.

The chance is that of a seed, so that whatever it finds it finds again.
"""

import ast
import random
from collections.abc import Iterable
from pathlib import Path

APP = Path(__file__).parents[2] / "app"

WORDS = (
    "x' OR '1'='1'; DROP TABLE x;--\x00 {{7*7}} %(x)s {0}%00 \u202e\ufeff\u0130\ufffe\U0001f600",
    "x" * 20_000,
    "a@b\r\nBcc: x@evil.test",
)
NUMBERS = (
    *("²", "٣", "-1", "0", "nan", "1e400", "1_0", "+7", " 7 ", "1.5"),
    *("2147483647", "2147483648", "99999999999", "-99999999999"),
    *("9223372036854775808", "-9223372036854775809", "9" * 5_000),
)
DAYS = (
    *("0001-01-01", "9999-12-31", "0000-00-00", "2026-02-30", "99999-01-01", "1900-01-01"),
    *("2100-12-31", "31/12/2100", "2026-11-20T00:00", "²", "24:00", "99:99", "00:00"),
)
KEYS = (
    *("person:²", "person:99999999999", "office:-1", "series-²", "milestone-99999999999"),
    *(
        "series-0",
        "entry-²",
        "1,2,²",
        "new",
        "person:1",
        "user:1",
        "[]",
        "{}",
        "null",
        "../..",
        "%",
    ),
    *("-", "-sort", ":", "/follow-ups?ids=²", "//evil.test", "all", "ticked"),
)
LISTS = (["1", "²", "1", "-5"], ["9" * 5_000, "1"], ["99999999999"] * 3, ["0", ""])
EVERYTHING = (NUMBERS, NUMBERS, DAYS, KEYS, WORDS, ("",))


class Chance:
    def __init__(self, seed: int, *of: object) -> None:
        self._random = random.Random(f"{seed} {of}")

    def value(self) -> list[str]:
        if self._random.random() < 0.15:
            return list(self._random.choice(LISTS))
        return [self._random.choice(self._random.choice(EVERYTHING))]

    def filled(self, served: dict[str, list[str]], names: Iterable[str]) -> dict[str, list[str]]:
        """As served, but for some fields that hold what they never should, twice, or not at all."""
        sent = {}
        for name in sorted({*served, *names}):
            luck = self._random.random()
            if luck < 0.35:
                sent[name] = self.value()
            elif luck > 0.97:
                sent[name] = served.get(name, []) * 2
            elif luck < 0.92 and name in served:
                sent[name] = served[name]
        return sent


def names_asked_for() -> set[str]:
    """Whatever our pages look for in an address or a form by name."""
    return {
        node.args[0].value
        for path in APP.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"get", "getlist"}
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
        and isinstance(node.func.value, ast.Attribute)
        and node.func.value.attr in {"args", "form", "values"}
    }
