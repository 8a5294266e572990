"""Whom a note mentions, who is told, and what they are told."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import MemberOrganisation, Permission, User
from app.accounts.visibility import Visibility
from app.interactions.models import Interaction, InteractionKind
from app.notifications import mentions
from app.notifications.mentions import Mentioned
from app.notifications.models import Notification
from tests.conftest import CountStatements
from tests.factories import NOON, TODAY, make_user


def note_by(
    session: Session, author: User, visible_to: Visibility = Visibility.GROUP
) -> Interaction:
    note = Interaction(
        kind=InteractionKind.NOTE,
        happened_on=TODAY,
        body="Something secret, said to @Nina Sample.",
        written_at=NOON,
        author_id=author.id,
        member_organisation_id=author.member_organisation_id,
        visible_to=visible_to,
    )
    session.add(note)
    session.flush()
    return note


def save(session: Session, note: Interaction, by: User, text: str = "") -> Mentioned:
    return mentions.tell_mentioned(
        session,
        text=text or note.body,
        entry=note,
        key=f"interaction:{note.id}",
        where="a note of 22 November 2026",
        path=f"/interactions/{note.id}",
        by=by,
        at=NOON,
    )


def told(session: Session, user: User) -> list[Notification]:
    return list(session.scalars(select(Notification).where(Notification.user_id == user.id)))


def test_whoever_is_mentioned_is_told_once_however_often_the_note_is_saved(
    session: Session,
) -> None:
    author, nina = make_user(session, "Ann Author"), make_user(session, "Nina Sample")
    note = note_by(session, author)

    for text in ("@Nina Sample", "@Nina Sample and @Nina Sample", "Thanks, @nina sample!"):
        assert save(session, note, author, text).warnings == []

    [one] = told(session, nina)
    assert one.text == "Ann Author mentioned you in a note of 22 November 2026."
    assert one.path == f"/interactions/{note.id}"
    assert "secret" not in one.text


def test_another_entry_is_another_notification(session: Session) -> None:
    author, nina = make_user(session, "Ann Author"), make_user(session, "Nina Sample")
    for _ in range(2):
        save(session, note_by(session, author), author)
    assert len(told(session, nina)) == 2


@pytest.mark.parametrize("visible_to", [Visibility.AUTHOR, Visibility.MEMBER])
def test_whoever_may_not_read_the_note_is_not_told_and_the_author_is(
    session: Session, visible_to: Visibility
) -> None:
    author, nina = make_user(session, "Ann Author"), make_user(session, "Nina Sample")
    elsewhere = MemberOrganisation(name="Another Charity")
    session.add(elsewhere)
    session.flush()
    nina.member_organisation_id = elsewhere.id

    mentioned = save(session, note_by(session, author, visible_to), author)

    assert told(session, nina) == []
    assert mentioned.warnings == [
        "Nina Sample may not read this, so they were not told that you mentioned them."
    ]


def test_somebody_without_permission_to_read_is_not_told(session: Session) -> None:
    author = make_user(session, "Ann Author")
    nina = make_user(session, "Nina Sample", permissions=(Permission.ADMINISTER,))
    assert save(session, note_by(session, author), author).others == (nina,)
    assert told(session, nina) == []


def test_once_the_note_is_opened_to_the_group_its_next_saving_tells(session: Session) -> None:
    author, nina = make_user(session, "Ann Author"), make_user(session, "Nina Sample")
    note = note_by(session, author, Visibility.AUTHOR)
    save(session, note, author)
    note.visible_to = Visibility.GROUP
    save(session, note, author)
    assert len(told(session, nina)) == 1


def test_nobody_is_told_of_mentioning_themselves_or_after_they_left(session: Session) -> None:
    author, nina = make_user(session, "Ann Author"), make_user(session, "Nina Sample")
    nina.disabled_at = NOON
    note = note_by(session, author)
    save(session, note, author, "@Ann Author and @Nina Sample")
    assert told(session, author) == told(session, nina) == []


def test_of_two_colleagues_with_one_name_the_one_with_the_organisation_named_is_told(
    session: Session,
) -> None:
    author, nina = make_user(session, "Ann Author"), make_user(session, "Nina Sample")
    other = make_user(session, "Nina Sample")
    elsewhere = MemberOrganisation(name="Another Charity")
    session.add(elsewhere)
    session.flush()
    other.member_organisation_id = elsewhere.id
    note = note_by(session, author)

    assert "several" in save(session, note, author).warnings[0].lower()
    assert told(session, nina) == told(session, other) == []
    save(session, note, author, "@Nina Sample (Another Charity)")
    assert len(told(session, other)) == 1
    assert [one.to_type for one in mentions.colleagues(session, "nina")] == [
        "Nina Sample (Sample Charity)",
        "Nina Sample (Another Charity)",
    ]


def test_a_text_without_an_at_sign_costs_no_statement(
    session: Session, count_statements: CountStatements
) -> None:
    note = note_by(session, make_user(session))
    with count_statements() as statements:
        mentions.mentioned_in(session, "Nothing to see.", note)
    assert not statements


def test_colleagues_are_offered_by_the_beginning_of_any_of_their_names(
    client: FlaskClient, session: Session
) -> None:
    make_user(session, "Nina Anders")
    make_user(session, "Carl Nanning")
    make_user(session, "Joanna Black")
    session.commit()

    def offered(typed: str, **more: str) -> list[str]:
        answer = client.get("/colleagues", query_string={"q": typed, **more})
        return [one["name"] for one in answer.get_json()]

    assert offered("na") == ["Carl Nanning"]
    assert offered("n") == ["Nina Anders", "Carl Nanning"]
    assert offered("nina an") == ["Nina Anders"]
    assert offered("") == offered("%") == offered("_") == []


def test_who_may_not_read_what_is_being_written_is_said_before_they_are_chosen(
    client: FlaskClient, session: Session
) -> None:
    make_user(session, "Nina Sample")
    session.commit()
    asked = {"q": "nina", "visible_to": "author"}
    [one] = client.get("/colleagues", query_string=asked).get_json()
    assert one == {"name": "Nina Sample", "member": "Sample Charity", "may_read": False}
    assert client.get("/colleagues?q=nina").get_json()[0]["may_read"] is True
