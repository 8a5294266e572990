"""What the bin says of what stands in the way."""

from app.bin.dependencies import Obstacle
from app.bin.labels import in_the_way


def test_letters_to_a_person_are_counted_once_with_what_to_do_for_a_person() -> None:
    obstacles = [
        Obstacle("letter_board", "appointment_id", [(1, 5), (2, 5)]),
        Obstacle("letter_board", "appointment_id", [(1, 6), (2, 6)]),
        Obstacle("letter", "person_id", [(1,), (2,)]),
        Obstacle("letter_recipient", "person_id", [(1, 3)]),
    ]
    assert in_the_way("Dr Alder Sample", obstacles) == (
        "“Dr Alder Sample” cannot be deleted: there are 2 letters to them. "
        "Letters never lose whom they went to: end their post instead, or merge them."
    )


def test_several_letters_that_went_to_others_too_are_said_in_the_plural() -> None:
    said = in_the_way("Ms Co", [Obstacle("letter_recipient", "person_id", [(1, 3), (2, 3)])])
    assert "there are 2 letters with them among their addressees" in said
