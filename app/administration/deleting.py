"""What can be deleted, by whom, and where each kind's rules of the field say more than its keys.

What the field itself has a word for is no deletion: a follow-up is dropped, a meeting cancelled, a
post ended. Deleting is for what should never have been written down.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.accounts.visibility import Confidential
from app.administration.record_labels import NAMES
from app.audit.rules import kind_words
from app.bin import services
from app.bin.models import Binned, BinnedHow, BinnedRow
from app.bin.queries import may_see
from app.bin.services import Restored
from app.core.errors import DomainError
from app.directory.models import (
    Appointment,
    Organisation,
    Person,
    PersonEmail,
    ReferenceFact,
)
from app.directory.services import people
from app.documents.models import Document
from app.followups.models import FollowUp
from app.interactions.drafts import autosave
from app.interactions.entries import services as interactions
from app.interactions.models import Interaction, InteractionKind, Offer, Outcome, Theme
from app.interactions.rules import ARRANGED
from app.letters.drafting import letter_rows
from app.letters.models import LetterTemplate, Mailing, MailingState
from app.milestones.models import Milestone
from app.reminders.models import ReminderRule
from app.workstreams.models import Workstream, WorkstreamDate, WorkstreamPaper

BY_COORDINATORS = (Permission.COORDINATE,)
BY_ALL_WHO_LOG = (Permission.LOG, Permission.COORDINATE)


class CannotBeDeleted(DomainError):
    """A rule of the field that no foreign key knows."""


def _nothing(_session: Session, _row: Any) -> Sequence[Any]:
    return ()


def _by_its_parts(_row: Any) -> str:
    """What has no name of its own is called after what it links (naming.NAMES)."""
    return ""


@dataclass(frozen=True)
class DeletableKind:
    """One kind of record that can be deleted.

    `page` is the endpoint of its page, or of what it is a part of; `argument` how that names it,
    and `of` the column to take it from. `listing` is where one lands when it is gone.
    """

    model: Any
    by: tuple[Permission, ...]
    listing: str
    page: str
    argument: str
    of: str = "id"
    name: Callable[[Any], str] = lambda row: str(row.name)
    refuse: Callable[[Session, Any], None] = lambda _session, _row: None
    along: Callable[[Session, Any], Sequence[Any]] = _nothing
    changing: Callable[[Session, Any], Sequence[tuple[Any, dict[str, Any]]]] = _nothing

    @property
    def is_part(self) -> bool:
        return self.of != "id"


def _refuse_objector(_session: Session, person: Person) -> None:
    if person.objected_on is not None:
        raise CannotBeDeleted(
            f"{person.name} objected to being contacted, and this record is what keeps everybody "
            "from writing to them again. Keep it, or merge it with their other record."
        )


def _refuse_reference(session: Session, row: Organisation) -> None:
    of_files = select(ReferenceFact.record_id).where(
        ReferenceFact.kind == "organisation", ReferenceFact.record_id == row.id
    )
    if session.scalar(of_files.limit(1)) is not None:
        raise CannotBeDeleted(
            f"{row.name} comes from the published lists, so it cannot be deleted here. "
            "If it no longer exists, record its end."
        )


def _refuse_of_the_law(_session: Session, row: Milestone) -> None:
    if row.code or row.series_id:
        source = "a duty that comes each year" if row.series_id else "the published list of dates"
        raise CannotBeDeleted(f"“{row.title}” comes from {source}. Cancel it instead.")


def _refuse_what_was_put_forward(_session: Session, row: Mailing) -> None:
    if row.state is not MailingState.DRAFT:
        raise CannotBeDeleted(f"“{row.name}” is {row.state.value}. Only a draft can be discarded.")
    if row.chases_id is not None:
        raise CannotBeDeleted("Drop the chaser instead, and say why.")


def _drafts(session: Session, row: Interaction) -> Sequence[Any]:
    return autosave.of_entry(session, row)


def _its_follow_up(session: Session, row: Outcome) -> Sequence[Any]:
    follow_up = session.get(FollowUp, row.follow_up_id) if row.follow_up_id else None
    return [follow_up] if follow_up else []


def _the_next_address(
    session: Session, row: PersonEmail
) -> Sequence[tuple[PersonEmail, dict[str, Any]]]:
    other = people.next_preferred(session, row)
    return [(other, {"is_preferred": True})] if other else []


KINDS: Mapping[str, DeletableKind] = {
    "person": DeletableKind(
        Person,
        BY_COORDINATORS,
        "directory.people",
        "directory.person",
        "person_id",
        refuse=_refuse_objector,
    ),
    "person_email": DeletableKind(
        PersonEmail,
        BY_COORDINATORS,
        "directory.people",
        "directory.person",
        "person_id",
        of="person_id",
        name=lambda row: str(row.address),
        changing=_the_next_address,
    ),
    "appointment": DeletableKind(
        Appointment,
        BY_COORDINATORS,
        "directory.people",
        "directory.post",
        "post_id",
        of="post_id",
        name=_by_its_parts,
    ),
    "organisation": DeletableKind(
        Organisation,
        BY_COORDINATORS,
        "directory.organisations",
        "directory.organisation",
        "organisation_id",
        refuse=_refuse_reference,
    ),
    "interaction": DeletableKind(
        Interaction,
        BY_ALL_WHO_LOG,
        "interactions.meetings",
        "interactions.read",
        "interaction_id",
        name=lambda row: row.subject or f"{row.kind.value.capitalize()} of {_day(row)}",
        along=_drafts,
    ),
    "point": DeletableKind(
        Outcome,
        BY_ALL_WHO_LOG,
        "promises.commitments",
        "promises.point",
        "point_id",
        name=lambda row: str(row.text),
        along=_its_follow_up,
    ),
    "follow_up": DeletableKind(
        FollowUp,
        BY_ALL_WHO_LOG,
        "promises.follow_ups",
        "promises.follow_up",
        "follow_up_id",
        name=lambda row: str(row.what),
    ),
    "offer": DeletableKind(
        Offer,
        BY_ALL_WHO_LOG,
        "promises.offers",
        "promises.offer",
        "offer_id",
        name=lambda row: str(row.what),
    ),
    "theme": DeletableKind(
        Theme, BY_COORDINATORS, "interactions.themes", "interactions.edit_theme", "theme_id"
    ),
    "document": DeletableKind(
        Document,
        BY_ALL_WHO_LOG,
        "documents.listing",
        "documents.show",
        "document_id",
        name=lambda row: str(row.title),
    ),
    "milestone": DeletableKind(
        Milestone,
        BY_COORDINATORS,
        "milestones.listing",
        "milestones.show",
        "milestone_id",
        name=lambda row: str(row.title),
        refuse=_refuse_of_the_law,
    ),
    "reminder_rule": DeletableKind(
        ReminderRule,
        BY_COORDINATORS,
        "reminders.rules",
        "reminders.rule",
        "rule_id",
        name=_by_its_parts,
    ),
    "letter_template": DeletableKind(
        LetterTemplate, BY_COORDINATORS, "letters.templates", "letters.template", "template_id"
    ),
    "mailing": DeletableKind(
        Mailing,
        BY_COORDINATORS,
        "letters.mailings",
        "letters.mailing",
        "mailing_id",
        refuse=_refuse_what_was_put_forward,
    ),
    "workstream": DeletableKind(
        Workstream,
        BY_ALL_WHO_LOG,
        "workstreams.workstreams",
        "workstreams.workstream",
        "workstream_id",
    ),
    "workstream_paper": DeletableKind(
        WorkstreamPaper,
        BY_ALL_WHO_LOG,
        "workstreams.workstreams",
        "workstreams.workstream",
        "workstream_id",
        of="workstream_id",
        name=lambda row: str(row.title),
    ),
    "workstream_date": DeletableKind(
        WorkstreamDate,
        BY_ALL_WHO_LOG,
        "workstreams.workstreams",
        "workstreams.workstream",
        "workstream_id",
        of="workstream_id",
        name=lambda row: str(row.what),
    ),
}


def _day(row: Interaction) -> str:
    return f"{row.happened_on.day} {row.happened_on:%B %Y}"


def readable(session: Session, kind: str, record_id: int, reader: User) -> Any:
    """The record, if there is one of this kind that can be deleted and this person may read it."""
    row = session.get(KINDS[kind].model, record_id) if kind in KINDS else None
    if isinstance(row, Confidential) and not row.may_be_read_by(reader):
        return None
    return row


def may_delete(session: Session, kind: str, row: Any, user: User) -> bool:
    """As for editing; what still needs the record is another matter, and is said when it does."""
    if not user.may(*KINDS[kind].by):
        return False
    if isinstance(row, Interaction):
        return interactions.may_change(session, row, user)
    return not isinstance(row, Confidential) or row.may_be_read_by(user)


def drafts_about(session: Session, kind: str, row: Any) -> Sequence[Mailing]:
    """Mailings that will have to be checked again once this record is gone."""
    return letter_rows.drafts_about(session, {kind: [row.id]})


def delete(session: Session, kind: str, row: Any, *, by: User, at: datetime) -> Binned:
    """Put it into the bin with all that goes along."""
    known = KINDS[kind]
    known.refuse(session, row)
    drafts = [row] if isinstance(row, Mailing) else drafts_about(session, kind, row)
    for draft in drafts:
        letter_rows.unfreeze(session, draft)
    return services.put_in_bin(
        session,
        row,
        name=name_of(session, kind, row),
        by=by,
        at=at,
        along=known.along(session, row),
        changing=known.changing(session, row),
    )


def restore(session: Session, binned: Binned, *, by: User, at: datetime) -> Restored:
    """Bring it back as it was, but for what somebody changed meanwhile."""
    restored = services.restore(session, binned, by=by, at=at)
    if binned.kind == "person_email":
        people.settle_preferred(session, session.get_one(PersonEmail, binned.record_id))
    return restored


def name_of(session: Session, kind: str, row: Any) -> str:
    """As its page is headed."""
    said = KINDS[kind].name(row)
    if not said and kind in NAMES:
        asked = NAMES[kind]
        said = session.execute(asked.where(asked.selected_columns[0] == row.id)).one()[1]
    return said or kind_words(kind)


def may_restore(session: Session, binned: Binned, user: User) -> bool:
    return bool(restorable(session, [binned], user))


def restorable(session: Session, found: Sequence[Binned], user: User) -> set[int]:
    """Those that this person could have changed as they were, or deleted."""
    may = {one.id for one in found if _may_by_kind(one, user)}
    entries = [one.id for one in found if one.kind == "interaction" and one.by_id != user.id]
    return may - set(entries) | may & _entries_to_change(session, entries, user)


def _may_by_kind(binned: Binned, user: User) -> bool:
    if not may_see(binned, user):
        return False
    if binned.how is not BinnedHow.DELETED:
        return user.may(*BY_COORDINATORS)
    return binned.kind in KINDS and user.may(*KINDS[binned.kind].by)


def _entries_to_change(session: Session, binned_ids: Sequence[int], user: User) -> set[int]:
    """`interactions.may_change`, of entries that are in the bin. One statement, or none."""
    if not binned_ids:
        return set()
    steps = session.scalars(
        select(BinnedRow).where(
            BinnedRow.binned_id.in_(binned_ids),
            BinnedRow.table.in_(("interaction", "interaction_user")),
        )
    )
    return {step.binned_id for step in steps if _lets_change(step, user)}


def _lets_change(step: BinnedRow, user: User) -> bool:
    if step.table == "interaction_user":
        return bool(step.key["user_id"] == user.id)
    is_arranged = InteractionKind(step.before["kind"]) in ARRANGED
    by_coordinator = is_arranged and user.may(Permission.COORDINATE)
    return by_coordinator or bool(step.before["author_id"] == user.id)
