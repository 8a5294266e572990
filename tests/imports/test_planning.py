"""What a file means for the register: who comes, who goes, and what is refused."""

import random
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.models import AuditEvent
from app.core.web.filters import on_day
from app.directory.models import (
    Appointment,
    Organisation,
    Person,
    PersonEmail,
    Post,
    PostObservation,
)
from app.imports.models import RowOutcome
from app.imports.undoing import undo
from tests.factories import NOON, TODAY, make_appointment, make_person
from tests.imports.conftest import bring_in, changes, outcomes, plan, row
from tests.imports.sheets import leads_csv

HEADINGS = (
    "Board",
    "Title",
    "First name",
    "Surname",
    "Email",
    "Tel",
    "Job title",
    "Since",
    "Checked",
)


def sheet(*rows: dict[str, str]) -> bytes:
    return leads_csv(*([row.get(h, "") for h in HEADINGS] for row in rows), headings=HEADINGS)


def says(board: Organisation, surname: str = "Sample", **other: str) -> dict[str, str]:
    said = {"Board": board.name, "First name": "Alex", "Surname": surname}
    return said | {"Email": f"{surname.lower()}@example.org"} | other


def problems(content: bytes, session: Session, number: int = 2, **chosen: Any) -> str:
    return " ".join(row(plan(session, content, **chosen), number).problems)


def known(session: Session, board: Organisation, **about: Any) -> Appointment:
    person = make_person(session, about.pop("name", "Earlier"), email=about.pop("email", ""))
    return make_appointment(session, person=person, organisation=board, **about)


def test_a_new_name_takes_the_place_of_the_one_in_the_register(
    england: Session, boards: Sequence[Organisation]
) -> None:
    earlier = known(england, boards[0], checked_on=date(2026, 6, 1))
    content = sheet(says(boards[0], Since="1 September 2026"))

    planned = plan(england, content)
    bring_in(england, content)

    assert changes(planned, 2)["Replaces"] == ("", "Alex Earlier, until 31 August 2026")
    assert earlier.ended_on == date(2026, 8, 31)
    assert planned.absent == []


def test_without_a_start_date_the_day_of_the_check_counts_and_is_shown(
    england: Session, boards: Sequence[Organisation]
) -> None:
    earlier = known(england, boards[0], checked_on=date(2026, 6, 1))
    content = sheet(says(boards[0], Checked="2 November 2026"))

    planned = plan(england, content)
    bring_in(england, content)

    assert changes(planned, 2)["In post since"] == ("", "2 November 2026")
    assert earlier.ended_on == date(2026, 11, 1)


def test_a_new_name_may_share_the_post_if_the_user_says_so(
    england: Session, boards: Sequence[Organisation]
) -> None:
    earlier = known(england, boards[0])

    bring_in(england, sheet(says(boards[0])), replacing=False)

    assert earlier.ended_on is None
    assert len(england.scalars(select(Appointment)).all()) == 2


def test_two_names_for_one_post_share_it(england: Session, boards: Sequence[Organisation]) -> None:
    planned = plan(england, sheet(says(boards[0]), says(boards[0], "Example")))

    assert set(outcomes(planned).values()) == {RowOutcome.NEW}
    assert "Shares the post with row 3." in row(planned, 2).notes


def test_an_older_sheet_does_not_put_out_whoever_was_found_later(
    england: Session, boards: Sequence[Organisation]
) -> None:
    known(england, boards[0], checked_on=date(2026, 11, 20))

    assert "The register found Alex Earlier in this post on 20 November 2026" in problems(
        sheet(says(boards[0], Checked="1 June 2026")), england
    )


def test_facts_older_than_the_registers_are_a_problem_and_not_a_change(
    england: Session, boards: Sequence[Organisation]
) -> None:
    known(england, boards[0], name="Sample", email="sample@example.org", checked_on=TODAY)
    older = says(boards[0], Checked="1 June 2026", **{"Job title": "Chief Nurse"})

    assert f"was checked on 1 June 2026, but the register on {on_day(TODAY)}" in problems(
        sheet(older), england
    )


def test_nobody_is_put_out_while_another_row_about_the_post_has_a_problem(
    england: Session, boards: Sequence[Organisation]
) -> None:
    known(england, boards[0], name="Earlier", email="earlier@example.org")
    content = sheet(says(boards[0]), says(boards[0], "Earlier", Tel="1632960001"))

    planned = plan(england, content)

    assert outcomes(planned) == {2: RowOutcome.NEW, 3: RowOutcome.PROBLEM}
    assert "Replaces" not in changes(planned, 2)
    assert planned.absent == []


