"""What nobody would type, for any field: numbers, days, words and lists of records, by chance.

The chance is that of a seed, so that whatever it finds it finds again.
"""

import ast
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

APP = Path(__file__).parents[2] / "app"

WORDS = (
    "x' OR '1'='1'; DROP TABLE x;--\x00 {{7*7}} %(x)s {0}%00 \u202e\ufeff\u0130\ufffe\U0001f600",
    "x" * 20_000,
    "a@b\r\nBcc: x@evil.test",
)
NUMBERS = (
    *("²", "9" * 5_000, "99999999999", "-99999999999"),
    *("9223372036854775808", "-9223372036854775809", "-1", "٣", "nan", "1e400"),
)
DAYS = ("0001-01-01", "9999-12-31", "2026-02-30", "²", "2026-11-20T00:00", "31/12/9999")
TIMES = ("24:00", "00:00", "23:59", "²")
KEYS = (
    *("person:²", "person:99999999999", "office:-1", "series-²", "milestone-99999999999"),
    *("series-0", "entry-²", "1,2,²", "new", "[]", "{}", "null", "../..", "%", "-", "-sort", ":"),
    *("/follow-ups?ids=²", "//evil.test", "all", "ticked"),
)
LISTS = (["1", "²"], ["9" * 5_000, "1"], ["1", "99999999999", "-99999999999"], ["", ""])


MOST_FIELDS = 3  # of a form, for each seed: every form there is takes its time
IS_LIKELY = re.compile("(id|ids|on|until|days|day|number|reader|version|revision|about)$")


class Chance:
    """One hostile value after the other, so that each comes about as often as the next."""

    def __init__(self, seed: int, *of: object) -> None:
        self._random = random.Random(f"{seed} {of}")

    def values_like(self, served: list[str]) -> list[str]:
        """Of the same sort as what was served, most of the time."""
        first = next(iter(served), "")
        if re.fullmatch(r"[+-]?\d+", first):
            return [self._random.choice(NUMBERS)]
        if re.fullmatch(r"\d{4}-\d\d-\d\d", first):
            return [self._random.choice(DAYS)]
        if re.fullmatch(r"\d\d:\d\d", first):
            return [self._random.choice(TIMES)]
        return self.value()

    def value(self) -> list[str]:
        pools = (NUMBERS, NUMBERS, DAYS, KEYS, KEYS, WORDS)
        of: Sequence[str | list[str]] = self._random.choice((*pools, LISTS))
        found = self._random.choice(of)
        return list(found) if isinstance(found, list) else [found]

    def one_wrong(
        self, served: dict[str, list[str]], names: Iterable[str]
    ) -> Iterator[dict[str, list[str]]]:
        """As served but for one field at a time, those of numbers and days before the others;
        at last with all of them twice, and with none."""
        by_chance = self._random.sample(sorted(names), len(set(names)))
        by_chance.sort(key=lambda name: not IS_LIKELY.search(name))
        for name in by_chance[:MOST_FIELDS]:
            yield {**served, name: self.values_like(served.get(name, []))}
        yield {name: values * 2 for name, values in served.items()}
        yield {}

    def all_wrong(self, names: Iterable[str]) -> dict[str, list[str]]:
        return {name: self.value() for name in sorted(names)}


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
