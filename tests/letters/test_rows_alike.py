"""Rows of a check that have one reason stand together."""

from app.directory.models import OrganisationKind
from app.letters.drafting.summary import summarise
from app.letters.models import Letter, LetterState
from app.letters.queries import BodyNamed, CheckedRow


def _left_out(number: int, who: str, board: str, why: str) -> CheckedRow:
    letter = Letter(
        id=number, to_name=who, state=LetterState.EXCLUDED, state_reason=why, findings={}
    )
    return CheckedRow(letter, (BodyNamed(number, OrganisationKind.ICB, board),))


def test_rows_are_alike_when_only_names_days_and_numbers_differ() -> None:
    rows = [
        _left_out(1, "Dr Rowan Sample", "Devon ICB", "Asked not to be contacted on 23 Sep 2026."),
        _left_out(
            2, "Sam Mai", "Dorset ICB", "The lead at Dorset ICB was last checked 9 days ago."
        ),
        _left_out(3, "Jo Kent", "Essex ICB", "Asked not to be contacted on 1 May 2025."),
        _left_out(4, "Al Roe", "Kent ICB", "The lead at Kent ICB was last checked 208 days ago."),
        _left_out(5, "Bo Moe", "Surrey ICB", "Mail to bo@example.org failed on 1 May 2025."),
        _left_out(6, "Cy Poe", "Sussex ICB", "Mail to cy@example.org failed on 2 June 2025."),
        _left_out(7, "Di Zoe", "Leeds ICB", "Left out: she retires."),
    ]

    groups = summarise(rows).left_out_alike

    assert [[row.letter.id for row in group] for group in groups] == [[1, 3], [2, 4], [5, 6], [7]]
