"""Two people change one record: what goes together, what they settle, and that nothing is lost."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.editing.rules import (
    ClashAsShown,
    ClashChoice,
    FieldKind,
    ShownForm,
    Together,
    Value,
    from_text,
    to_text,
    together,
)

KINDS = {
    "phone": FieldKind.WHOLE,
    "email": FieldKind.WHOLE,
    "note": FieldKind.LINES,
    "themes": FieldKind.SET,
}
WORDS = st.sampled_from(["", "a", "b", "c"])
LINES = st.lists(st.sampled_from(["", "a", "b", "c", "d"]), max_size=6).map("\n".join)
TICKS = st.sets(st.sampled_from(["1", "2", "3", "4"])).map(lambda one: tuple(sorted(one)))
RECORDS = st.fixed_dictionaries({"phone": WORDS, "email": WORDS, "note": LINES, "themes": TICKS})
EITHER = st.sampled_from([ClashChoice.MINE, ClashChoice.THEIRS])
CHOICES = st.fixed_dictionaries(
    {}, optional={"phone": EITHER, "email": EITHER, "note": st.sampled_from(ClashChoice)}
)

Record = dict[str, Value]


def lines(*texts: Value) -> set[str]:
    return {line for text in texts for line in str(text).split("\n") if line}


def save(
    was: Record,
    now: Record,
    mine: Record,
    choices: Mapping[str, ClashChoice] | None = None,
    told: Mapping[str, ClashAsShown] | None = None,
) -> Together:
    return together(ShownForm(was, told or {}), now, mine, KINDS, choices or {})


@given(was=RECORDS, now=RECORDS, mine=RECORDS)
def test_what_either_typed_is_kept_or_shown_to_be_chosen(
    was: Record, now: Record, mine: Record
) -> None:
    result = save(was, now, mine)
    clashing = {one.name: one for one in result.clashes}
    for name in KINDS:
        if name in clashing:
            assert (clashing[name].theirs, clashing[name].mine) == (now[name], mine[name])
        elif name == "themes":
            put_in = (set(now[name]) | set(mine[name])) - set(was[name])
            assert put_in <= set(result.values[name])
        elif name == "note":
            typed = lines(now[name], mine[name]) - lines(was[name])
            assert typed <= lines(result.values[name])
        else:
            changed = {one for one in (now[name], mine[name]) if one != was[name]}
            assert changed <= {result.values[name]}


@given(was=RECORDS, one=RECORDS, other=RECORDS)
def test_it_does_not_matter_who_saves_first(was: Record, one: Record, other: Record) -> None:
    mine_last, theirs_last = save(was, one, other), save(was, other, one)
    assert {(c.name, c.mine, c.theirs) for c in mine_last.clashes} == {
        (c.name, c.theirs, c.mine) for c in theirs_last.clashes
    }
    for name in {"phone", "email", "themes"} - {one.name for one in mine_last.clashes}:
        assert mine_last.values[name] == theirs_last.values[name]


@given(was=RECORDS, now=RECORDS)
def test_who_changed_nothing_takes_nothing_back(was: Record, now: Record) -> None:
    result = save(was, now, was)
    assert (result.values, result.clashes) == (now, ())


@given(was=RECORDS, mine=RECORDS)
def test_who_is_alone_saves_what_they_typed(was: Record, mine: Record) -> None:
    result = save(was, was, mine)
    assert (result.values, result.clashes, result.theirs_too) == (mine, (), ())


@given(was=RECORDS, now=RECORDS, mine=RECORDS, choices=CHOICES)
def test_a_clash_once_shown_is_settled_by_every_choice(
    was: Record, now: Record, mine: Record, choices: Mapping[str, ClashChoice]
) -> None:
    first = save(was, now, mine)
    again = together(first.shown, now, first.values, KINDS, choices)
    assert {one.name for one in again.clashes} == {
        one.name for one in first.clashes if one.name not in choices
    }
    for one in first.clashes:
        settled = again.values[one.name]
        match choices.get(one.name):
            case ClashChoice.MINE | None:
                assert settled == mine[one.name]
            case ClashChoice.BOTH:
                assert lines(one.mine, one.theirs) - lines(one.was) <= lines(settled)
            case _:
                assert settled == now[one.name]


def record(phone: str = "1", email: str = "a") -> Record:
    return {"phone": phone, "email": email, "note": "", "themes": ()}


@pytest.mark.parametrize("choice", [ClashChoice.MINE, ClashChoice.THEIRS])
def test_a_choice_is_about_what_was_shown_and_not_about_what_came_since(
    choice: ClashChoice,
) -> None:
    first = save(record("1"), record("2"), record("3"))
    again = together(first.shown, record("4"), record("3"), KINDS, {"phone": choice})
    (clash,) = again.clashes
    assert (clash.was, clash.theirs, clash.mine) == ("1", "4", "3")
    settled = together(again.shown, record("4"), record("3"), KINDS, {"phone": choice})
    assert settled.values["phone"] == ("3" if choice is ClashChoice.MINE else "4")


def test_who_types_on_and_then_takes_the_other_s_is_asked_again() -> None:
    first = save(record("1"), record("2"), record("3"))
    again = together(first.shown, record("2"), record("33"), KINDS, {"phone": ClashChoice.THEIRS})
    assert [one.mine for one in again.clashes] == ["33"]


def test_who_types_on_and_keeps_theirs_saves_what_they_typed_last() -> None:
    first = save(record("1"), record("2"), record("3"))
    again = together(first.shown, record("2"), record("33"), KINDS, {"phone": ClashChoice.MINE})
    assert (again.clashes, again.values["phone"]) == ((), "33")


def test_a_change_of_theirs_beside_mine_is_told() -> None:
    result = save(record("1", "a"), record("1", "b"), record("2", "a"))
    assert result.values == record("2", "b")
    assert result.theirs_too == ("email",)


@given(was=RECORDS, now=RECORDS, mine=RECORDS)
def test_what_a_form_remembers_comes_back_as_it_was(was: Record, now: Record, mine: Record) -> None:
    kept = save(was, now, mine).shown
    assert from_text(to_text(kept), now) == kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "5",
        '{"was": 1, "told": {}}',
        '{"was": {"phone": 3}, "told": {}}',
        '{"was": {}, "told": {"phone": "x"}}',
        '{"was": {"phone": [1]}, "told": {}}',
        "[" * 100_000,
    ],
)
def test_what_cannot_be_read_counts_as_what_there_is(text: str) -> None:
    assert from_text(text, record()) == ShownForm(was=record())


def test_a_text_where_a_list_was_shown_counts_as_what_there_is() -> None:
    shown = ShownForm({"themes": "12", "phone": ("1",)})
    result = together(shown, record(), {**record("2"), "themes": ("4",)}, KINDS, {})
    assert (result.values["themes"], result.values["phone"], result.clashes) == (("4",), "2", ())
