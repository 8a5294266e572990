"""Whom a reminder is for, worked out on the day it is given."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.directory.queries.owners import owners_on, possible_owners
from app.reminders.models import ReminderAudience, ReminderRule
from app.reminders.rules import About


def recipients(
    session: Session, rule: ReminderRule, about: Sequence[About], *, on: date
) -> Mapping[About, Sequence[User]]:
    """Whom the rule tells about each of these; nobody where all of them have left."""
    colleagues = [user for user in possible_owners(session) if user.may(Permission.VIEW)]
    if rule.audience is ReminderAudience.PERSON:
        told = [user for user in colleagues if user.id == rule.user_id]
        return dict.fromkeys(about, told)
    if rule.audience is ReminderAudience.PERMISSION:
        return dict.fromkeys(about, may(colleagues, Permission(rule.permission)))
    coordinators = may(colleagues, Permission.COORDINATE)
    owners = owners_on(session, [one for one in about if one is not None], on)
    here = {user.id for user in colleagues}
    return {
        one: [owners[one]] if one in owners and owners[one].id in here else coordinators
        for one in about
    }


def may(colleagues: Sequence[User], permission: Permission) -> list[User]:
    return [user for user in colleagues if user.may(permission)]
