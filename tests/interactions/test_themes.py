"""The tree of themes."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.errors import DomainError
from app.interactions import themes
from app.interactions.models import Theme
from tests.factories import TODAY


def test_everybody_begins_with_the_seven_criteria_and_more_and_only_once(session: Session) -> None:
    count = themes.load_starters(session)
    planted = themes.in_order(session.scalars(select(Theme)).all())
    first = [theme.name for theme in planted if theme.parent_id is None]

    assert count == len(planted)
    assert first[:7] == [
        "Population health",
        "Leadership",
        "Co-production",
        "Workforce",
        "Information and data",
        "Integration",
        "Inequalities",
    ]
    assert [planted[i].name for i in (4, 5, 6)] == [
        "Information and data",
        "Information sharing between services",
        "Consistent identifier",
    ]
    planted[0].name = "Health of the population"
    assert themes.load_starters(session) == 0


def test_a_name_stands_once_and_the_tree_has_two_levels(session: Session) -> None:
    top = themes.add(session, name="Data")
    below = themes.add(session, name="Sharing", parent=top)

    with pytest.raises(DomainError, match="There is a theme “Data” already"):
        themes.add(session, name=" data ")
    with pytest.raises(DomainError, match="first level"):
        themes.add(session, name="Deeper", parent=below)
    with pytest.raises(DomainError, match="first level"):
        themes.change(session, top, name="Data", parent=themes.add(session, name="Other"))


def test_a_retired_theme_takes_what_is_under_it_along_and_can_come_back(session: Session) -> None:
    top = themes.add(session, name="Data")
    below = themes.add(session, name="Sharing", parent=top)
    themes.retire(session, top, on=TODAY)
    assert (top.retired_on, below.retired_on) == (TODAY, TODAY)
    themes.restore(session, below)
    assert below.retired_on is None


def test_a_coordinator_tends_the_tree_on_its_page(client: FlaskClient, session: Session) -> None:
    client.post("/themes/new", data={"name": "Hospices", "parent": "0"})
    theme = session.scalars(select(Theme)).one()
    again = client.post("/themes/new", data={"name": "hospices", "parent": "0"}).text
    client.post(f"/themes/{theme.id}", data={"name": "Children’s hospices", "parent": "0"})
    client.post(f"/themes/{theme.id}/retire")

    page = client.get("/themes").text

    assert "There is a theme “Hospices” already." in again
    assert "Children’s hospices" in page
    assert "Bring back" in page
