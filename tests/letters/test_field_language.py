"""The field language, by itself."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.letters.content import field_language
from tests.letters.payloads import PAYLOADS

WORDS = field_language.Vocabulary.of(
    ["title", "family name", "given name", "board", "job title"], ["lead is unknown"]
)


def line(text: str, **values: str) -> str:
    compiled = field_language.compile_text(text, WORDS)
    assert not compiled.problems, compiled.problems
    known = {
        field_language.key_of(name): field_language.as_value(value)
        for name, value in values.items()
    }
    parts = field_language.choose_parts(compiled, lambda key: bool(known.get(key)))
    return field_language.merge_line(parts, known)


def complaints(text: str) -> list[str]:
    return [str(problem) for problem in field_language.compile_text(text, WORDS).problems]


def test_a_field_is_replaced_by_its_value() -> None:
    assert line("To ((title)) ((family name))", title="Dr", family_name="Sample") == "To Dr Sample"


@pytest.mark.parametrize(
    "spelling",
    [
        "family name",
        "Family Name",
        "FAMILY_NAME",
        "familyname",
        " family  name ",
        "family\u00a0name",
        "family\u202fname",
        "fam\u200bily name",
        "family-name",
    ],
)
def test_a_name_is_recognised_however_it_is_spelt(spelling: str) -> None:
    assert line(f"((({spelling})))", family_name="Łuczak") == "(Łuczak)"


def test_an_unknown_field_is_named_with_the_nearest_that_exists() -> None:
    assert complaints("Dear\n\n((famly nam))") == [
        "Line 3: there is no field called “famly nam”. Did you mean ((family name))?"
    ]
    assert complaints("((zzz))") == ["Line 1: there is no field called “zzz”."]


def test_an_unknown_field_in_a_condition_is_named_too() -> None:
    assert complaints("((if bord))x((end))") == [
        "Line 1: there is no field called “bord”. Did you mean ((board))?"
    ]


def test_an_optional_paragraph_goes_where_the_field_is_blank() -> None:
    text = "a ((if job title))as ((job title)) ((end))b"
    assert line(text, job_title="Director") == "a as Director b"
    assert line(text) == "a b"


def test_optional_paragraphs_nest() -> None:
    text = "((if board))B((if title))T((end))((end))."
    assert line(text, board="x", title="y") == "BT."
    assert line(text, board="x") == "B."
    assert line(text, title="y") == "."


def test_an_if_without_end_and_an_end_without_if_are_named_by_line() -> None:
    assert complaints("a\n((if title))\nb") == [
        "Line 2: this “((if …))” has no “((end))” after it."
    ]
    assert complaints("a\nb((end))") == [
        "Line 2: this “((end))” closes nothing: there is no “((if …))” before it."
    ]


def test_a_field_left_open_is_not_sent_as_it_stands() -> None:
    assert complaints("Dear ((family name)\nx") == [
        "Line 1: “((family name)” is not closed. A field is written ((name))."
    ]


def test_a_condition_cannot_be_printed() -> None:
    assert complaints("((lead is unknown))") == [
        "Line 1: “lead is unknown” prints nothing. Use it as ((if lead is unknown)) … ((end))."
    ]
    assert complaints("((if))") == ["Line 1: “((if))” names no field."]
    assert complaints("(())") == ["Line 1: “(())” names no field."]


def test_nesting_has_a_bottom() -> None:
    assert len(complaints("((if title))" * 12 + "((end))" * 12)) == 2


def test_a_blank_value_is_reported_by_field_and_never_left_as_a_gap() -> None:
    compiled = field_language.compile_text("((title)) ((board)) ((title))", WORDS)
    parts = field_language.choose_parts(compiled, lambda _: True)
    assert field_language.blanks(parts, {"board": "x", "title": ""}) == ["title"]


def test_invisible_characters_and_odd_spaces_in_values_are_made_plain() -> None:
    assert (
        field_language.as_value("\u202fAnn\u00a0\u200bMarie\r\nBcc: x\u202e") == "Ann Marie Bcc: x"
    )


def test_a_value_is_only_words(subtests: pytest.Subtests) -> None:
    for payload in PAYLOADS:
        with subtests.test(payload):
            said = line("<((family name))>", family_name=payload)
            assert said == f"<{' '.join(payload.split())}>"


@given(st.text(max_size=400), st.dictionaries(st.sampled_from(["title", "board"]), st.text()))
@settings(max_examples=300, deadline=None)
def test_no_text_makes_the_language_raise_or_grow(text: str, values: dict[str, str]) -> None:
    compiled = field_language.compile_text(text, WORDS)
    clean = {key: field_language.as_value(value) for key, value in values.items()}
    merged = field_language.merge_line(
        field_language.choose_parts(compiled, lambda key: key in clean), clean
    )
    slots = [
        p
        for p in field_language.choose_parts(compiled, lambda _: True)
        if isinstance(p, field_language.Slot)
    ]
    assert len(merged) <= len(text) + sum(len(clean.get(slot.key, "")) for slot in slots)


tokens = st.sampled_from(
    ["((if board))", "((end))", "((title))", "((", "))", "((if", "((IF title))", "\n", "x", "((x))"]
)


@given(st.lists(tokens, max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_order_of_our_own_tokens_is_taken_apart(pieces: list[str]) -> None:
    compiled = field_language.compile_text("".join(pieces), WORDS)
    field_language.merge_line(field_language.choose_parts(compiled, lambda _: True), {"title": "t"})


def test_a_long_template_of_brackets_is_taken_apart_quickly() -> None:
    began = time.process_time()
    field_language.compile_text("(" * field_language.MAX_TEMPLATE, WORDS)
    field_language.compile_text("((a" * 16_000, WORDS)
    field_language.compile_text("((if board))" * 4_000, WORDS)
    assert time.process_time() - began < 1
