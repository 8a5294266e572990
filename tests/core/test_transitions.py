"""States change by their tables, one row once, and nobody goes round them."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import app
from app.core.transitions import ChangedMeanwhile, NotInTheTable, Transitions
from app.letters.models import Letter, LetterState, Mailing, MailingState, PrintRun
from app.letters.transitions import LETTER, MAILING, PAPER, PRINT_FILE
from app.outbox.models import Message
from app.outbox.transitions import MESSAGE
from tests.factories import NOON
from tests.sending.mailings import add_letter, make_mailing
from tools.draw_states import PAGE, page

TABLES: Mapping[str, Transitions[Any]] = {
    "mailing": MAILING,
    "letter": LETTER,
    "paper": PAPER,
    "print file": PRINT_FILE,
    "message": MESSAGE,
}
# Where a state may be set without its table, and why.
GO_ROUND = {"app/bench/papering.py": "puts thousands of letters where it wants to measure them"}
THEIR_MODELS = {"app.letters.models", "app.outbox.models"}
COLUMNS = {"state", "post_state"}


def row_of(session: Session, states: Transitions[Any]) -> Any:
    if states is MESSAGE:
        row: Any = Message(recipient="sam@example.org", subject="Hello", body="", queued_at=NOON)
        row.send_after = NOON
    else:
        row = mailing = make_mailing(session)
        if states is PRINT_FILE:
            row = PrintRun(mailing_id=mailing.id, number=1, both_sides=False, asked_at=NOON)
            row.asked_by_id = mailing.created_by_id
        elif states is not MAILING:
            row = add_letter(session, mailing, "lead@example.com")
    session.add(row)
    session.flush()
    return row


@pytest.mark.parametrize("name", TABLES)
def test_every_pair_of_states_is_moved_or_refused_as_the_table_says(
    session: Session, name: str
) -> None:
    states = TABLES[name]
    row = row_of(session, states)
    kinds = list(states.column.type.enum_class)
    this, allowed = states.model.id == row.id, set(states.pairs())
    for before, to in ((before, to) for before in kinds for to in kinds):
        setattr(row, states.column.key, before)
        session.flush()
        if (before, to) in allowed:
            assert states.move(session, this, leaving=(before,), to=to) == [row.id]
            assert session.scalar(select(states.column).where(this)) is to
            session.refresh(row)
            continue
        with pytest.raises(NotInTheTable):
            states.move(session, this, leaving=(before,), to=to)
        with pytest.raises(NotInTheTable):
            states.move_record(session, row, to)
        assert session.scalar(select(states.column).where(this)) is before


def test_one_state_that_may_not_come_there_spoils_the_move_of_all(session: Session) -> None:
    letter = add_letter(session, make_mailing(session), "lead@example.com")
    leaving = (LetterState.QUEUED, LetterState.SENT)
    with pytest.raises(NotInTheTable, match="from sent to claimed"):
        LETTER.move(session, Letter.id == letter.id, leaving=leaving, to=LetterState.CLAIMED)


def test_a_row_that_somebody_else_moved_stays_where_they_brought_it(session: Session) -> None:
    mailing = make_mailing(session)
    this, ours = Mailing.id == mailing.id, mailing.state
    MAILING.move(session, this, leaving=(ours,), to=MailingState.STOPPED)
    assert MAILING.move(session, this, leaving=(ours,), to=MailingState.PAUSED) == []
    assert mailing.state is ours  # as the session read it
    with pytest.raises(ChangedMeanwhile):
        MAILING.move_record(session, mailing, MailingState.PAUSED)
    session.refresh(mailing)
    assert mailing.state is MailingState.STOPPED


@pytest.mark.parametrize("name", TABLES)
def test_every_state_is_in_its_table(name: str) -> None:
    states = TABLES[name]
    assert {*states.after} == {*states.column.type.enum_class}


def test_the_page_of_states_is_drawn_from_the_tables() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "Draw it anew: python -m tools.draw_states"


def test_no_module_sets_such_a_state_but_by_its_table() -> None:
    root = Path(app.__file__).parent
    found = {
        f"app/{path.relative_to(root)}" for path in root.rglob("*.py") if any(_states_set(path))
    }
    assert found == set(GO_ROUND)


def _states_set(path: Path) -> Iterator[ast.AST]:
    """Assignments to a state, and statements that set one, in modules that know these things."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if not {one.module for one in ast.walk(tree) if isinstance(one, ast.ImportFrom)} & THEIR_MODELS:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if node.attr in COLUMNS:
                yield node
        elif isinstance(node, ast.Call) and _sets(node):
            yield node


def _sets(call: ast.Call) -> bool:
    """`….values(state=…)`, `….values({"state": …})` or `setattr(…, "state", …)`."""
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    given = {keyword.arg for keyword in call.keywords}
    keys = {
        key.value
        for argument in call.args
        for part in ast.walk(argument)
        if isinstance(part, ast.Dict)
        for key in part.keys
        if isinstance(key, ast.Constant)
    }
    words = {one.value for one in call.args if isinstance(one, ast.Constant)}
    if name == "values":
        return bool((given | keys) & COLUMNS)
    return name == "setattr" and bool(words & COLUMNS)
