"""Where a reader’s details came from, in words that a letter may print.

A letter has to say it, and it can name a public page. Whatever else a record says (“leads.xlsx, row
29”, “website”, “phoned”) is a note to ourselves: such details are on a list of ours, so the letter
says that instead.
"""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from app.core.text.placeholders import first_gap

OUR_LIST = "a list kept by our group"

_ADDRESS = re.compile(
    r"(?:(?:https?://|www\.)[^\s<>\"“”]*"
    r"|(?<![\w@.-])(?:[\w-]+\.)+(?:uk|org|com)(?![\w@-]|\.\w)(?:/[^\s<>\"“”]*)?)",
    re.IGNORECASE,
)
_NOT_AT_THE_END = ".,;:!?)]}’'"
# A spreadsheet or folder that somebody shared is a list of ours as well, and its link opens it.
SHARED_DRIVES = (
    *("sharepoint.com", "onedrive.live.com", "1drv.ms", "docs.google.com", "drive.google.com"),
    *("dropbox.com", "box.com", "icloud.com", "airtable.com", "notion.so", "teams.microsoft.com"),
)
_NO_SITES = (
    *(".local", ".internal", ".lan", ".localhost"),
    *(".xlsx", ".xls", ".csv", ".ods", ".docx", ".doc", ".pdf", ".txt"),
)


# What names a file of ours: an ending, or a path on somebody’s computer.
_FILE = re.compile(r"\w\.(?:xls[xm]?|csv|ods|docx?|pdf|txt|numbers|zip)\b|\\", re.IGNORECASE)
_SAY = (
    "Give the address of a page that everybody can open, or say it in words, such as “the boards’ "
    "public websites”."
)


def public_page(source: str) -> str:
    """The address of the public page that a source names; empty if it names none."""
    return next(
        (
            address
            for found in _ADDRESS.finditer(source)
            if _is_public(address := found[0].rstrip(_NOT_AT_THE_END))
        ),
        "",
    )


def source_in_words(source: str) -> str:
    return public_page(source) or OUR_LIST


def why_unfit(source: str) -> str:
    """Why this cannot be said once for many people; empty if it can.

    A public page is printed. Words are kept for whoever asks, and have to mean something to them.
    """
    if public_page(source):
        return ""
    if gap := first_gap(source):
        return f"“{gap}” is still to be filled in. {_SAY}"
    if _FILE.search(source):
        return f"“{_cut(source)}” names a file of ours, which nobody else can open. {_SAY}"
    if found := _ADDRESS.search(source):
        return f"“{_cut(found[0])}” is not a page that everybody can open. {_SAY}"
    if not any(character.isalpha() for character in source):
        return f"“{_cut(source)}” does not say where the details come from. {_SAY}"
    return ""


def _cut(words: str) -> str:
    return words if len(words) <= 80 else f"{words[:80]}…"


def _is_public(address: str) -> bool:
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
        host = (parts.hostname or "").casefold()
    except ValueError:
        return False
    if "." not in host.strip(".") or "@" in parts.netloc or _is_number(host):
        return False
    return not host.endswith(_NO_SITES) and not any(
        host == drive or host.endswith(f".{drive}") for drive in SHARED_DRIVES
    )


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
