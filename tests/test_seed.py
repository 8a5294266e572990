"""What every Liaise begins with."""

from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import seed
from app.audit.models import AuditEvent
from app.cli import load_reference
from app.directory.models import Organisation, ReferenceFact
from app.directory.queries.bodies import boards_on
from app.letters.models import LetterTemplate, TemplateVersion
from app.milestones.models import Milestone, MilestoneDate, MilestoneSeries
from tests.factories import NOON, TODAY


def test_a_first_start_puts_england_and_five_templates_there(session: Session) -> None:
    begun = seed.load_if_new(session, on=TODAY, at=NOON)

    assert begun is not None
    assert begun.templates == 5
    assert len(boards_on(session, TODAY)) == 36


def test_a_later_start_loads_nothing_even_where_people_removed_things(session: Session) -> None:
    seed.load_if_new(session, on=TODAY, at=NOON)
    session.execute(delete(TemplateVersion))
    session.execute(delete(LetterTemplate))
    session.flush()

    assert seed.load_if_new(session, on=TODAY, at=NOON) is None


def test_a_liaise_from_before_milestones_has_them_on_its_next_start(session: Session) -> None:
    seed.load_if_new(session, on=TODAY, at=NOON)
    assert seed.load_milestones_if_new(session, on=TODAY, at=NOON) is None
    for table in (MilestoneDate, Milestone, MilestoneSeries):
        session.execute(delete(table))
    session.execute(delete(ReferenceFact).where(ReferenceFact.kind.startswith("milestone")))

    loaded = seed.load_milestones_if_new(session, on=TODAY, at=NOON)

    assert loaded is not None
    assert loaded.by_kind["milestone", "new"] == 28
    assert seed.load_milestones_if_new(session, on=TODAY, at=NOON) is None


def test_the_command_says_what_it_did_and_what_people_keep(app: Flask, session: Session) -> None:
    run = app.test_cli_runner()

    first = run.invoke(load_reference)
    devon = session.scalars(
        select(Organisation).where(Organisation.short_name == "Devon ICB")
    ).one()
    devon.website = "https://devon.example.org"
    session.commit()
    second = run.invoke(load_reference)

    assert "0 updated, 0 kept because a person changed them, 0 unchanged." in first.output
    assert "Milestones: 70 new" in first.output
    assert "5 templates to begin with." in first.output
    assert second.output.startswith("0 new, 0 updated, 1 kept because a person changed them")
    assert "QJK: website stays “https://devon.example.org”" in second.output
    assert "templates" not in second.output
    assert session.scalars(select(AuditEvent.actor_name).limit(1)).one() == "Reference files"
