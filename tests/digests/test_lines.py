"""What stands on one person's list: theirs alone, in groups, and nothing they may not read."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.accounts.visibility import Visibility
from app.digests.queries import lines_for
from app.digests.rules import DigestSection, Group
from app.followups import services as followups
from app.followups.models import FollowUp
from app.followups.services import FollowUpDetails, Readers
from app.interactions.models import (
    Interaction,
    InteractionKind,
    InteractionOrganisation,
    InteractionState,
    InteractionUser,
)
from tests.factories import NOON, TODAY, make_draft, make_organisation, make_user

pytestmark = pytest.mark.date_sensitive
A_DAY = timedelta(days=1)


@pytest.fixture
def me(session: Session) -> User:
    return make_user(session, "Ines Sample")


def promise(session: Session, owner: User, due_on: date, what: str = "Send the pack") -> FollowUp:
    return followups.add(session, FollowUpDetails(what, owner, due_on), by=owner, at=NOON, on=TODAY)


def plan(session: Session, author: User, on: date, *, subject: str = "Asthma") -> Interaction:
    meeting = Interaction(
        kind=InteractionKind.MEETING,
        state=InteractionState.PLANNED,
        happened_on=on,
        subject=subject,
        written_at=NOON,
        author_id=author.id,
        member_organisation_id=author.member_organisation_id,
    )
    session.add(meeting)
    session.flush()
    return meeting


def listed(session: Session, user: User, **more: int) -> dict[Group, list[str]]:
    return {
        section.group: [line.link.words for line in section.lines]
        for section in found(session, user, **more)
    }


def found(session: Session, user: User, **more: int) -> list[DigestSection]:
    return lines_for(session, user, TODAY, at=NOON, **more)


def test_what_i_promised_stands_under_its_day(session: Session, me: User) -> None:
    promise(session, me, TODAY, "Today's")
    promise(session, me, TODAY - 3 * A_DAY, "Late")
    promise(session, me, TODAY + 14 * A_DAY, "Soon")
    promise(session, me, TODAY + 15 * A_DAY, "Some day")
    promise(session, make_user(session), TODAY, "Another's")
    assert listed(session, me) == {
        Group.TODAY: ["Today's"],
        Group.OVERDUE: ["Late"],
        Group.COMING: ["Soon"],
    }
    assert found(session, me)[1].lines[0].pill == "Overdue 3 days"


def test_the_groups_stand_in_their_order(session: Session, me: User) -> None:
    for days in (3, -3, 0):
        promise(session, me, TODAY + days * A_DAY)
    assert [section.group for section in found(session, me)] == [
        Group.TODAY,
        Group.OVERDUE,
        Group.COMING,
    ]


def test_of_many_the_first_are_listed_and_the_rest_is_one_line_to_the_list(
    session: Session, me: User
) -> None:
    for number in range(12):
        promise(session, me, TODAY - A_DAY, f"Late {number}")
    [section] = found(session, me, most=8)
    assert [line.link.words for line in section.lines[6:]] == [
        *("Late 6", "Late 7", "and 4 more follow-ups"),
    ]
    assert section.count == 12
    assert section.lines[-1].link.values == {"until": (TODAY - A_DAY).isoformat()}


def test_what_is_put_off_or_done_is_not_listed(session: Session, me: User) -> None:
    asleep, done = promise(session, me, TODAY), promise(session, me, TODAY)
    followups.snooze(asleep, until=TODAY + A_DAY, reason="Half-term", on=TODAY)
    followups.finish(session, done, by=me, at=NOON, on=TODAY)
    assert listed(session, me) == {}


def test_a_follow_up_kept_to_its_author_is_on_no_other_list(session: Session, me: User) -> None:
    other = make_user(session, "Olive Other")
    kept = Readers(Visibility.AUTHOR, other.member_organisation_id, other.id)
    wanted = FollowUpDetails("Secret", other, TODAY)
    follow_up = followups.add(session, wanted, by=other, at=NOON, on=TODAY, readers=kept)
    follow_up.owner_id = me.id
    session.flush()
    assert listed(session, me) == {}


def test_meetings_i_am_named_for_are_listed_and_those_of_others_are_not(
    session: Session, me: User
) -> None:
    other = make_user(session, "Olive Other")
    today, soon = plan(session, other, TODAY), plan(session, other, TODAY + A_DAY, subject="")
    plan(session, other, TODAY, subject="Not mine")
    body = make_organisation(session, short_name="Sampleshire")
    session.add_all(InteractionUser(interaction_id=one.id, user_id=me.id) for one in (today, soon))
    session.add(InteractionOrganisation(interaction_id=soon.id, organisation_id=body.id))
    session.flush()
    assert listed(session, me) == {
        Group.TODAY: ["Asthma"],
        Group.COMING: ["Meeting with Sampleshire"],
    }


def test_meetings_of_the_coming_fortnight_are_listed_to_its_last_day(
    session: Session, me: User
) -> None:
    for days in (-1, 0, 14, 15):
        plan(session, me, TODAY + days * A_DAY, subject=f"In {days} days")
    assert listed(session, me) == {
        Group.TODAY: ["In 0 days"],
        Group.COMING: ["In 14 days"],
    }


def test_a_meeting_kept_to_its_author_is_on_nobody_elses_list(session: Session, me: User) -> None:
    other = make_user(session, "Olive Other")
    meeting = plan(session, other, TODAY)
    meeting.visible_to = Visibility.AUTHOR
    session.add(InteractionUser(interaction_id=meeting.id, user_id=me.id))
    session.flush()
    assert listed(session, me) == {}
    assert listed(session, other) == {Group.TODAY: ["Asthma"]}


def test_my_unsaved_notes_are_one_line_and_make_no_mail(session: Session, me: User) -> None:
    make_draft(session, me, plan(session, make_user(session), TODAY))
    [section] = found(session, me)
    assert section.group is Group.WAITS
    assert not section.lines[0].calls


def test_what_is_only_coming_makes_no_mail(session: Session, me: User) -> None:
    promise(session, me, TODAY + A_DAY)
    plan(session, me, TODAY + A_DAY)
    [section] = found(session, me)
    assert not any(line.calls for line in section.lines)


def test_who_may_do_nothing_but_look_has_a_list_all_the_same(session: Session) -> None:
    reader = make_user(session, permissions=(Permission.VIEW,))
    assert listed(session, reader) == {}
