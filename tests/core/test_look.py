"""The colours can be read in both themes, and no template brings its own style or script."""

import re
from pathlib import Path

import pytest

from app.core.web import assets
from app.core.web.icons import drawings

ROOT = Path(__file__).resolve().parents[2]
TOKENS = (assets.OURS / "css" / "tokens.css").read_text("utf-8")
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
COLOURS = {
    name: (light, dark)
    for name, light, dark in re.findall(
        r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", TOKENS
    )
}

GROUNDS = ("paper", "card", "sunk")
READ = [(ink, ground) for ink in ("ink", "ink-2", "ink-3", "brand") for ground in GROUNDS]
READ += [(ink, f"{kind}-tint") for kind in ("good", "warn", "bad") for ink in (kind, "ink")]
READ += [(kind, ground) for kind in ("good", "warn", "bad") for ground in ("card", "paper")]
READ += [("ink", "accent-tint"), ("ink", "brand-tint"), ("brand-strong", "brand-tint")]
READ += [("brand-strong", "card"), ("brand-strong", "paper")]
READ += [("on-brand", "brand"), ("on-brand", "brand-strong"), ("on-bad", "bad")]
READ += [("on-accent", "accent"), ("side-ink", "side"), ("side-here-ink", "side-here")]
READ += [("side-ink", "side-hover")]
READ += [(f"on-step-{step}", f"step-{step}") for step in range(6)]

SEEN = [("line-strong", ground) for ground in GROUNDS]
SEEN += [("focus", ground) for ground in GROUNDS] + [("side-focus", "side")]
SEEN += [("brand", "card"), ("accent", "card"), ("accent", "paper"), ("step-5", "step-2")]


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def too_close(pairs: list[tuple[str, str]], least: float) -> list[tuple[str, str, int]]:
    """Every pair, and in which theme, that does not stand out enough."""
    return [
        (one, ground, theme)
        for one, ground in pairs
        for theme in (0, 1)
        if contrast(COLOURS[one][theme], COLOURS[ground][theme]) < least
    ]


def test_words_can_be_read() -> None:
    found = too_close(READ, 4.5)
    assert not found, found


def test_edges_and_focus_can_be_seen() -> None:
    found = too_close(SEEN, 3)
    assert not found, found


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_the_ladder_climbs_in_one_direction(theme: int) -> None:
    steps = [luminance(COLOURS[f"step-{step}"][theme]) for step in range(6)]

    assert steps == sorted(steps, reverse=theme == 0)


def test_every_colour_that_is_used_is_defined() -> None:
    styles = assets.assets()["app.css"].body.decode()
    defined = set(re.findall(r"(--[\w-]+):", styles))
    used = set(re.findall(r"var\((--[\w-]+)", styles))

    assert {name for name in used if not name.startswith("--bs-")} <= defined


def test_every_style_sheet_has_one_declaration_a_line() -> None:
    crowded: list[str] = []
    for sheet in sorted((assets.OURS / "css").glob("*.css")):
        plain = re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.DOTALL)
        plain = re.sub(r"\"[^\"]*\"|'[^']*'", "", plain)
        crowded += [
            f"{sheet.name}: {line.strip()}"
            for line in plain.splitlines()
            if not re.fullmatch(r"[^{};]*[{;]?|\s*\}", line.rstrip())
        ]

    assert not crowded, "\n".join(crowded)


def test_no_template_brings_its_own_style_or_script(subtests: pytest.Subtests) -> None:
    for template in TEMPLATES:
        if "mail" in template.parts or template.name == "mail.html":
            continue  # a mail is its own document, shown by a mail program or in a frame of its own
        source = template.read_text("utf-8")

        with subtests.test(str(template.relative_to(ROOT))):
            assert not re.search(r"<[^>]*\sstyle=", source)
            assert not re.search(r"<[^>]*\son\w+=", source)
            assert "<style" not in source
            assert "javascript:" not in source
            assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", source))
            assert "|safe" not in source.replace(" ", "")


def test_every_icon_that_is_used_exists() -> None:
    used = {
        name
        for path in [*TEMPLATES, ROOT / "app" / "__init__.py"]
        for name in re.findall(r'(?:\bicon\(|icon_name=)"([a-z0-9-]+)"', path.read_text("utf-8"))
    }

    used.discard("name")  # in the comment that explains icon()
    assert used <= set(drawings())
