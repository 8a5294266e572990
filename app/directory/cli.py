"""Commands of the directory."""

import click
from flask.cli import with_appcontext

from app.audit.services import Actor, act_as
from app.core import clock
from app.core.db import db
from app.directory import reference


@click.command("load-reference")
@with_appcontext
def load_reference() -> None:
    """Load England's systems, boards, partnerships and councils; what people changed stays."""
    act_as(db.session, Actor("Reference files"))
    loaded = reference.load(db.session, on=clock.today())
    db.session.commit()
    click.echo(
        f"{loaded.new} new, {loaded.updated} updated, "
        f"{loaded.kept} kept because a person changed them, {loaded.unchanged} unchanged."
    )
    for sentence in loaded.kept_fields:
        click.echo(f"  kept: {sentence}")
