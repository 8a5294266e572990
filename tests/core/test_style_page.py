"""All pages are made of the parts on the style page: no class without a style, none without use."""

import re
from collections.abc import Callable
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.web import assets
from tests.factories import make_user

ROOT = Path(__file__).resolve().parents[2]
CSS = assets.OURS / "css"
# What every page may be made of; the other sheets belong to the pages of one subject.
SHARED = ("parts", "forms", "lists")
CLASS = re.compile(r"\.(-?[_a-zA-Z][\w-]*)")
# The usual look of a pill; and which only scripts and tests look for.
UNSTYLED = frozenset({"none", "accent", "doubt", "notes", "is"})
# How parts stand beside each other on one page, or what is seen only while something is fetched.
NOT_SHOWN = frozenset(
    {"both", "due", "doubts", "feet", "follow-ups", "group", "letter-frame", "n", "new-name"}
    | {"next-steps", "offers", "one-of-them", "over", "posts", "side-by-side", "skipped", "times"}
    | {"two-sides", "wide-words", "with-aside", "within", "htmx-indicator", "htmx-request"}
)


def styled(css: str) -> set[str]:
    """The classes that a style sheet names in its selectors."""
    plain = re.sub(r"/\*.*?\*/|\"[^\"]*\"|'[^']*'", "", css, flags=re.DOTALL)
    selectors = re.findall(r"([^{}]+)\{", plain)
    return {name for one in selectors for name in CLASS.findall(one)}


def sheet(name: str) -> str:
    return (CSS / f"{name}.css").read_text("utf-8")


def ours() -> set[str]:
    return {name for path in CSS.glob("*.css") for name in styled(path.read_text("utf-8"))}


def worn(template: str) -> set[str]:
    """The classes written in a template; what is put together from parts is left out."""
    found: set[str] = set()
    for value in re.findall(r'class="((?:\{\{.*?\}\}|\{%.*?%\}|[^"])*)"', template):
        whole = re.sub(r"\{%.*?%\}", " ", re.sub(r"\{\{.*?\}\}", "{", value))
        found |= {word for word in whole.split() if re.fullmatch(r"-?[_a-zA-Z][\w-]*", word)}
    return found


def test_a_class_in_a_template_has_a_style() -> None:
    known = ours() | styled(assets.assets()["vendor/bootstrap.min.css"].body.decode())
    unknown = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / "templates").rglob("*.html")
        if path.name != "mail.html"
        for name in worn(path.read_text("utf-8")) - known - UNSTYLED
    }
    assert not unknown


def test_a_style_is_used_somewhere() -> None:
    sources = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "app").rglob("*.py")]
    sources += assets.OURS.rglob("*.js")
    said = {word for path in sources for word in re.findall(r"[\w-]+", path.read_text("utf-8"))}
    # What is put together: "btn-" ~ kind, "fill-" ~ step.
    made = re.compile(
        r"(fill|ink|step)-\d|btn-(brand|quiet|stop)|on-[\w-]+|not-applicable|met-on-time|htmx-\w+"
    )
    assert {name for name in ours() - said if not made.fullmatch(name)} == set()


def test_the_style_page_shows_every_shared_part_in_both_themes(
    session: Session, sign_in: Callable[[User], FlaskClient]
) -> None:
    page = sign_in(make_user(session)).get("/style").text
    shared = {name for one in SHARED for name in styled(sheet(one))}
    for theme in ("light", "dark"):
        halves = page.split(f'data-theme="{theme}">')[1:]
        worn_here = {name for half in halves for name in worn(half.partition("data-theme=")[0])}
        missing = shared - worn_here - NOT_SHOWN
        assert not missing, f"{theme}: {sorted(missing)}"