def test_an_empty_cell_changes_nothing_and_a_full_one_is_shown_from_what_to_what(
    england: Session, boards: Sequence[Organisation]
) -> None:
    known(england, boards[0], name="Sample", email="sample@example.org", source="Board page")
    content = sheet(says(boards[0], Tel="01632 960001", **{"Job title": "Chief Nurse"}))

    planned = plan(england, content)

    assert outcomes(planned) == {2: RowOutcome.CHANGED}
    assert changes(planned, 2) == {
        "Telephone": ("", "01632 960001"),
        "Job title": ("", "Chief Nurse"),
    }


def test_another_address_of_a_known_person_is_added_and_used_first(
    england: Session, boards: Sequence[Organisation]
) -> None:
    known(england, boards[0], name="Sample", email="old@example.org")

    bring_in(england, sheet(says(boards[0], Email="new@example.org")))

    emails = england.scalars(select(PersonEmail).order_by(PersonEmail.id)).all()
    assert [(e.address, e.is_preferred) for e in emails] == [
        ("old@example.org", False),
        ("new@example.org", True),
    ]


def test_an_address_that_failed_is_not_used_again(
    england: Session, boards: Sequence[Organisation]
) -> None:
    known(england, boards[0], name="Sample", email="old@example.org")
    england.scalars(select(PersonEmail)).one().failed_on = date(2026, 11, 3)

    planned = plan(england, sheet(says(boards[0], Email="old@example.org")))

    assert outcomes(planned) == {2: RowOutcome.UNCHANGED}
    assert any("came back on 3 November 2026" in note for note in row(planned, 2).notes)


def test_an_address_of_somebody_else_is_a_problem(
    england: Session, boards: Sequence[Organisation]
) -> None:
    known(england, boards[0], name="Earlier", email="lead@example.org")
    content = sheet(says(boards[1], "Another", Email="lead@example.org", **{"First name": "Bo"}))

    assert "is the address of Alex Earlier in the register, and of Bo Another" in problems(
        content, england
    )


def test_nearly_the_name_of_somebody_there_is_pointed_out_and_nobody_is_taken_for_them(
    england: Session, boards: Sequence[Organisation]
) -> None:
    known(england, boards[0], name="Sampel", email="old@example.org")
    known(england, boards[1], name="Sampel", email="elsewhere@example.org")

    planned = row(plan(england, sheet(says(boards[0]))), 2)

    notes = [note for note in planned.notes if "Nearly the same name" in note]
    assert len(notes) == 1
    assert "Alex Sampel" in notes[0]
    assert planned.outcome is RowOutcome.NEW


def test_whoever_objected_stays_objected(england: Session, boards: Sequence[Organisation]) -> None:
    person = make_person(
        england, "Sample", email="sample@example.org", objected_on=date(2026, 5, 1)
    )

    planned = plan(england, sheet(says(boards[0])))
    bring_in(england, sheet(says(boards[0])))

    assert "Alex Sample has objected to contact. That stays so." in row(planned, 2).notes
    assert person.objected_on == date(2026, 5, 1)
    assert len(england.scalars(select(Person)).all()) == 1


def test_one_person_at_two_boards_is_one_person_with_two_appointments(
    england: Session, boards: Sequence[Organisation]
) -> None:
    bring_in(england, sheet(says(boards[0]), says(boards[1], Email=" SAMPLE@example.org\u200b")))

    assert len(england.scalars(select(Person)).all()) == 1
    assert len(england.scalars(select(Appointment)).all()) == 2


def test_one_name_without_an_address_at_two_boards_is_asked_about(
    england: Session, boards: Sequence[Organisation]
) -> None:
    content = sheet(says(boards[0]), says(boards[1], Email=""))

    planned = plan(england, content)

    assert outcomes(planned) == {2: RowOutcome.NEW, 3: RowOutcome.PROBLEM}
    assert "Give the same address in both if this is one person" in problems(content, england, 3)


def test_rows_of_one_person_that_differ_are_a_problem(
    england: Session, boards: Sequence[Organisation]
) -> None:
    content = sheet(says(boards[0], Tel="01632 960001"), says(boards[1], Tel="01632 960002"))

    assert "Rows 2 and 3 give Alex Sample different values for telephone" in problems(
        content, england
    )


def test_the_files_name_is_no_source_and_stays_in_the_persons_history(
    england: Session, boards: Sequence[Organisation]
) -> None:
    """A letter prints where details came from, and must never print “leads.xlsx, row 2”."""
    bring_in(england, sheet(says(boards[0])))
    person = england.scalars(select(Person).where(Person.family_name == "Sample")).one()
    assert (person.details_source, person.details_obtained_on) == ("", TODAY)
    histories = select(AuditEvent).where(
        AuditEvent.kind == "person", AuditEvent.record_id == person.id
    )
    assert england.scalars(histories).one().summary == "leads.csv, row 2"


