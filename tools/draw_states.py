"""Draws docs/states.md from the tables of transitions: python -m tools.draw_states"""

from pathlib import Path
from typing import Any

from app.core.transitions import Transitions
from app.letters.transitions import LETTER, MAILING, PAPER, PRINT_FILE
from app.outbox.transitions import MESSAGE

PAGE = Path(__file__).parent.parent / "docs" / "states.md"
BEGINNING = """\
# States, and what may follow what

Drawn from the tables in `app/letters/transitions.py` and `app/outbox/transitions.py` by
`python -m tools.draw_states`; a test compares. A move that is not here is refused. What each state
means to its reader stands in Liaise under Help.
"""
DRAWN: dict[str, Transitions[Any]] = {
    "A mailing": MAILING,
    "A letter": LETTER,
    "Its paper, where it goes by post": PAPER,
    "A file for the printer": PRINT_FILE,
    "A mail to one of us": MESSAGE,
}


def page() -> str:
    return "\n".join(
        [BEGINNING, *(f"## {title}\n\n{drawing(states)}" for title, states in DRAWN.items())]
    )


def drawing(states: Transitions[Any]) -> str:
    """The same as a picture and as a table, for whoever cannot see the one or the other."""
    named = "".join(f'    state "{one.value}" as {_id(one)}\n' for one in states.after)
    arrows = "".join(f"    {_id(before)} --> {_id(to)}\n" for before, to in states.pairs())
    rows = "".join(
        f"| {before.value} | {', '.join(to.value for to in following)} |\n"
        for before, following in states.after.items()
    )
    return f"```mermaid\nstateDiagram-v2\n{named}{arrows}```\n\n| from | to |\n|---|---|\n{rows}"


def _id(state: Any) -> str:
    return str(state.name).lower()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
