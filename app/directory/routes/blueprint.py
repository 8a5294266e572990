"""The directory's pages, and what they share."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.models import User
from app.core import clock
from app.core.errors import DomainError
from app.core.web.form_fields import choices
from app.core.web.pages import way_back
from app.directory.addresses import BadAddress
from app.directory.labels import KIND_WORDS, STATE_PILLS, STATE_WORDS, SUBSCRIBER_WORDS
from app.directory.models import Organisation, OrganisationKind, SubscriberType
from app.directory.postal import BadPostalAddress

bp = Blueprint("directory", __name__)


@bp.app_template_global()
def kind_words(organisation: Organisation) -> str:
    return KIND_WORDS[organisation.kind]


@bp.app_template_global()
def subscriber_words(kind: SubscriberType) -> str:
    return SUBSCRIBER_WORDS[kind]


@bp.app_template_global()
def body_url(organisation: Organisation, day: date | None = None) -> str:
    """A body's page, on that day if it is another than today; a system has a page of its own."""
    on = day.isoformat() if day and day != clock.today() else None
    if (
        organisation.kind is OrganisationKind.ICS
        and "overview.system" in current_app.view_functions
    ):
        return url_for("overview.system", system_id=organisation.id, on=on)
    return url_for("directory.organisation", organisation_id=organisation.id, on=on)


SYSTEM = "system"


@bp.app_template_global()
def page_to_return_to(organisation: Organisation) -> str:
    """Where somebody goes on after writing down what they found about a post of this body: the
    body's own page, or its system's if they came from there; or wherever their side trip began."""
    if began := way_back():
        return began
    if request.args.get("from") == SYSTEM and organisation.part_of_id:
        return url_for("overview.system", system_id=organisation.part_of_id)
    return url_for("directory.organisation", organisation_id=organisation.id)


def go_back(organisation: Organisation) -> ResponseReturnValue:
    return redirect(page_to_return_to(organisation))


@bp.app_template_global()
def state_words(state: Any) -> str:
    return STATE_WORDS[state]


@bp.app_template_global()
def state_pill(state: Any) -> str:
    return STATE_PILLS[state]


def user_choices(users: Sequence[User], nobody: str) -> list[Any]:
    return choices([("", nobody), *((user.id, user.name) for user in users)])


def refuse(form: Any, refusal: DomainError) -> None:
    """Say why not: beside the address where that is what is wrong, else above the form."""
    if isinstance(refusal, BadPostalAddress) and "postal_address" in form:
        form.postal_address.errors = [*form.postal_address.errors, str(refusal)]
        return
    for name in ("email", "address", "office_email"):
        if isinstance(refusal, BadAddress) and name in form:
            form[name].errors = [*form[name].errors, str(refusal)]
            return
    form.form_errors.append(str(refusal))
