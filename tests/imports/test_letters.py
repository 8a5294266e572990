"""Letters that went outside Liaise, read from a sheet, count as letters sent."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.directory.models import Organisation
from app.imports.cli import import_letters
from app.imports.letters.kind import LETTERS
from app.imports.models import LeadImport, RowOutcome
from app.imports.undoing import undo
from app.letters.models import Letter, LetterBoard, LetterKind, LetterOrigin, LetterState
from app.letters.tracking.external_letters import record_outside_letter
from app.overview.engagement import EngagementStep
from app.overview.status import standings
from tests.factories import NOON, TODAY, make_appointment, make_person, make_user
from tests.imports.conftest import bring_in, changes, outcomes, plan, row
from tests.imports.sheets import csv_bytes
from tests.imports.test_messy import dissolved
from tests.imports.test_routes import go_on, import_shown, upload

HEADINGS = ("Date sent", "Board", "To", "Email", "How", "About", "File")


def sheet(*rows: Sequence[object]) -> bytes:
    return csv_bytes(("Letters we posted, 2026",), HEADINGS, *rows)


def letters(session: Session) -> Sequence[Letter]:
    return session.scalars(select(Letter).order_by(Letter.id)).all()


def boards_of(session: Session, letter: Letter) -> set[int]:
    wanted = select(LetterBoard.organisation_id).where(LetterBoard.letter_id == letter.id)
    return set(session.scalars(wanted))


def test_a_letter_is_recorded_for_the_person_it_names_and_counts_as_sent(
    england: Session, boards: Sequence[Organisation]
) -> None:
    lead = make_person(england, given_name="Siân", family_name="Ó Brádaigh-Łuczak", title="Dr")
    make_appointment(england, person=lead, organisation=boards[0])
    content = sheet(
        ("3 March 2026", boards[0].name, "Dr Sian O Bradaigh-Łuczak", "", "Post", "Offer", "a.pdf"),
        ("04/03/2026", boards[1].ods_code, "The Chair", "", "by hand", "Offer", ""),
    )

    bring_in(england, content, kind=LETTERS)

    first, second = letters(england)
    assert (first.person_id, first.sent_on, first.channel) == (lead.id, date(2026, 3, 3), "post")
    assert (first.reference, first.subject, first.state) == ("a.pdf", "Offer", LetterState.SENT)
    assert first.origin is second.origin is LetterOrigin.OUTSIDE
    assert (second.person_id, second.to_name, second.channel) == (None, "The Chair", "hand")
    assert boards_of(england, second) == {boards[1].id}


def test_a_letter_recorded_already_is_not_recorded_again_and_its_corrections_are_shown(
    england: Session, boards: Sequence[Organisation]
) -> None:
    content = sheet(("2026-03-03", boards[0].name, "The Chair", "", "post", "Offer", "a.pdf"))
    bring_in(england, content, kind=LETTERS)

    again = plan(england, content, kind=LETTERS)
    other_file = content.replace(b"a.pdf", b"b.pdf").replace(b"post", b"email")
    changed = plan(england, other_file, kind=LETTERS)

    assert outcomes(again) == {3: RowOutcome.UNCHANGED}
    assert changes(changed, 3) == {
        "How it went": ("Post", "Email"),
        "Reference or file name": ("a.pdf", "b.pdf"),
    }
    bring_in(england, other_file, kind=LETTERS)
    assert [(one.channel, one.reference) for one in letters(england)] == [("email", "b.pdf")]


def test_a_column_says_of_which_kind_each_letter_was(
    england: Session, boards: Sequence[Organisation]
) -> None:
    def file(*kinds: str) -> bytes:
        rows = [
            ("2026-03-03", boards[place].name, "The Chair", kind, "post", "Waiting times")
            for place, kind in enumerate(kinds)
        ]
        return csv_bytes(("Date sent", "Board", "To", "Kind of letter", "How", "About"), *rows)

    bring_in(england, file("", "FOI request"), kind=LETTERS)
    assert [one.kind for one in letters(england)] == [LetterKind.LETTER, LetterKind.FOI_REQUEST]

    corrected = file("Open letter", "")  # an empty cell changes nothing
    changed = plan(england, corrected, kind=LETTERS)
    assert outcomes(changed) == {2: RowOutcome.CHANGED, 3: RowOutcome.UNCHANGED}
    assert changes(changed, 2) == {"Kind": ("Letter", "Open letter")}
    done = bring_in(england, corrected, kind=LETTERS)
    kinds = [LetterKind.OPEN_LETTER, LetterKind.FOI_REQUEST]
    assert [one.kind for one in letters(england)] == kinds

    undo(england, lead_import=done, by=None, at=NOON)
    assert [one.kind for one in letters(england)] == [LetterKind.LETTER, LetterKind.FOI_REQUEST]
    (wrong,) = plan(england, file("telegram"), kind=LETTERS).rows
    assert "is not a kind of letter" in wrong.problems[0]


def test_the_chair_of_another_board_is_another_addressee_but_one_person_has_one_letter(
    england: Session, boards: Sequence[Organisation]
) -> None:
    make_person(england, given_name="Alex", family_name="Sample", email="alex@example.org")
    content = sheet(
        ("2026-05-03", boards[0].name, "The Chair", "", "post", "Offer", ""),
        ("2026-05-03", boards[1].name, "The Chair", "", "post", "Offer", ""),
        ("2026-05-03", boards[2].name, "Alex Sample", "alex@example.org", "post", "Offer", ""),
        ("2026-05-03", boards[3].name, "Alex Sample", "alex@example.org", "post", "Offer", ""),
        ("2026-05-04", f"{boards[4].name}; {boards[5].name}", "Both chairs", "", "post", "", ""),
    )

    assert [one.problems for one in plan(england, content, kind=LETTERS).rows] == [[]] * 5
    bring_in(england, content, kind=LETTERS)

    found = [boards_of(england, letter) for letter in letters(england)]
    assert found == [
        {boards[0].id},
        {boards[1].id},
        {boards[2].id, boards[3].id},
        {boards[4].id, boards[5].id},
    ]


def test_by_hand_too_the_chair_of_another_board_is_another_addressee(
    england: Session, boards: Sequence[Organisation]
) -> None:
    user = make_user(england)
    for board in (boards[0], boards[1], boards[1]):
        record_outside_letter(
            england,
            sent_on=date(2026, 3, 3),
            subject="Offer",
            channel="post",
            person=None,
            addressee="The Chair",
            organisations=[board],
            by=user,
            today=TODAY,
        )

    assert [boards_of(england, one) for one in letters(england)] == [{boards[0].id}, {boards[1].id}]


def test_a_board_is_understood_as_it_was_on_the_day_of_the_letter(
    england: Session, boards: Sequence[Organisation]
) -> None:
    old = dissolved(england)
    planned = plan(
        england,
        sheet(
            ("31 March 2026", old.name, "The Chair", "", "post", "Offer", ""),
            ("1 April 2026", old.name, "The Chair", "", "post", "Offer", ""),
        ),
        kind=LETTERS,
    )

    assert outcomes(planned) == {3: RowOutcome.NEW, 4: RowOutcome.PROBLEM}
    assert f"{old.name} ceased to exist on" in row(planned, 4).problems[0]
    assert [question.text for question in planned.questions] == [old.name]


def test_every_problem_of_a_letter_is_named_by_its_row(
    england: Session, boards: Sequence[Organisation]
) -> None:
    name = boards[0].name
    planned = plan(
        england,
        sheet(
            ("", name, "The Chair", "", "post", "Offer", ""),
            ("2 June 2031", name, "The Chair", "", "post", "Offer", ""),
            ("2026-03-03", name, "", "", "post", "Offer", ""),
            ("2026-03-03", "NHS Atlantis", "The Chair", "", "post", "Offer", ""),
            ("2026-03-03", name, "The Chair", "", "pigeon", "Offer", ""),
            ("2026-03-05", name, "The Chair", "", "post", "Offer", "a.pdf"),
            ("2026-03-05", name, "The Chair", "", "post", "Offer", "b.pdf"),
        ),
        kind=LETTERS,
    )

    said = {one.number: one.problems[0] for one in planned.rows}
    assert "There is no date in this row" in said[3]
    assert "is still to come" in said[4]
    assert "There is nobody in this row" in said[5]
    assert "knows no board called “NHS Atlantis”" in said[6]
    assert "“pigeon” is not a way a letter goes" in said[7]
    assert "Rows 8 and 9 say different things of the same letter" in said[8] == said[9]


def test_an_import_of_letters_is_undone_as_a_whole(
    england: Session, boards: Sequence[Organisation]
) -> None:
    first = sheet(("2026-03-03", boards[0].name, "The Chair", "", "post", "Offer", "a.pdf"))
    bring_in(england, first, kind=LETTERS)
    second = sheet(
        ("2026-03-03", boards[0].name, "The Chair", "", "email", "Offer", "a.pdf"),
        ("2026-03-04", boards[1].name, "The Chair", "", "email", "Offer", "c.pdf"),
    )
    made = bring_in(england, second, kind=LETTERS)
    assert (made.new_count, made.changed_count) == (1, 1)

    undo(england, lead_import=made, by=None, at=NOON)

    (left,) = letters(england)
    assert (left.channel, left.reference, left.sent_on) == ("post", "a.pdf", date(2026, 3, 3))
    assert england.scalar(select(func.count()).select_from(LetterBoard)) == 1


def test_letters_are_imported_step_by_step(
    client: FlaskClient, england: Session, boards: Sequence[Organisation]
) -> None:
    page = client.get("/imports/new?kind=letters").text
    assert "Import letters sent outside Liaise" in page
    content = csv_bytes(("Date sent", "Board", "To"), ("3 March 2026", boards[0].name, "The Chair"))
    columns = upload(client, content, "letters.csv", kind="letters")
    assert "How the letters went, where the file does not say" in client.get(columns).text
    made = import_shown(client, go_on(client, columns, channel="email"))

    (letter,) = letters(england)
    assert letter.channel == "email"
    standing = next(one for one in standings(england, TODAY) if one.board.id == boards[0].id)
    assert standing.last_contact_on == date(2026, 3, 3)
    assert standing.engagement.step is EngagementStep.LETTER_SENT
    assert "Letters" in client.get("/imports").text
    assert "1 new, 0 changed" in client.get(made).text
    assert client.get(f"/letters/letters/{letter.id}").status_code == 200
    assert client.post(f"{made}/undo").status_code == 302
    assert not letters(england)


def test_the_example_sheets_of_letters_read_back_as_nothing_to_do(
    client: FlaskClient, england: Session
) -> None:
    for name in ("example.xlsx", "example.csv"):
        content = client.get(f"/imports/{name}?kind=letters").data
        check = go_on(client, upload(client, content, name, kind="letters"))
        assert "0 new, 0 changed, 0 with problems" in client.get(check).text


def test_letters_are_imported_by_command_too(
    app: Flask, england: Session, boards: Sequence[Organisation], tmp_path: Path
) -> None:
    file = tmp_path / "letters.csv"
    file.write_bytes(sheet(("3 March 2026", boards[0].name, "The Chair", "", "", "Offer", "")))

    dry = app.test_cli_runner().invoke(import_letters, [str(file), "--dry-run"])
    assert "1 new" in dry.output, dry.output
    assert not letters(england)
    done = app.test_cli_runner().invoke(import_letters, [str(file), "--channel", "portal"])

    assert "Imported: 1 row new" in done.output, done.output
    assert [letter.channel for letter in letters(england)] == ["portal"]
    assert england.scalars(select(LeadImport.file_name)).all() == ["letters.csv"]
