"""Pages already found good, remembered by their markup: parsing one strictly takes 11 ms.

Two pages have the same key only if nothing differs that a check of `tests/pages.py` or the parser
could mind. Plain words between tags stand for each other; so do addresses, values and drawings in
attributes that only have to be there and run nothing; so do numbers, as long as equal ones stay
equal and different ones different: every id is as unique, and every label points as well, as
before. All else is kept as it is. A page out of the ordinary has no key and is parsed each time.
"""

import hashlib
import re
from functools import cache
from pathlib import Path

import html5lib

TESTS = Path(__file__).parent

DATA = re.compile(r"(<script\b[^<>]*>)[^<]*(?=</script>)")
# Marked up plainly from end to end: no bracket or quote stands where it could mean another thing.
ATTRIBUTE = r"""\s+[a-zA-Z][\w:-]*(?:=(?:"[^"<>]*"|'(?:(?!=")[^'<>])*'|[\w./-]+))?"""
COMMENT = r"<!--(?:[^-<>]|-(?!-))*-->"
TAG = rf"(?:</?[a-zA-Z][a-zA-Z0-9-]*|<!doctype\b)(?>{ATTRIBUTE})*+\s*+/?>"
PLAIN_PAGE = re.compile(rf"(?>{COMMENT}|{TAG}|[^<]++)++", re.IGNORECASE)
# Only the entities that Jinja writes; no number of a character, and nothing that cannot be seen.
ENTITY = r"&(?:amp|lt|gt|quot|nbsp|#34|#39);"
WORD = r"[^<>&\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\uf8ff\ufdd0-\ufdef\ufff0-\U0010ffff]"
WORDS = re.compile(rf"(?<=>)(?!\s*+<)(?>{WORD}|{ENTITY})++(?=<)")
# In these a tag is only words; what stands inside is not looked at here.
RAW = re.compile(
    r"<(?:style|noscript|xmp|noembed|noframes|plaintext)\b|<iframe\b[^>]*>(?!</iframe>)",
    re.IGNORECASE,
)
UNSEEN = (
    r"href|src|action|formaction|value|datetime|title|placeholder|content|aria-label"
    r"|data-[a-z-]+|d|points|viewbox|transform"
)
VALUES = re.compile(
    rf'(\s(?:{UNSEEN})=")(?![^"]*script)(?>(?!["]){WORD}|{ENTITY})++(?=")', re.IGNORECASE
)
NUMBER = re.compile(r"(?<!</h)(?<!<h)\d+")  # the number of a heading is its rank
TITLE = re.compile(r"<title>([^<]*)</title>")
HEADING = re.compile(r"<h1\b[^>]*>(.*?)</h1>", re.DOTALL)


def key_of(html: str) -> str | None:
    page = DATA.sub(r"\1", html)
    is_plain = "\x00" not in page and not RAW.search(page) and PLAIN_PAGE.fullmatch(page)
    if not is_plain or not _is_headed_well(page):
        return None
    numbers: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        return "\x00" + numbers.setdefault(found[0], str(len(numbers)))

    markup = NUMBER.sub(number, VALUES.sub(r"\1x", WORDS.sub("x", page)))
    return hashlib.blake2b(markup.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()


def _is_headed_well(html: str) -> bool:
    """Whether the title begins with the one heading, which depends on their very words."""
    titles, headings = TITLE.findall(html), HEADING.findall(html)
    if len(titles) != 1 or len(headings) != 1:
        return False
    title = " ".join(titles[0].split()).removeprefix("Error: ")
    return title.startswith(" ".join(re.sub(r"<[^>]*>", "", headings[0]).split()))


@cache
def _file() -> Path:
    """Found good by these checks and this parser; by others, everything is checked anew."""
    checks = b"".join((TESTS / name).read_bytes() for name in ("pages.py", "valid_pages.py"))
    version = hashlib.blake2b(checks + html5lib.__version__.encode(), digest_size=8).hexdigest()
    folder = TESTS.parent / ".pytest_cache" / "liaise"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"valid-pages-{version}"


@cache
def found() -> set[str]:
    """What this process has found, and what others had when it began to look."""
    return set(_file().read_text("ascii").split()) if _file().exists() else set()


def remember(key: str) -> None:
    found().add(key)
    with _file().open("a", encoding="ascii") as file:
        file.write(key + "\n")
