"""`./run create-user`: an account from the command line, say when nobody can sign in."""

import click
from flask import current_app
from flask.cli import with_appcontext

from app.accounts import services
from app.accounts.models import Permission
from app.audit.services import Actor, act_as
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError

PERMISSIONS = [permission.value for permission in Permission]


@click.command("create-user")
@click.argument("email")
@click.option("--name", prompt="Name", help="As colleagues know them.")
@click.option("--member", prompt="Member organisation", help="Made if it is new.")
@click.option(
    "--permission",
    "permissions",
    multiple=True,
    type=click.Choice(PERMISSIONS),
    default=["view"],
    show_default=True,
    help="May be given several times.",
)
@with_appcontext
def create_user(email: str, name: str, member: str, permissions: tuple[str, ...]) -> None:
    """Make an account, and print the link by which its owner chooses a password."""
    act_as(db.session, Actor("Command line"))
    try:
        user = services.add_user(
            db.session,
            email=email,
            name=name,
            member=services.member_called(db.session, member),
            permissions=[Permission(value) for value in permissions],
            at=clock.now(),
        )
    except DomainError as refusal:
        raise click.ClickException(str(refusal)) from refusal
    link = services.invitation_link(
        db.session, user, base_url=current_app.config["BASE_URL"], at=clock.now()
    )
    db.session.commit()
    click.echo(f"{user.name} chooses a password here, once and within seven days:\n{link}")
