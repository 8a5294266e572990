"""The commands of `./run COMMAND`. Each feature writes its own; this is the list of them."""

import os
import sys
from datetime import datetime

import click
from flask import Flask
from flask.cli import ScriptInfo, with_appcontext
from sqlalchemy.exc import DBAPIError

from app import scheduler, seed, server
from app.accounts.cli import create_user
from app.bench.cli import bench
from app.core import clock, logs, shutdown
from app.core.db import db
from app.core.from_outside import a_moment
from app.core.mail import catcher
from app.core.storage import WORDS, trouble_of
from app.demo.cli import demo
from app.imports.cli import import_leads, import_letters
from app.settings import installation
from config import Config


def make_app(context: click.Context) -> Flask:
    """The app for one command, on a database that is ready for it."""
    config = Config.from_env()
    installation.make_ready_if_new(config)
    return context.with_resource(server.running_app(config))


@click.group(invoke_without_command=True)
@click.pass_context
def cli(context: click.Context) -> None:
    """Runs Liaise: without a command, the whole of it."""
    context.obj = ScriptInfo(create_app=lambda: make_app(context))
    if context.invoked_subcommand is None:
        server.serve(Config.from_env())


@cli.command()
def web() -> None:
    """Serve pages only; something else must run the jobs."""
    server.serve(Config.from_env(), jobs=False)


@cli.command("run-jobs")
def run_jobs() -> None:
    """Run the jobs only, until told to stop. Several of these do no harm."""
    config = Config.from_env()
    installation.check_ready(config)
    shutdown.on_signals()
    with (
        catcher.standing_in(config) as with_catcher,
        server.running_app(with_catcher) as app,
        scheduler.ticking(app),
    ):
        server.say("The jobs are running.")
        shutdown.wait()


@cli.command()
@click.option(
    "--at",
    "time",
    default="",
    metavar="TIME",
    help="Try out reminders as of another time in London, such as '2027-03-04 08:30'.",
)
def tick(time: str) -> None:
    """Run every job once and stop; with --at, those that go by the calendar, as of that time."""
    config = Config.from_env()
    at = _as_of(time, config) if time else None
    installation.check_ready(config)
    with catcher.standing_in(config) as with_catcher, server.running_app(with_catcher) as app:
        went_well = scheduler.run_as_of(app, at) if at else scheduler.run_all_once(app)
        failing = scheduler.failing(app, at)
    for sentence in failing:
        sys.stderr.write(f"{sentence}\n")
    sys.exit(0 if went_well and not failing else 1)


def _as_of(time: str, config: Config) -> datetime:
    if config.IS_PRODUCTION:
        raise installation.CannotStart(
            "This installation is in use, and its people would be told of what has not come yet. "
            "Leave --at out; to try reminders out, start a Liaise of your own on this machine."
        )
    try:
        return a_moment(time).replace(tzinfo=clock.LONDON)
    except ValueError:
        raise installation.CannotStart(
            "Give the time as a clock in London shows it, such as '2027-03-04 08:30'."
        ) from None


@cli.command()
def migrate() -> None:
    """Bring the database to the shape this Liaise needs, after a copy of it."""
    installation.make_ready(Config.from_env())


@cli.command("accept-database")
@click.option("--yes", is_flag=True, help="Do it; needed where the database is PostgreSQL.")
def accept_database(yes: bool) -> None:
    """Say that the database now in place is the right one, say after restoring a copy."""
    config = Config.from_env()
    if config.SQLITE_FILE is None and not yes:
        raise installation.CannotStart(installation.WHAT_ACCEPTING_DOES)
    installation.accept(config)
    click.echo("This database is accepted. Whatever was released in it needs approval again.")


@cli.command()
def backup() -> None:
    """Copy the SQLite database, while Liaise runs, into DATA_DIR/backups."""
    config = Config.from_env()
    installation.check_ready(config)
    copy = installation.back_up(config, "copy")
    if copy is None:
        raise installation.CannotStart("PostgreSQL is backed up by its own tools: use pg_dump -Fc.")
    server.say(f"The copy is {copy}")


@click.command("load-reference")
@with_appcontext
def load_reference() -> None:
    """Load England's bodies, milestones and templates; what people changed stays."""
    begun = seed.load(db.session, on=clock.today(), at=clock.now())
    db.session.commit()
    bodies = begun.bodies
    click.echo(
        f"{bodies.new} new, {bodies.updated} updated, "
        f"{bodies.kept} kept because a person changed them, {bodies.unchanged} unchanged."
    )
    for sentence in bodies.kept_fields:
        click.echo(f"  kept: {sentence}")
    duties = begun.milestones
    click.echo(
        f"Milestones: {duties.new} new, {duties.updated} updated, "
        f"{duties.kept} kept because a person changed them, {duties.unchanged} unchanged."
    )
    for sentence in duties.kept_fields:
        click.echo(f"  kept: {sentence}")
    if begun.templates:
        click.echo(f"{begun.templates} templates to begin with.")
    if begun.themes:
        click.echo(f"{begun.themes} themes to begin with.")


cli.add_command(bench)
cli.add_command(create_user)
cli.add_command(demo)
cli.add_command(load_reference)
cli.add_command(import_leads)
cli.add_command(import_letters)


def main() -> None:
    os.umask(0o077)  # what Liaise writes is for the user it runs as
    logs.configure()
    try:
        cli(prog_name="./run")
    except installation.CannotStart as refusal:
        sys.stderr.write(f"{refusal}\n")
        sys.exit(2)
    except (DBAPIError, OSError) as error:
        found = trouble_of(error)
        if found is None:
            raise
        sys.stderr.write(f"Liaise cannot go on: {WORDS[found]}.\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
