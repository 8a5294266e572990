"""Addresses from which post came back, and that work after all."""

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import requires
from app.accounts.models import Permission
from app.core.db import db
from app.directory import returned_mail
from app.directory.models import Organisation, Person
from app.directory.routes.blueprint import bp


@bp.post("/people/<int:person_id>/post-works")
@requires(Permission.COORDINATE)
def person_post_works(person_id: int) -> ResponseReturnValue:
    person = db.session.get(Person, person_id) or abort(404)
    _works(person)
    return redirect(url_for("directory.person", person_id=person_id))


@bp.post("/organisations/<int:organisation_id>/post-works")
@requires(Permission.COORDINATE)
def organisation_post_works(organisation_id: int) -> ResponseReturnValue:
    organisation = db.session.get(Organisation, organisation_id) or abort(404)
    _works(organisation)
    return redirect(url_for("directory.organisation", organisation_id=organisation_id))


def _works(record: Person | Organisation) -> None:
    returned_mail.works_after_all(db.session, record)
    db.session.commit()
    flash(f"Letters may be posted to {record.name} at this address again.", "success")
