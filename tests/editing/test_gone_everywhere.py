"""The page that every form shows when its record was deleted meanwhile."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from tests.editing.opening import opened
from tests.pages import check_page
from tests.security.walking import addresses
from tests.security.world import World

# Kind of record, the form that changes it, and what is typed into that.
CHANGED = [
    ("document", "documents.edit", "title", "Another plan"),
    ("follow_up", "promises.follow_up_change", "what", "Another thing"),
    ("interaction", "interactions.rewrite", "subject", "Another subject"),
    ("offer", "promises.offer_change", "what", "Another session"),
    ("point", "promises.point_change", "text", "Another promise"),
    ("theme", "interactions.edit_theme", "name", "Another theme"),
    ("workstream", "workstreams.workstream_edit", "name", "Another strand"),
    ("workstream_date", "workstreams.date_edit", "what", "Another day"),
    ("workstream_paper", "workstreams.paper_edit", "title", "Another paper"),
]
NUMBERS = {"workstream_date": "date_id", "workstream_paper": "paper_id"}


@pytest.mark.parametrize(("kind", "endpoint", "field", "typed"), CHANGED)
def test_what_was_typed_is_shown_and_saved_with_what_is_restored(  # noqa: PLR0917
    app: Flask,
    session: Session,
    world: World,
    sign_in: Callable[[User], FlaskClient],
    kind: str,
    endpoint: str,
    field: str,
    typed: str,
) -> None:
    me, other = sign_in(world.me), sign_in(world.me)
    number = world.names[NUMBERS.get(kind, f"{kind}_id")]
    path = next(one.path for one in addresses(app, world) if one.endpoint == endpoint)
    page = opened(me, path)
    deleted = other.post(f"/delete/{kind}/{number}")
    if deleted.status_code == 409:
        pytest.skip("something else needs it")
    assert deleted.status_code == 302
    answer = page.save(**{field: typed})

    check_page(answer.text)
    assert answer.status_code == 410
    assert typed in answer.text
    button = answer.text.split('name="restore" value="')[1].split('"')[0]
    assert page.save(restore=button).status_code == 302
    assert opened(me, path).says(field) == typed
