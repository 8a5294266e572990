"""Cells that a spreadsheet would run, marked as words; and unmarked when our file is read back."""

import re

# What nobody sees: blanks, marks that turn the direction of writing, joiners, fillers, selectors
# (Unicode's "default ignorable" characters).
_UNSEEN = (
    r"\s\x80-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc"
    r"\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# A cell beginning with one of these may be run by Excel, LibreOffice or Google Sheets: some of
# them skip what is not seen and fold the wide forms. A cell that already has apostrophes before
# such a beginning gets one more, so that reading our own file back takes off exactly one.
_STARTS_A_FORMULA = re.compile(rf"'*[{_UNSEEN}]*[\t\r\n=+\-@＝＋－＠]")  # noqa: RUF001
_CONTROL = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127))


def as_words(text: str) -> str:
    """The text with an apostrophe before anything that could start a formula."""
    kept = text.translate(_CONTROL)
    return f"'{kept}" if _STARTS_A_FORMULA.match(kept) else kept


def original_cell(text: str) -> str:
    """What `as_words` was given, when one of our own files is read back."""
    return text[1:] if text.startswith("'") and _STARTS_A_FORMULA.match(text) else text
