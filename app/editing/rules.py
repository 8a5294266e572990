"""Two people changed one record: field by field, what goes together, and what they must settle.

Pure functions over what a form holds: a text, or the values ticked in a list. `was` is what the
form showed, `now` what the record says since, `mine` what is being saved. Who changed nothing about
a field leaves it to whoever did; lists take both changes; long texts go together line by line.
What is left is a clash, and of a clash nothing is ever dropped: it holds all three.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from app.core.from_outside import plain_json
from app.core.text.three_way_merge import merge_texts

Value = str | tuple[str, ...]
Values = Mapping[str, Value]


class FieldKind(Enum):
    WHOLE = "whole"  # one value, which is somebody's or the other's
    LINES = "lines"  # a text of many lines, each for itself
    SET = "set"  # things ticked or not, each for itself
    ANEW = "anew"  # asked without showing what there is: to say the same again is to say it


class ClashChoice(Enum):
    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"  # offered of a long text: theirs and then mine, where the lines clash


@dataclass(frozen=True)
class ClashAsShown:
    """A clash as its page showed it: a choice is about these words and about no others."""

    theirs: Value
    mine: Value


@dataclass(frozen=True)
class ShownForm:
    """What a form remembers of what it showed."""

    was: Values = field(default_factory=dict)
    told: Mapping[str, ClashAsShown] = field(default_factory=dict)


@dataclass(frozen=True)
class FieldClash:
    name: str
    kind: FieldKind
    was: Value
    theirs: Value
    mine: Value


@dataclass(frozen=True)
class Together:
    """`values` is what the form says from now on; of what clashes, mine."""

    values: dict[str, Value]
    clashes: tuple[FieldClash, ...]
    theirs_too: tuple[str, ...]  # fields with a change of theirs, which is kept
    shown: ShownForm


def together(
    shown: ShownForm,
    now: Values,
    mine: Values,
    kinds: Mapping[str, FieldKind],
    choices: Mapping[str, ClashChoice],
) -> Together:
    """Both changes in one, as far as they go; `choices` settle what was shown as a clash before."""
    values: dict[str, Value] = {}
    clashes, theirs_too = [], []
    for name, saved in now.items():
        was = shown.was.get(name, saved)
        if type(was) is not type(saved):  # nothing that this form ever showed
            was = saved
        told = shown.told.get(name)
        settled = _merged(kinds[name], was, saved, mine[name])
        if settled is None and told:
            settled = _chosen(told, choices.get(name), was, saved, mine[name])
        if settled is None:
            clashes.append(FieldClash(name, kinds[name], was, saved, mine[name]))
            values[name] = mine[name]
            continue
        values[name] = settled
        if was != saved and mine[name] != saved and settled != mine[name]:
            theirs_too.append(name)
    clashing = {one.name: one for one in clashes}
    return Together(
        values,
        tuple(clashes),
        tuple(theirs_too),
        ShownForm(
            was={name: clashing[name].was if name in clashing else now[name] for name in now},
            told={one.name: ClashAsShown(one.theirs, one.mine) for one in clashes},
        ),
    )


def _merged(kind: FieldKind, was: Value, theirs: Value, mine: Value) -> Value | None:
    """Both changes in one value; None where that cannot be."""
    if theirs in (was, mine):
        return mine
    if mine == was and kind is not FieldKind.ANEW:
        return theirs
    if kind is FieldKind.SET:
        return _both_lists(tuple(was), tuple(theirs), tuple(mine))
    if kind is FieldKind.LINES:
        merge = merge_texts(str(was), str(mine), str(theirs))
        return None if merge.clashes else merge.text
    return None


def _both_lists(
    was: tuple[str, ...], theirs: tuple[str, ...], mine: tuple[str, ...]
) -> tuple[str, ...]:
    taken_out = set(was) - set(theirs)
    put_in = [one for one in theirs if one not in was and one not in mine]
    return tuple(sorted([*(one for one in mine if one not in taken_out), *put_in]))


def _chosen(
    told: ClashAsShown, choice: ClashChoice | None, was: Value, theirs: Value, mine: Value
) -> Value | None:
    """What a person decided, if what they decided about is still what there is."""
    if theirs != told.theirs or choice is None:
        return None
    if choice is ClashChoice.MINE:
        return mine
    if mine != told.mine:  # typed on after all, and then said to leave it: that is to be asked
        return None
    if choice is ClashChoice.BOTH:
        return merge_texts(str(was), str(mine), str(theirs)).text
    return theirs


def to_text(shown: ShownForm) -> str:
    """For the hidden field in which a form remembers what it showed."""
    told = {name: [one.theirs, one.mine] for name, one in shown.told.items()}
    return json.dumps({"was": dict(shown.was), "told": told}, ensure_ascii=False)


def from_text(text: str, now: Values) -> ShownForm:
    """What a form showed. Of a field about which that cannot be read, it showed what there is."""
    try:
        kept: Any = plain_json(text)
        was = {str(name): _value(value) for name, value in kept["was"].items()}
        told = {
            str(name): ClashAsShown(_value(theirs), _value(mine))
            for name, (theirs, mine) in kept["told"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ShownForm(was=dict(now))
    return ShownForm(was=was, told=told)


def _value(kept: Any) -> Value:
    if isinstance(kept, str):
        return kept
    if not all(isinstance(one, str) for one in kept):
        raise TypeError("a list of texts was expected")
    return tuple(kept)
