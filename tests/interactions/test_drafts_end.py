"""Words that were saved are offered as unsaved no longer, in however many sittings they came."""

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.interactions.drafts import autosave, jobs
from app.interactions.entries import services
from app.interactions.models import Draft, Interaction, InteractionKind
from tests.factories import NOON, TODAY, make_draft, make_organisation

TOKEN = "a-form-token-of-an-entry"


def me(session: Session) -> User:
    return session.scalars(select(User)).one()


def type_on(client: FlaskClient, session: Session, page: str, body: str, tab: str) -> Any:
    """What notes.js sends for the box of this page."""
    key, revision = box_of(page)
    fields = {"kind": ["call"], "happened_on": [TODAY.isoformat()], "visible_to": ["group"]}
    typed = {"key": key, "revision": revision, "body": body, "path": "/log", "tab": tab * 20}
    sent = typed | {"as": me(session).id, "save": 1, "fields": json.dumps(fields)}
    return client.post("/drafts", data=sent)


def box_of(page: str) -> tuple[str, str]:
    found = re.search(r'data-notes data-key="([^"]*)" data-revision="(\d+)"', page)
    assert found, page
    return found[1], found[2]


def form_of(page: str, **more: Any) -> dict[str, Any]:
    """The form of the page as it would be sent."""
    names = ("form_token", "draft_key", "draft_revision")
    hidden = {
        name: found[1]
        for name in names
        if (found := re.search(rf'name="{name}"[^>]*value="([^"]*)"', page))
    }
    assert len(hidden) == len(names)
    plain = {"kind": "call", "happened_on": TODAY.isoformat(), "visible_to": "group"}
    return plain | hidden | more


def drafts(session: Session) -> list[Draft]:
    session.expire_all()
    return list(session.scalars(select(Draft).order_by(Draft.id)))


def entries(session: Session) -> list[Interaction]:
    session.expire_all()
    return list(session.scalars(select(Interaction)))


def offered(client: FlaskClient) -> bool:
    pages = [client.get(path).text for path in ("/", "/log", "/drafts")]
    return any("Show them" in page or "?keep=" in page for page in pages)


@pytest.mark.parametrize("typed_on", [None, "Half a thought, made whole"])
def test_a_draft_gone_on_with_and_saved_at_once_is_gone(
    client: FlaskClient, session: Session, typed_on: str | None
) -> None:
    board = make_organisation(session)
    session.commit()
    type_on(client, session, client.get("/log").text, "Half a thought", "a")
    (draft,) = drafts(session)

    page = client.get(f"/log?keep={draft.id}").text
    assert "Half a thought" in page
    body = typed_on or "Half a thought"
    client.post("/log", data=form_of(page, body=body, organisations=[board.id]))

    assert [one.body for one in entries(session)] == [body]
    assert drafts(session) == []
    assert not offered(client)


def test_each_sitting_goes_on_with_the_same_words_and_leaves_no_copy(
    client: FlaskClient, session: Session
) -> None:
    board = make_organisation(session)
    session.commit()
    page = client.get("/log").text
    for sitting, tab in enumerate("abcd"):
        answer = type_on(client, session, page, f"Sitting {sitting}", tab)
        assert answer.status_code == 200, answer.text
        (draft,) = drafts(session)
        page = client.get(f"/log?keep={draft.id}").text
        assert f"Sitting {sitting}" in page
    client.post("/log", data=form_of(page, body="All of it", organisations=[board.id]))

    assert len(entries(session)) == 1
    assert drafts(session) == []


def test_a_copy_from_another_tab_can_be_gone_on_with_and_saved(
    client: FlaskClient, session: Session
) -> None:
    """Two tabs, two texts: the one that is saved is done with, the other goes to the notes."""
    board = make_organisation(session)
    session.commit()
    page = client.get("/log").text
    type_on(client, session, page, "The main words", "a")
    key, _ = box_of(page)
    type_on(client, session, page.replace(key, f"{key}~{'b' * 20}"), "Beside them", "b")
    main, beside = drafts(session)

    page = client.get(f"/log?keep={beside.id}").text
    assert type_on(client, session, page, "Beside them, and more", "c").status_code == 200
    assert len(drafts(session)) == 2
    page = client.get(f"/log?keep={beside.id}").text
    sent = form_of(page, body="Beside them, and more", organisations=[board.id])
    client.post("/log", data=sent)

    (entry,) = entries(session)
    assert entry.body == "Beside them, and more"
    (left,) = drafts(session)
    assert (left.id, left.body) == (main.id, "The main words")
    assert autosave.entry_of(left.key) == entry.id
    assert f'href="/interactions/{entry.id}?keep={left.id}"' in client.get("/drafts").text
    assert "unsaved" not in client.get("/log").text
    page = client.get(f"/interactions/{entry.id}?keep={left.id}").text
    assert "The main words" in page
    both = f"{entry.body}\n\nThe main words"
    hidden = re.findall(r'name="(draft_key|draft_revision|base_version)"[^>]*value="([^"]*)"', page)
    client.post(f"/interactions/{entry.id}/notes", data={**dict(hidden), "body": both})
    assert [one.body for one in entries(session)] == [both]
    assert drafts(session) == []


def test_the_same_form_sent_again_logs_nothing_twice_and_loses_nothing(
    client: FlaskClient, session: Session
) -> None:
    board = make_organisation(session)
    session.commit()
    sent = form_of(client.get("/log").text, body="As it was said", organisations=[board.id])
    for _ in range(2):
        assert client.post("/log", data=sent).status_code == 302
    assert drafts(session) == []

    answer = client.post("/log", data=sent | {"body": "As it was said, and after *Back* more"})

    (entry,) = entries(session)
    assert entry.body == "As it was said"
    page = client.get(answer.location).text
    assert "saved already" in page
    assert "As it was said, and after *Back* more" in page
    (kept,) = drafts(session)
    assert autosave.entry_of(kept.key) == entry.id


def test_drafts_left_over_from_before_are_tidied_away(
    session: Session, client: FlaskClient
) -> None:
    by = me(session)
    entry = services.write_down(
        session,
        kind=InteractionKind.CALL,
        happened_on=TODAY,
        body="Saved",
        organisations=[make_organisation(session)],
        by=by,
        at=NOON,
        today=TODAY,
        form_token=TOKEN,
    )
    for key, body in ((TOKEN, "Saved"), (f"{TOKEN}~{'a' * 20}", "Saved, and more")):
        make_draft(session, by, entry, body).key = key
        session.flush()
    make_draft(session, by, entry, "Of no entry yet").key = "another-form-token-here"
    session.commit()

    jobs.tidy(session, NOON)

    left = {one.body: autosave.entry_of(one.key) for one in drafts(session)}
    assert left == {"Saved, and more": entry.id, "Of no entry yet": None}
