"""What the documents say exists does exist, and what exists is in them."""

import re
from pathlib import Path

import pytest

from app.accounts.models import Permission
from app.cli import cli
from app.letters.delivery.smtp_outcome import MEANING
from app.letters.models import LetterState

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
GUIDE = (DOCS / "user-guide.md").read_text(encoding="utf-8")
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(#[^)\s]+)?\)")


def anchors_of(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {"#" + re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), target
        assert not anchor or anchor in anchors_of(path), anchor


def test_every_picture_is_shown_and_small() -> None:
    for picture in (DOCS / "pictures").iterdir():
        assert f"pictures/{picture.name}" in GUIDE
        assert picture.stat().st_size <= 150_000


def test_the_layout_names_every_package_and_module() -> None:
    layout = (DOCS / "architecture.md").read_text(encoding="utf-8")
    for path in (ROOT / "app").iterdir():
        if path.suffix == ".py" or (path / "__init__.py").exists():
            name = path.name if path.is_file() else f"{path.name}/"
            assert f"\n  {name} " in layout, f"{name} is not in docs/architecture.md"


def test_the_readme_names_every_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in cli.commands:
        assert f"`./run {name}" in readme


def test_the_guide_explains_every_permission_and_every_state_a_letter_can_end_in() -> None:
    for permission in Permission:
        assert f"| {permission.value.capitalize()} |" in GUIDE
    for state in set(MEANING) - {LetterState.DRAFT, LetterState.READY}:
        assert state.value in GUIDE.lower()


def test_every_decision_has_its_number_and_its_three_parts() -> None:
    for number, path in enumerate(sorted((DOCS / "decisions").glob("*.md")), start=1):
        text = path.read_text(encoding="utf-8")
        assert path.name.startswith(f"{number:04}-")
        assert text.startswith(f"# {number}. ")
        for part in ("Context", "Choice", "Consequence"):
            assert f"**{part}.**" in text
