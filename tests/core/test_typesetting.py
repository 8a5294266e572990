"""What can be printed: exactly the characters that become no box have a shape in our fonts."""

import sys
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.core.typesetting import BOX, Typesetter, printable, without_shape

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def setter(tmp_path: Path) -> Typesetter:
    page = tmp_path / "page.typ"
    page.write_text(
        '#set document(title: "Page")\n#set text(font: "Source Sans Pro", lang: "en")\n'
        "#json(bytes(sys.inputs.data)).text",
        encoding="utf-8",
    )
    return Typesetter(page)


def test_every_character_that_is_not_called_a_box_can_be_drawn(setter: Typesetter) -> None:
    everything = [chr(number) for number in range(0x20, sys.maxunicode)]
    drawn = [
        f"a{one}" if unicodedata.category(one)[0] == "M" else one
        for one in everything
        if unicodedata.category(one)[0] != "C" and not without_shape(one)
    ]

    assert len(drawn) > 2_500
    assert setter.pdf({"text": " ".join(drawn)}, at=NOON).startswith(b"%PDF")


@pytest.mark.parametrize("text", ["Siân Ó Brádaigh-Łuczak, Ŵ and Ŷ", "™ № ⅓ ✓ £ € – “x” …", "Ж Ω"])
def test_names_of_these_islands_and_common_signs_stay_as_they_are(text: str) -> None:
    assert without_shape(text) == []
    assert printable(text) == text


def test_other_alphabets_are_named_each_character_once() -> None:
    assert without_shape("学 and 学\nعلي") == ["学", "ع", "ل", "ي"]
    assert printable("学") == BOX
