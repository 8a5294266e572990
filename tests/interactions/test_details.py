"""Two people change the details of one meeting at the same time."""

from datetime import date, time

from app.interactions.details import Details, from_text, merged, to_text
from app.interactions.models import InteractionKind, InteractionState

DAY = date(2026, 11, 22)
BASE = Details(
    kind=InteractionKind.MEETING,
    state=InteractionState.PLANNED,
    happened_on=DAY,
    starts=time(14),
    place="Leeds",
    people=frozenset([1, 2]),
)


def but(**changes: object) -> Details:
    return Details(**{**BASE.__dict__, **changes})


def test_changes_of_different_things_go_together() -> None:
    both, clashes = merged(BASE, but(place="York"), but(subject="Plan refresh"))
    assert (both.place, both.subject, clashes) == ("York", "Plan refresh", [])


def test_whoever_came_and_whoever_left_on_either_side() -> None:
    both, clashes = merged(BASE, but(people=frozenset([1, 2, 3])), but(people=frozenset([2, 4])))
    assert (both.people, clashes) == (frozenset([2, 3, 4]), [])


def test_one_thing_changed_differently_is_for_a_person_to_decide() -> None:
    both, [clash] = merged(BASE, but(place="York"), but(place="video"))
    assert both.place == "video"
    assert "somebody else saved “York” meanwhile; you have “video”" in clash.sentence


def test_the_same_change_twice_is_no_clash() -> None:
    assert merged(BASE, but(starts=time(15)), but(starts=time(15)))[1] == []


def test_a_form_remembers_what_it_showed() -> None:
    assert from_text(to_text(BASE), but(place="elsewhere")) == BASE
    assert from_text("nonsense", BASE) == BASE
    assert from_text('{"kind": "meeting"}', BASE) == BASE
