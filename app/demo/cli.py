"""`./run demo`: fill with made-up data, and sign in as one of four made-up users."""

import click
from flask import current_app
from flask.cli import with_appcontext

from app.accounts.services import demo_sign_in_link
from app.audit.services import Actor, act_as
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.demo import services


@click.command("demo")
@click.option("--clear", is_flag=True, help="Remove exactly what the demo added.")
@with_appcontext
def demo(clear: bool) -> None:
    """Fill Liaise with made-up data and print one-time links to sign in with."""
    act_as(db.session, Actor("The demo"))
    try:
        _clear() if clear else _fill()
    except DomainError as refusal:
        raise click.ClickException(str(refusal)) from refusal


def _fill() -> None:
    base_url = current_app.config["BASE_URL"]
    at = clock.now()
    users = services.fill(db.session, on=clock.today(), at=at, base_url=base_url)
    links = [
        (user.name, demo_sign_in_link(db.session, user, base_url=base_url, at=at))
        for user in users.all()
    ]
    db.session.commit()
    click.echo("The demo data is loaded. Each of these links signs in once, on this machine:")
    for name, link in links:
        click.echo(f"  {name}: {link}")
    click.echo("Run it again for new links; ./run demo --clear takes the demo data out.")


def _clear() -> None:
    gone = services.clear(db.session)
    db.session.commit()
    click.echo(f"The demo data is gone: {gone} rows. Its events stay in the history.")
