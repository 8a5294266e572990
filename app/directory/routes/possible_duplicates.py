"""Asking once, before somebody is written down, whether they are in the register already."""

from collections.abc import Collection
from dataclasses import dataclass

from flask import request

from app.core import clock
from app.core.db import db
from app.directory.models import Person
from app.directory.name_matching import Named
from app.directory.queries import duplicates
from app.directory.queries.duplicates import Likely
from app.directory.queries.holdings import Holdings
from app.directory.view_models import PersonShown


@dataclass(frozen=True)
class Doubt:
    """Who a new person may be. `anyway` is what a form sends back to say that they are not."""

    found: list[Likely]
    holdings: Holdings

    @property
    def anyway(self) -> str:
        return ",".join(str(one.person.id) for one in self.found)


def twins_of(shown: PersonShown) -> list[Likely]:
    """Who else may be the person of a page."""
    addresses = [one.address for one in shown.emails]
    return duplicates.likely_twins(db.session, shown.person, addresses)


def doubt_about(
    name: Named, *, emails: Collection[str] = (), bodies: Collection[int] = (), but: int = 0
) -> Doubt | None:
    """Whom to ask about. Nobody once all of them were shown and it was sent again all the same."""
    found = duplicates.likely(db.session, name, emails=emails, bodies=bodies, but=but)
    answered = request.form.get("anyway", "").split(",")
    if all(str(one.person.id) in answered for one in found):
        return None
    people: list[Person] = [one.person for one in found]
    return Doubt(found, Holdings(db.session, clock.today()).look_up(people))