def test_a_row_said_twice_counts_once(england: Session, boards: Sequence[Organisation]) -> None:
    planned = plan(england, sheet(says(boards[0]), says(boards[0])))

    assert outcomes(planned) == {2: RowOutcome.NEW, 3: RowOutcome.UNCHANGED}
    assert row(planned, 3).notes == ["Says the same as row 2."]


def test_a_vacant_post_ends_its_holder_but_not_published_does_not(
    england: Session, boards: Sequence[Organisation]
) -> None:
    leaver = known(england, boards[0], checked_on=date(2026, 6, 1))
    known(england, boards[1])
    vacant = sheet({"Board": boards[0].name, "Surname": "Vacant", "Checked": "2 November 2026"})
    hidden = sheet({"Board": boards[1].name, "Surname": "not published"})

    planned = plan(england, vacant)
    bring_in(england, vacant)

    assert changes(planned, 2)["Leaves"] == ("", "Alex Earlier, until 1 November 2026")
    assert leaver.ended_on == date(2026, 11, 1)
    assert [o.state.value for o in england.scalars(select(PostObservation))] == ["vacant"]
    assert plan(england, vacant).count(RowOutcome.UNCHANGED) == 1
    assert "If they have left, write vacant" in problems(hidden, england)


def test_a_post_both_vacant_and_held_is_a_contradiction(
    england: Session, boards: Sequence[Organisation]
) -> None:
    content = sheet(says(boards[0]), {"Board": boards[0].name, "Surname": "TBC"})

    assert "Rows 2 and 3 contradict each other" in problems(content, england)


def test_nobody_is_removed_because_they_are_not_in_the_file(
    england: Session, boards: Sequence[Organisation]
) -> None:
    steady = known(england, boards[5])

    planned = plan(england, sheet(says(boards[0])))
    bring_in(england, sheet(says(boards[0])))

    assert [who.split(",")[0] for who in planned.absent] == [steady.person.name]
    assert steady.ended_on is None


def test_boards_are_found_by_names_codes_and_both_but_never_by_likeness(
    england: Session, boards: Sequence[Organisation]
) -> None:
    devon = next(board for board in boards if "Devon" in board.name)
    for name in ("Devon", "NHS Devon ICB", "devon integrated care board", "QJK", "Devon (QJK)"):
        planned = plan(england, sheet(says(devon, Board=name)))
        assert row(planned, 2).where == devon.name, name
    assert "Did you mean" in problems(sheet(says(devon, Board="NHS Debon ICB")), england)
    assert "There is no board in this row" in problems(sheet(says(devon, Board="")), england)


def test_an_accent_lost_on_the_way_does_not_spoil_the_register(
    england: Session, boards: Sequence[Organisation]
) -> None:
    person = make_person(england, "Ó Brádaigh", given_name="Siân", email="sian@example.org")
    make_appointment(england, person=person, organisation=boards[0])
    flat = says(boards[0], "O Bradaigh", Email="sian@example.org", **{"First name": "SIAN"})

    assert outcomes(plan(england, sheet(flat))) == {2: RowOutcome.UNCHANGED}


def test_shuffling_the_rows_makes_the_same_register(
    england: Session, boards: Sequence[Organisation]
) -> None:
    rows = [says(board, f"Sample{number}") for number, board in enumerate(boards)]
    rows += [says(boards[3], "Sample7"), says(boards[4], "Sample7"), says(boards[9], "Example")]
    rows[12] |= {"Email": "b@example.org; a@example.org"}
    rows.append(says(boards[20], "Sample12", Email="a@example.org"))
    seen = []
    for seed in range(3):
        random.Random(seed).shuffle(rows)
        made = bring_in(england, sheet(*rows), leave_problems=True)
        seen.append(_register(england))
        undo(england, lead_import=made, by=None, at=NOON)

    assert seen[0] == seen[1] == seen[2]
    assert len(seen[0]) > 36


def _register(session: Session) -> list[tuple[Any, ...]]:
    return sorted(
        map(
            tuple,
            session.execute(
                select(
                    Post.organisation_id,
                    Person.given_name,
                    Person.family_name,
                    PersonEmail.address,
                    PersonEmail.is_preferred,
                    Appointment.started_on,
                    Appointment.ended_on,
                )
                .select_from(Appointment)
                .join(Post, Post.id == Appointment.post_id)
                .join(Person, Person.id == Appointment.person_id)
                .join(PersonEmail, PersonEmail.person_id == Person.id)
            ),
        )
    )
