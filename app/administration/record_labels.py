"""What records are called, so that a history says a name where the database has a number."""

from collections.abc import Iterable, Mapping
from functools import cache

from sqlalchemy import Select, func, literal, select
from sqlalchemy.orm import Session

from app.accounts.models import MemberOrganisation, User
from app.administration.audit_visibility import confidential_kinds, is_read_by
from app.core.db import Base
from app.directory.models import (
    Appointment,
    Organisation,
    Person,
    Post,
    PostType,
    Region,
)
from app.followups.models import FollowUp
from app.interactions.models import Interaction, Offer, Outcome
from app.letters.models import Letter, LetterTemplate, Mailing, Signatory
from app.milestones.models import Milestone, MilestoneSeries
from app.reminders.models import ReminderRule
from app.settings.models import Settings
from app.workstreams.models import Workstream

_person = Person.title + " " + Person.given_name + " " + Person.family_name
_post = PostType.name + ", " + Organisation.short_name

# Each gives (id, name) of all records of its kind; what is asked for is narrowed by id.
NAMES: Mapping[str, Select[int, str]] = {
    "appointment": select(Appointment.id, _person + ", " + _post)
    .join(Person, Person.id == Appointment.person_id)
    .join(Post, Post.id == Appointment.post_id)
    .join(PostType, PostType.id == Post.post_type_id)
    .join(Organisation, Organisation.id == Post.organisation_id),
    "follow_up": select(FollowUp.id, FollowUp.what),
    "interaction": select(Interaction.id, Interaction.subject),
    "letter": select(Letter.id, Letter.to_name),
    "letter_template": select(LetterTemplate.id, LetterTemplate.name),
    "mailing": select(Mailing.id, Mailing.name),
    "member_organisation": select(MemberOrganisation.id, MemberOrganisation.name),
    "offer": select(Offer.id, Offer.what),
    "organisation": select(Organisation.id, Organisation.name),
    "person": select(Person.id, _person),
    "point": select(Outcome.id, Outcome.text),
    "post": select(Post.id, _post)
    .join(PostType, PostType.id == Post.post_type_id)
    .join(Organisation, Organisation.id == Post.organisation_id),
    "post_type": select(PostType.id, PostType.name),
    "region": select(Region.id, Region.name),
    "reminder_rule": select(ReminderRule.id, func.coalesce(MilestoneSeries.title, Milestone.title))
    .join(MilestoneSeries, MilestoneSeries.id == ReminderRule.series_id, isouter=True)
    .join(Milestone, Milestone.id == ReminderRule.milestone_id, isouter=True),
    "settings": select(Settings.id, literal("the settings")),
    "signatory": select(Signatory.id, Signatory.name),
    "user": select(User.id, User.name),
    "workstream": select(Workstream.id, Workstream.name),
}


def names_of(
    session: Session, wanted: Iterable[tuple[str, int]], *, reader: User
) -> dict[tuple[str, int], str]:
    """Names of these records, one statement for each kind among them.

    The deleted have none, nor has what this reader may not read.
    """
    kept = {kinds[0]: model for model, kinds in confidential_kinds().items()}
    by_kind: dict[str, set[int]] = {}
    for kind, record_id in wanted:
        by_kind.setdefault(kind, set()).add(record_id)
    found: dict[tuple[str, int], str] = {}
    for kind, ids in by_kind.items():
        statement = NAMES.get(kind)
        if statement is None:
            continue
        if kind in kept:
            statement = statement.where(is_read_by(kept[kind], reader))
        key = statement.selected_columns[0]
        for record_id, name in session.execute(statement.where(key.in_(ids))):
            if name and name.strip():
                found[kind, record_id] = name.strip()
    return found


@cache
def audited_kinds() -> frozenset[str]:
    return frozenset(
        mapper.class_.__audit__
        for mapper in Base.registry.mappers
        if hasattr(mapper.class_, "__audit__")
    )


@cache
def kind_referred_to(kind: str, field: str) -> str | None:
    """The kind of record whose id this field of that kind holds."""
    for mapper in Base.registry.mappers:
        if getattr(mapper.class_, "__audit__", None) != kind or field not in mapper.columns:
            continue
        for key in mapper.columns[field].foreign_keys:
            for target in Base.registry.mappers:
                if target.local_table is key.column.table:
                    return getattr(target.class_, "__audit__", None)
    return None
