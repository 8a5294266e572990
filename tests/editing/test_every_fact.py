"""Every pencil on every page, and every fact that a form offers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import html5lib
import pytest
from flask import Flask, template_rendered
from flask.testing import FlaskClient
from flask_wtf import FlaskForm
from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.audit.models import AuditEvent
from app.directory.models import Appointment
from app.interactions.models import Interaction
from tests.editing.opening import opened
from tests.editing.test_every_form import EDITS, Desk, edit  # noqa: F401  edit is a fixture
from tests.factories import make_user
from tests.pages import words
from tests.security.hostile import WORDS
from tests.security.walking import pages
from tests.security.world import World

SignIn = Callable[[User], FlaskClient]

# Forms of whole pages, which are no lists of facts.
AS_A_WHOLE = {"accounts", "settings", "letters"}
RECORDS = sorted(
    one
    for one, known in EDITS.items()
    if one.partition(".")[0] not in AS_A_WHOLE and known.beside and "workstreams.date" not in one
)
RECORDS.remove("workstreams.paper_edit")


@pytest.mark.parametrize("edit", RECORDS, indirect=True)
def test_changing_one_fact_leaves_alone_what_somebody_else_changed_meanwhile(
    edit: Desk,  # noqa: F811
) -> None:
    known = edit.edit
    fact = opened(edit.second, f"{edit.path}?only={known.field}")
    whole = opened(edit.first, edit.path)
    assert whole.save(**{known.beside: known.beside_says}).status_code == 302
    before = opened(edit.first, edit.path).fields
    assert fact.save(**{known.field: known.one}).status_code == 302

    now = opened(edit.first, edit.path).fields
    assert now[known.field] == [known.one]
    assert {name: said for name, said in now.items() if before.get(name) != said}.keys() == {
        known.field,
        "shown",
    }


@pytest.mark.parametrize("edit", RECORDS, indirect=True)
def test_two_change_the_same_fact_and_the_second_chooses_beside_it(
    edit: Desk,  # noqa: F811
) -> None:
    known, path = edit.edit, f"{edit.path}?only={edit.edit.field}"
    first, second = opened(edit.first, path), opened(edit.second, path)
    assert first.save(**{known.field: known.one}).status_code == 302
    told = second.is_told(**{known.field: known.other})
    assert told.says(known.field) == known.other
    assert known.one in told.text
    assert told.save(**{f"keep-{known.field}": "theirs"}).status_code == 302
    assert opened(edit.first, path).says(known.field) == known.one


def pencils(app: Flask, session: Session, world: World, browser: FlaskClient) -> dict[str, str]:
    """The address of each, and what it says."""
    appointment = session.get_one(Appointment, world.names["appointment_id"])
    meeting = session.get_one(Interaction, world.names["meeting_id"])
    meeting.agenda, meeting.link = "What next", "https://example.org/call"
    further = [f"/posts/{appointment.post_id}", f"/interactions/{meeting.id}"]
    session.commit()
    found: dict[str, str] = {}
    for path in [*(one.path for one in pages(app, world)), *further]:
        answer = browser.get(path)
        if answer.mimetype != "text/html" or answer.status_code != 200:
            continue
        page = html5lib.parse(answer.text, namespaceHTMLElements=False)
        for link in page.iter("a"):
            if link.get("data-change") is not None:
                found[str(link.get("href"))] = words(link)
    return found


@contextmanager
def forms_shown() -> Iterator[list[Any]]:
    """Each form that a small page was made of."""
    seen: list[Any] = []

    def note(_: Flask, template: Any, context: Any, **__: Any) -> None:
        if template.name == "_one_fact_page.html":
            seen.append(context["form"])

    with template_rendered.connected_to(note):
        yield seen


def facts_of_forms(kind: type[Any] = FlaskForm) -> Iterator[type[Any]]:
    for one in kind.__subclasses__():
        if "facts" in vars(one):
            yield one
        yield from facts_of_forms(one)


@pytest.mark.one_database("of links on pages")
@pytest.mark.slow("walks every page there is")
def test_each_pencil_leads_to_a_page_of_its_name_and_every_fact_has_one(
    app: Flask, session: Session, world: World, sign_in: SignIn
) -> None:
    browser = sign_in(world.me)
    seen: dict[type[Any], set[str]] = {}
    wrong = []
    for url, said in pencils(app, session, world, browser).items():
        with forms_shown() as shown:
            page = html5lib.parse(browser.get(url).text, namespaceHTMLElements=False)
        heading = words(page.find(".//h1"))
        if not shown or not said.startswith(f"{heading}: "):
            wrong.append((url, said, heading))
            continue
        (only,) = parse_qs(urlsplit(url).query)["only"]
        seen.setdefault(type(shown[0]), set()).add(only)
    assert not wrong
    missing = {one.__name__: set(one.facts) - seen.get(one, set()) for one in facts_of_forms()}
    assert not {name: facts for name, facts in missing.items() if facts}


@pytest.mark.slow("saves every fact there is")
def test_a_fact_saved_as_it_is_changes_nothing_and_nothing_typed_into_it_breaks_anything(
    app: Flask, session: Session, world: World, sign_in: SignIn
) -> None:
    browser = sign_in(world.me)
    connection = session.get_bind()
    assert isinstance(connection, Connection)

    def changes() -> int | None:
        found = session.scalar(select(func.max(AuditEvent.id)))
        session.commit()
        return found

    wrong: list[Any] = []
    for url in pencils(app, session, world, browser):
        form = opened(browser, url)
        form.save()  # what the world's records imply is laid out
        before = changes()
        if form.save().status_code != 302 or changes() != before:
            wrong.append((url, "changed"))
        for typed in WORDS:
            attempt = connection.begin_nested()
            sent = {**form.fields, **{name: [typed] for name in form.fields if name != "shown"}}
            answer = browser.post(url, data=sent)
            attempt.rollback()
            if answer.status_code >= 500:
                wrong.append((url, answer.status_code, typed[:40]))
    assert not wrong


@pytest.mark.one_database("of links on pages")
@pytest.mark.slow("walks every page there is")
def test_whoever_only_looks_finds_no_pencil_anywhere(
    app: Flask, session: Session, world: World, sign_in: SignIn
) -> None:
    looker = make_user(session, "Lou Looker", permissions=(Permission.VIEW,))
    session.commit()
    urls = list(pencils(app, session, world, sign_in(world.me)))
    browser = sign_in(looker)
    assert not pencils(app, session, world, browser)
    for url in urls:
        assert browser.get(url).status_code == 403, url
        assert browser.post(url, data={}).status_code == 403, url
