"""The commands that import by the same rules as the pages, with the columns suggested."""

from collections.abc import Callable, Iterable
from functools import reduce
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from app.audit.change_marker import has_moved, mark
from app.audit.services import Actor, act_as
from app.core import clock
from app.core.db import db, reading_first
from app.core.errors import DomainError
from app.imports import services, summary
from app.imports.leads.file_source import read_file_source
from app.imports.leads.kind import LEADS
from app.imports.letters.kind import LETTERS
from app.imports.models import RowOutcome
from app.imports.planning.kind import ImportKind
from app.imports.planning.preparing import make_plan, prepare
from app.imports.planning.whole_names import NameRule
from app.letters.tracking.external_letters import CHANNELS

OF_A_FILE = (
    click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
    click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing."),
    click.option(
        "--skip-problem-rows",
        is_flag=True,
        help="Import the good rows and leave out those with problems; otherwise all or nothing.",
    ),
    click.option("--sheet", help="The sheet to read, where the likeliest is not the one meant."),
    click.option(
        "--headings-in-row", type=click.IntRange(1, 1_048_576), help="The row with the headings."
    ),
)


def of_a_file(command: Callable[..., None]) -> Callable[..., None]:
    return reduce(lambda done, option: option(done), reversed(OF_A_FILE), command)


@click.command("import-letters")
@of_a_file
@click.option(
    "--channel",
    type=click.Choice(list(CHANNELS)),
    default="post",
    help="How the letters went, where the file does not say.",
)
@with_appcontext
def import_letters(  # noqa: PLR0917 - click names them
    file: Path,
    dry_run: bool,
    skip_problem_rows: bool,
    sheet: str | None,
    headings_in_row: int | None,
    channel: str,
) -> None:
    """Record the letters in FILE, a CSV or an Excel workbook, that went outside Liaise."""
    chosen = {"sheet": sheet, "heading_row": headings_in_row, "channel": channel}
    _import(LETTERS, file, chosen, dry_run=dry_run, skip_problem_rows=skip_problem_rows)


@click.command("import-leads")
@of_a_file
@click.option(
    "--names",
    type=click.Choice(["last-word", "comma"]),
    help="Split whole names: the last word is the family name, or it comes before a comma.",
)
@click.option(
    "--share-posts",
    is_flag=True,
    help="A new name joins whoever holds the post; otherwise it takes their place.",
)
@click.option("--source", default="", help="Where the details come from, where a row does not say.")
@with_appcontext
def import_leads(  # noqa: PLR0917 - click names them
    file: Path,
    dry_run: bool,
    skip_problem_rows: bool,
    sheet: str | None,
    headings_in_row: int | None,
    names: str | None,
    share_posts: bool,
    source: str,
) -> None:
    """Import the leads in FILE, a CSV or an Excel workbook."""
    chosen: dict[str, Any] = {
        "sheet": sheet,
        "heading_row": headings_in_row,
        "name_rule": NameRule(names.replace("-", " ")).value if names else None,
        "replacing": not share_posts,
    }
    try:
        chosen["source"] = read_file_source(source)
    except DomainError as refusal:
        raise click.ClickException(str(refusal)) from refusal
    _import(LEADS, file, chosen, dry_run=dry_run, skip_problem_rows=skip_problem_rows)


def _import(
    kind: ImportKind,
    file: Path,
    chosen: dict[str, Any],
    *,
    dry_run: bool,
    skip_problem_rows: bool,
) -> None:
    try:
        _plan_and_import(kind, file, chosen, dry_run, skip_problem_rows)
    except DomainError as refusal:
        raise click.ClickException(str(refusal)) from refusal


def _plan_and_import(
    kind: ImportKind, file: Path, chosen: dict[str, Any], dry_run: bool, skip_problem_rows: bool
) -> None:
    content, on = file.read_bytes(), clock.today()
    act_as(db.session, Actor("The command line"))
    file_sha256 = services.sha256(content)
    prepared = prepare(kind, content, chosen)
    _say(summary.columns_in_words(prepared))
    with reading_first():
        since = mark(db.session, services.PLANNED_UPON)
        plan = make_plan(db.session, prepared, on=on)
        _say(summary.plan_in_words(plan, services.earlier_import(db.session, file_sha256)))
    if dry_run:
        click.echo("\nThis was a dry run: nothing was written.")
        return
    if not plan.does_something and not plan.count(RowOutcome.PROBLEM):
        click.echo("\nThe register already says all of this; nothing was written.")
        return
    services.one_at_a_time(db.session)
    if has_moved(db.session, since, services.PLANNED_UPON):
        raise services.ChangedMeanwhile(
            "The register changed while the file was being read, so nothing was imported. Run the"
            " command again."
        )
    lead_import = services.import_file(
        db.session,
        kind=kind,
        plan=plan,
        brought=services.Brought(
            services.plain_file_name(file.name), file_sha256, prepared.choices.source
        ),
        leave_problems=skip_problem_rows,
        by=None,
        on=on,
        at=clock.now(),
    )
    db.session.commit()
    click.echo(f"\n{summary.outcome_in_words(lead_import)}")


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)
