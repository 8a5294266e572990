"""A cell as the spreadsheet shows it: its number or date, written in its number format."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

# What the built-in formats look like in the United Kingdom; the file holds only their numbers.
BUILT_IN = {
    14: "dd/mm/yyyy",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    22: "dd/mm/yyyy hh:mm",
}
_TOKEN = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.|AM/PM|A/P|y+|m+|d+|h+|s+|.', re.I | re.S)
_PADDED = re.compile(r"0[0 \-]*0")
Value = str | int | float | bool | date | datetime | time | timedelta


def matters(code: str) -> bool:
    """Whether this format shows more than the bare number would."""
    return is_padded(code) or any(token[0] in "ymdhs" for token in _tokens(code))


def is_padded(code: str) -> bool:
    """Like 00000000000, which gives a telephone number its first zero back."""
    return _PADDED.fullmatch(code.replace("\\", "").partition(";")[0]) is not None


def shown(value: Value, code: str) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, code)
    if isinstance(value, datetime):
        return _date(value, code or ("dd/mm/yyyy hh:mm" if value.time() != time() else ""))
    if isinstance(value, date):
        return _date(datetime.combine(value, time()), code)
    return str(value)


def _number(value: float, code: str) -> str:
    if is_padded(code) and value >= 0 and value == int(value):
        pattern = code.replace("\\", "").partition(";")[0]
        digits = list(f"{int(value):0{pattern.count('0')}d}")
        tail = [digits.pop() if mark == "0" else mark for mark in reversed(pattern)]
        return "".join(digits) + "".join(reversed(tail))
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.15g}"


def _tokens(code: str) -> list[str]:
    """The parts of the first section of a format, quoted words kept and colours left out."""
    parts: list[str] = []
    for token in _TOKEN.findall(code):
        if token == ";":
            break
        if token[0] not in "[_*":
            parts.append(token.lower() if token[0].lower() in "ymdhsa" else token)
    return parts


def _date(value: datetime, code: str) -> str:
    tokens = _tokens(code or "dd/mm/yyyy")
    written: list[str] = []
    before = ""
    for token in tokens:
        if token[0] == "m" and len(token) < 3 and before == "h":
            written.append(f"{value.minute:02d}")
        else:
            written.append(_part(value, token))
        before = token[0] if token[0] in "ymdhs" else before
    return "".join(written).strip()


_PARTS: dict[str, Callable[[datetime], str]] = {
    "d": lambda value: str(value.day),
    "dd": lambda value: f"{value:%d}",
    "ddd": lambda value: f"{value:%a}",
    "dddd": lambda value: f"{value:%A}",
    "m": lambda value: str(value.month),
    "mm": lambda value: f"{value:%m}",
    "mmm": lambda value: f"{value:%b}",
    "mmmm": lambda value: f"{value:%B}",
    "y": lambda value: f"{value:%y}",
    "yy": lambda value: f"{value:%y}",
    "yyy": lambda value: str(value.year),
    "yyyy": lambda value: str(value.year),
    "h": lambda value: str(value.hour),
    "hh": lambda value: f"{value:%H}",
    "s": lambda value: str(value.second),
    "ss": lambda value: f"{value:%S}",
    "am/pm": lambda value: f"{value:%p}",
    "a/p": lambda value: f"{value:%p}"[0],
}


def _part(value: datetime, token: str) -> str:
    if token in _PARTS:
        return _PARTS[token](value)
    if token[0] == '"':
        return token[1:-1]
    return token[1:] if token[0] == "\\" else token
