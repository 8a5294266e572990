"""`./run bench`: how fast this Liaise is on this machine, against what it should be."""

import logging
from pathlib import Path

import click

from app.bench.database import NoDatabase
from app.bench.measuring import QUICK, Measure, run
from app.bench.report import as_json, machine_line, table
from app.core import loopback


@click.command("bench")
@click.option(
    "--database-url",
    "server",
    default="",
    help="A PostgreSQL server on which to make and drop a database; without it, SQLite.",
)
@click.option(
    "--json",
    "json_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the figures to this file too.",
)
@click.option("--quick", is_flag=True, help="Measure little: to see that it works, not how fast.")
def bench(server: str, json_file: Path | None, quick: bool) -> None:
    """Measure letters, sending and pages on made-up data, in a database of its own."""
    if not server:
        loopback.stay_on_loopback()
    # Writing a line for every request would be measured too.
    logging.getLogger().setLevel(logging.WARNING)
    measure = QUICK if quick else Measure()
    try:
        figures, known = run(measure, server=server, say=lambda line: click.echo(line, err=True))
    except NoDatabase as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(table(figures))
    click.echo(f"\n{machine_line(known)}")
    if json_file:
        json_file.write_text(as_json(figures, known), encoding="utf-8")
