"""Two people change the same notes: nothing that either typed is gone."""

import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.text.three_way_merge import TextClash, differences, merge_texts, shortened

# Few different lines, so that the same ones come again and again, in other places.
TEXTS = st.lists(st.sampled_from(["", "a", "b", "c", "d", "## e"]), max_size=12).map("\n".join)
ANY_TEXT = st.text(alphabet="ab \n\r", max_size=60)


def lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if text else []


@given(base=TEXTS | ANY_TEXT, mine=TEXTS | ANY_TEXT, theirs=TEXTS | ANY_TEXT)
def test_every_line_that_either_typed_is_in_the_text_or_in_a_clash(
    base: str, mine: str, theirs: str
) -> None:
    merge = merge_texts(base, mine, theirs)
    for typed, side in ((mine, "mine"), (theirs, "theirs")):
        shown = Counter[str]()
        for part in merge.parts:
            shown.update(getattr(part, side) if isinstance(part, TextClash) else part)
        added = Counter(lines(typed)) - Counter(lines(base))
        assert added <= shown
        assert added <= Counter(merge.text.split("\n"))


@given(base=TEXTS, mine=TEXTS)
def test_what_only_one_changed_is_theirs_to_say(base: str, mine: str) -> None:
    for merge in (merge_texts(base, mine, base), merge_texts(base, base, mine)):
        assert merge.text == mine
        assert merge.clashes == []


@given(base=TEXTS, mine=TEXTS)
def test_the_same_change_made_twice_is_made_once(base: str, mine: str) -> None:
    assert merge_texts(base, mine, mine).text == mine


@given(base=TEXTS, mine=TEXTS, theirs=TEXTS)
def test_it_does_not_matter_who_saved_first_whether_words_clash(
    base: str, mine: str, theirs: str
) -> None:
    one, other = merge_texts(base, mine, theirs), merge_texts(base, theirs, mine)
    assert [(c.mine, c.theirs) for c in one.clashes] == [(c.theirs, c.mine) for c in other.clashes]


def test_changes_in_different_places_go_together() -> None:
    merge = merge_texts("one\ntwo\nthree", "One\ntwo\nthree", "one\ntwo\nthree\nfour")

    assert merge.text == "One\ntwo\nthree\nfour"
    assert merge.clashes == []


def test_both_went_on_at_the_end_and_both_are_there() -> None:
    merge = merge_texts("Agenda", "Agenda\nAsthma.", "Agenda\nPlan refresh.")

    assert merge.text == "Agenda\nPlan refresh.\nAsthma."
    assert merge.clashes == []


def test_one_went_on_in_the_last_line_and_the_other_below_it() -> None:
    merge = merge_texts("We talked", "We talked\nAsthma.", "We talked for long.")

    assert merge.text == "We talked for long.\nAsthma."
    assert merge.clashes == []


def test_both_changed_one_line_and_both_are_shown() -> None:
    merge = merge_texts("a\nsend it\nz", "a\nsend it in May\nz", "a\nsend it now\nz")

    assert merge.parts == (
        ("a",),
        TextClash(("send it",), ("send it in May",), ("send it now",)),
        ("z",),
    )
    assert merge.text == "a\nsend it now\nsend it in May\nz"


def test_what_one_took_out_and_the_other_changed_is_asked_about() -> None:
    assert merge_texts("a\nb\nc", "a\nc", "a\nB\nc").clashes == [TextClash(("b",), (), ("B",))]


def test_the_ends_of_lines_do_not_count() -> None:
    assert merge_texts("a\r\nb", "a\nb", "a\r\nb\r\nc").text == "a\nb\nc"


@pytest.mark.parametrize("line", ["", "the same words again"])
def test_long_notes_of_like_lines_do_not_take_long(line: str) -> None:
    base = "\n".join([line] * 20_000)
    began = time.process_time()
    merge = merge_texts(base, f"mine\n{base}x", f"theirs\n{base}y\n{line}")

    assert time.process_time() - began < 10
    assert {"mine", "theirs"} <= set(merge.text.split("\n"))


def test_the_words_that_differ_are_marked() -> None:
    assert differences("send it in May", "send it now") == [("send it ", False), ("in May", True)]


@given(one=ANY_TEXT, other=ANY_TEXT)
def test_marking_loses_no_word(one: str, other: str) -> None:
    assert "".join(piece for piece, _ in differences(one, other)) == one


def test_of_a_long_text_only_what_differs_is_shown_and_how_much_is_alike() -> None:
    lines = [f"line {one}\n" for one in range(20)]
    pieces = differences("".join([*lines, "mine"]), "".join([*lines, "theirs"]))

    assert shortened(pieces) == [
        ("18 lines alike", None),
        ("\nline 18\nline 19\n", False),
        ("mine", True),
    ]


def test_a_text_that_is_short_is_shown_whole() -> None:
    pieces = differences("one\ntwo\nthree\nmine", "one\ntwo\nthree\ntheirs")

    assert shortened(pieces) == pieces
