from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.models import AuditEvent
from app.directory.cli import load_reference
from app.directory.models import Organisation


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
    assert second.output.startswith("0 new, 0 updated, 1 kept because a person changed them")
    assert "QJK: website stays “https://devon.example.org”" in second.output
    assert session.scalars(select(AuditEvent.actor_name).limit(1)).one() == "Reference files"
