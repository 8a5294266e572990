"""The order of names as people look for them, the same on both databases.

By code points “Ó Brádaigh” would come after Z, and “de Groot” after all that begins with a
capital; and what PostgreSQL makes of it depends on how the database was made. So names are
compared without accents, capitals and apostrophes.
"""

import unicodedata
from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

_APOSTROPHES = "'’‘ʼ`"  # noqa: RUF001
_ALONE = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "t", "ß": "s", "æ": "a", "œ": "o"}


def _plain(letter: str) -> str:
    first = unicodedata.normalize("NFD", letter.lower())[0]
    return _ALONE.get(first, first)


# Those of Europe's Latin alphabets; all others stay in the order of their code points.
_FOLDED = {
    letter: plain
    for letter in map(chr, (*range(ord("A"), ord("Z") + 1), *range(0xC0, 0x180), 0x218, 0x21A))
    if letter.isalpha() and (plain := _plain(letter)) != letter
}
_FROM, _TO = "".join(_FOLDED), "".join(_FOLDED.values())
_TABLE = str.maketrans(_FROM, _TO, _APOSTROPHES)


def folded(text: Any) -> Any:
    """What comes first of two names comes first of these. SQLite asks it for each row."""
    return text.translate(_TABLE) if isinstance(text, str) else text


class alphabetical(GenericFunction[str]):  # noqa: N801 - it is called like a function of SQL
    """For `order_by` and `sort`: a column of names in the order of people's alphabets."""

    type = String()
    inherit_cache = True


@compiles(alphabetical, "sqlite")
def _on_sqlite(element: alphabetical, compiler: SQLCompiler, **kw: Any) -> str:
    return f"alphabetical({compiler.process(element.clauses, **kw)})"


@compiles(alphabetical, "postgresql")
def _on_postgresql(element: alphabetical, compiler: SQLCompiler, **kw: Any) -> str:
    of = compiler.process(element.clauses, **kw)
    left_out = _APOSTROPHES.replace("'", "''")
    return f"translate({of}, '{_FROM}{left_out}', '{_TO}') COLLATE \"C\""
