"""No foreign key is forgotten: each says what becomes of its row, or why it keeps the record."""

from sqlalchemy import Column

from app.administration.deleting import KINDS
from app.bin.dependencies import pointing_at
from app.core.db import Base
from tests.bin.test_round_trip import ROOTS

LETTERS_STAY = "letters never lose whom they went to, nor what they were about"
ABOUT_IT = "a body is deleted only while nothing is on it"
# What keeps a record from being deleted, and why it does.
KEEPS = {
    "appointment.post_id": "a seat that somebody held is no mistake",
    "council_share.board_id": ABOUT_IT,
    "council_share.council_id": ABOUT_IT,
    "council_share.successor_board_id": ABOUT_IT,
    "document.organisation_id": ABOUT_IT,
    "follow_up.organisation_id": ABOUT_IT,
    "interaction_organisation.organisation_id": ABOUT_IT,
    "interaction_person.person_id": "who was there is part of what happened",
    "interaction_theme.theme_id": "a theme in use is retired, not deleted",
    "letter.mailing_id": "the letters of a draft go before it, and nothing else can be discarded",
    "letter.person_id": LETTERS_STAY,
    "letter_board.appointment_id": LETTERS_STAY,
    "letter_board.organisation_id": LETTERS_STAY,
    "letter_board.post_id": LETTERS_STAY,
    "letter_recipient.person_id": LETTERS_STAY,
    "mailing.chaser_template_id": "a template that is used is put away, not deleted",
    "mailing.chases_id": "a mailing that is chased has gone",
    "mailing.template_version_id": "a template that is used is put away, not deleted",
    "milestone_standing.organisation_id": ABOUT_IT,
    "offer.organisation_id": ABOUT_IT,
    "offer.theme_id": "a theme in use is retired, not deleted",
    "organisation.part_of_id": ABOUT_IT,
    "point.follow_up_id": "a promise always has somebody and a day: it is deleted, not its half",
    "point.organisation_id": ABOUT_IT,
    "print_run.mailing_id": "what has a file for the printer was approved",
    "succession.predecessor_id": ABOUT_IT,
    "succession.successor_id": ABOUT_IT,
    "theme.parent_id": "what is below it would be left hanging",
    "tile.board_id": ABOUT_IT,
    "tile.holder_2026_id": ABOUT_IT,
    "workstream_organisation.organisation_id": ABOUT_IT,
    "workstream_paper.publisher_id": ABOUT_IT,
}


def reached() -> tuple[set[Column[object]], set[str]]:
    """Every column that points at what can be deleted or goes along, and the tables that go."""
    waiting = [model.__tablename__ for model in ROOTS]
    tables, columns = set(waiting), set()
    while waiting:
        for column in pointing_at(waiting.pop()):
            columns.add(column)
            goes = column.info.get("when_binned") == "goes along"
            if goes and column.table.name not in tables:
                tables.add(column.table.name)
                waiting.append(column.table.name)
    return columns, tables


def test_every_key_to_what_can_be_deleted_says_what_becomes_of_its_row() -> None:
    columns, _ = reached()
    assert {str(one) for one in columns if "when_binned" not in one.info} == set(KEEPS)


def test_only_a_key_that_may_be_empty_lets_go() -> None:
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if column.info.get("when_binned") == "let go":
                assert column.nullable, column


def test_whatever_can_be_deleted_is_tried_here() -> None:
    assert {kind.model for kind in KINDS.values()} <= set(ROOTS)


def test_whatever_can_come_back_is_numbered_once() -> None:
    """Otherwise SQLite would give its number to another while it is in the bin."""
    for name in reached()[1]:
        table = Base.metadata.tables[name]
        if [column.name for column in table.primary_key] == ["id"]:
            assert table.dialect_options["sqlite"]["autoincrement"], name
