"""What is deleted and restored is row for row what it was."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Date,
    Enum,
    Float,
    Integer,
    LargeBinary,
    String,
    inspect,
    select,
)
from sqlalchemy.orm import Session

from app.audit.models import AuditEvent
from app.bin.dependencies import plan_of
from app.bin.models import Binned, BinnedHow, BinnedRow
from app.bin.queries import newest
from app.bin.rules import gone_on, read_back, written
from app.bin.services import (
    AlreadyDeleted,
    AlreadyRestored,
    NotYet,
    PlaceTaken,
    StandsInTheWay,
    begin,
    change,
    put_in_bin,
    restore,
    take,
)
from app.core.db import Base, UtcDateTime
from app.directory.models import Appointment, Organisation, Person, PersonEmail, PostObservation
from app.documents.models import Document
from app.followups.models import FollowUp
from app.interactions.models import (
    Interaction,
    InteractionPerson,
    Offer,
    OfferStep,
    Outcome,
    Theme,
)
from app.letters.models import LetterTemplate, Mailing, TemplateVersion
from app.milestones.models import Milestone
from app.reminders.models import ReminderRule
from app.workstreams.models import Workstream, WorkstreamDate, WorkstreamPaper
from tests.bin.everything import everything
from tests.factories import NOON, make_organisation, make_person
from tests.security.world import World

ROOTS = (
    *(Person, PersonEmail, Organisation, Appointment, PostObservation),
    *(Interaction, Outcome, FollowUp, Offer, OfferStep, Theme),
    *(Document, Milestone, ReminderRule, LetterTemplate, Mailing),
    *(Workstream, WorkstreamPaper, WorkstreamDate),
)


def delete(session: Session, row: Any, world: World, **more: Any) -> Binned:
    return put_in_bin(session, row, name="It", by=world.me, at=NOON, **more)


@pytest.mark.parametrize("model", ROOTS, ids=lambda model: str(model.__name__))
def test_a_record_that_is_deleted_and_restored_is_row_for_row_the_same(
    session: Session, world: World, model: Any
) -> None:
    theme = Theme(name="A theme of nothing")
    template = LetterTemplate(name="Never used")
    session.add_all((theme, template))
    make_person(session, "Nobody's")
    make_organisation(session, "An empty body")
    version = session.scalars(select(TemplateVersion.id)).first()
    draft = Mailing(name="Never checked", template_version_id=version, form_token="never")
    draft.created_at, draft.created_by_id = NOON, world.me.id
    session.add(draft)
    session.flush()
    tried = 0
    for number in session.scalars(select(model.id)).all():
        row = session.get_one(model, number)
        if plan_of(session, row).obstacles:
            continue
        before = everything(session)
        binned = delete(session, row, world)
        assert everything(session) != before
        session.expunge_all()
        restored = restore(
            session, binned := session.get_one(Binned, binned.id), by=world.me, at=NOON
        )
        assert not restored.left
        assert everything(session) == before
        assert binned.restored_at == NOON
        tried += 1
    assert tried, f"no {model.__name__} could be deleted"


# What is hard to keep of each kind of column.
HARD: tuple[tuple[type[Any], list[Any]], ...] = (
    (UtcDateTime, [datetime(2026, 10, 25, 1, 30, 0, 123456, tzinfo=UTC)]),
    (Date, [date(2024, 2, 29)]),
    (LargeBinary, [b"", bytes(range(256))]),
    (JSON, [[], {}, {"a": [1, None, "Ŵ"]}]),
    (String, ["", "Siân Ó Brádaigh-Łuczak\n"]),
    (Float, [0.1, 1e300]),
    (Boolean, [True, False]),
    (Integer, [0, -28, 2**31 - 1]),
)


def values_of(kind: Any) -> list[Any]:
    if isinstance(kind, Enum):
        return list(kind.enum_class or ())
    return next(values for known, values in HARD if isinstance(kind, known))


def test_every_column_there_is_is_kept_exactly() -> None:
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            for value in values_of(column.type):
                kept = json.loads(json.dumps(written(column.type, value)))
                again = read_back(column.type, kept)
                assert (again, type(again)) == (value, type(value)), column


def test_a_meeting_goes_with_its_points_and_links_and_what_came_of_it_stays(
    session: Session, world: World
) -> None:
    entry = session.get_one(Interaction, world.names["interaction_id"])
    point = session.get_one(Outcome, world.names["point_id"])
    follow_up_id = point.follow_up_id
    point_id = point.id
    delete(session, entry, world)
    session.expire_all()
    assert session.get(Outcome, point_id) is None
    assert session.get_one(FollowUp, follow_up_id).record_id is None
    went_with = newest(session, "point", point_id)
    assert went_with is not None
    assert went_with.kind == "interaction"


def test_what_needs_a_record_keeps_it_and_is_named(session: Session, world: World) -> None:
    theme = session.get_one(Theme, world.names["theme_id"])
    with pytest.raises(StandsInTheWay, match=r"there is 1 meeting, call or note with it\. Retire"):
        delete(session, theme, world)
    assert session.get(Theme, theme.id) is theme


def test_a_person_to_whom_letters_went_is_never_deleted(session: Session, world: World) -> None:
    refused = 0
    for person in session.scalars(select(Person)).all():
        obstacles = {one.table for one in plan_of(session, person).obstacles}
        if obstacles & {"letter", "letter_board", "letter_recipient"}:
            with pytest.raises(StandsInTheWay):
                delete(session, person, world)
            refused += 1
    assert refused


def test_its_number_is_never_given_to_another(session: Session, world: World) -> None:
    person = make_person(session, "Wrongly entered")
    number = person.id
    delete(session, person, world)
    assert make_person(session, "Somebody else").id > number


def test_the_history_says_that_it_was_put_in_the_bin_and_restored(
    session: Session, world: World
) -> None:
    theme = Theme(name="A theme of nothing")
    session.add(theme)
    session.flush()
    binned = delete(session, theme, world)
    restore(session, binned, by=world.me, at=NOON)
    acts = session.scalars(
        select(AuditEvent.action)
        .where(AuditEvent.kind == "theme", AuditEvent.record_id == theme.id)
        .order_by(AuditEvent.id)
    ).all()
    assert acts == ["created", "deleted", "put in the bin", "created", "restored"]
    assert not session.scalars(select(BinnedRow).where(BinnedRow.binned_id == binned.id)).all()


def test_it_is_deleted_once_and_restored_once(session: Session, world: World) -> None:
    theme = Theme(name="A theme of nothing")
    session.add(theme)
    session.flush()
    binned = delete(session, theme, world)
    with pytest.raises(AlreadyDeleted):
        delete(session, theme, world)
    restore(session, binned, by=world.me, at=NOON)
    with pytest.raises(AlreadyRestored):
        restore(session, binned, by=world.me, at=NOON)


def test_what_has_its_name_by_now_keeps_it_and_nothing_is_half_restored(
    session: Session, world: World
) -> None:
    theme = Theme(name="The same name")
    session.add(theme)
    session.flush()
    binned = delete(session, theme, world)
    session.add(Theme(name="The same name"))
    session.flush()
    before = everything(session)
    with pytest.raises(PlaceTaken, match="Rename or delete that"):
        restore(session, binned, by=world.me, at=NOON)
    assert everything(session) == before
    assert binned.restored_at is None


def test_what_belongs_to_something_in_the_bin_waits_for_that(
    session: Session, world: World
) -> None:
    person = make_person(session, "Wrongly entered")
    email = PersonEmail(person_id=person.id, address="x@example.org", address_key="x@example.org")
    session.add(email)
    session.flush()
    before = everything(session)
    of_email = put_in_bin(session, email, name="x@example.org", by=world.me, at=NOON)
    of_person = put_in_bin(session, person, name=person.name, by=world.me, at=NOON)
    with pytest.raises(NotYet, match="which is in the bin too"):
        restore(session, of_email, by=world.me, at=NOON)
    restore(session, of_person, by=world.me, at=NOON)
    restore(session, of_email, by=world.me, at=NOON)
    assert everything(session) == before


def test_a_field_somebody_changed_since_stays_as_it_is_and_is_named(
    session: Session, world: World
) -> None:
    person = make_person(session, "Wrongly entered")
    right = make_person(session, "Right one")
    follow_up = session.get_one(FollowUp, world.names["follow_up_id"])
    follow_up.person_id = person.id
    session.flush()
    binned = delete(session, person, world)
    assert follow_up.person_id is None
    follow_up.person_id = right.id
    session.flush()
    restored = restore(session, binned, by=world.me, at=NOON)
    assert restored.left == [("follow_up", "person_id")]
    assert follow_up.person_id == right.id


def test_a_ledger_of_changed_and_taken_rows_is_taken_back_whole(
    session: Session, world: World
) -> None:
    """As a merge keeps one: rows point at another record, one of them in its key."""
    kept, away = make_person(session, "Kept"), make_person(session, "Away")
    link = InteractionPerson(interaction_id=world.names["interaction_id"], person_id=away.id)
    session.add(link)
    session.flush()
    before = everything(session)
    binned = begin(
        session,
        away,
        name=away.name,
        by=world.me,
        at=NOON,
        how=BinnedHow.MERGED,
        merged_into_id=kept.id,
    )
    for email in session.scalars(select(PersonEmail).where(PersonEmail.person_id == away.id)):
        take(session, binned, email)
    change(session, binned, link, {"person_id": kept.id})
    change(session, binned, kept, {"note": "Also known from Oldshire.", "objected_on": NOON.date()})
    take(session, binned, away)
    assert inspect(link).identity == (world.names["interaction_id"], kept.id)
    session.expunge_all()
    restore(session, session.get_one(Binned, binned.id), by=world.me, at=NOON)
    assert everything(session) == before


@pytest.mark.parametrize(
    ("deleted", "gone"),
    [
        (datetime(2026, 10, 1, 22, 59, tzinfo=UTC), date(2026, 10, 31)),  # 23:59 in summer
        (datetime(2026, 10, 1, 23, 0, tzinfo=UTC), date(2026, 11, 1)),  # midnight in London
        (datetime(2026, 11, 1, 23, 59, tzinfo=UTC), date(2026, 12, 1)),
    ],
)
def test_the_last_day_is_counted_on_the_calendar_in_london(deleted: datetime, gone: date) -> None:
    assert gone_on(deleted) == gone
