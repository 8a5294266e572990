"""What every page shares: the frame, the forms, and lists as page and as file."""

from collections.abc import Iterator
from typing import Any

import html5lib
import pytest
from flask import Flask, render_template
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs lag
from wtforms.validators import DataRequired

from app.accounts.access import public
from app.accounts.models import MemberOrganisation
from app.audit.models import AuditEvent
from app.core.db import db
from app.core.web import pages
from app.core.web.lists import Column, Filter, FilterKind, ListView
from tests.conftest import config_for, running_app
from tests.databases import Databases
from tests.pages import check_page

MEMBERS = ListView(
    "Member organisations",
    [Column("name", "Name", lambda row: row.name, sort=MemberOrganisation.name)],
    [Filter("q", "Name contains", FilterKind.TEXT, MemberOrganisation.name.icontains)],
    tie_break=MemberOrganisation.id,
    default_sort="name",
)
LIST = """{% extends "base.html" %}{% from "_list.html" import list_page %}
{% block title %}{{ "Members & <friends>" }}{% endblock %}
{% block content %}{% call(row) list_page(listing, "member", empty=("No members yet", "")) %}
<td>{{ row.name }}</td>{% endcall %}{% endblock %}"""
FORM = """{% extends "base.html" %}{% from "_macros.html" import post_form, field, submit %}
{% block title %}Add a person{% endblock %}
{% block content %}{% call post_form(form) %}{{ field(form.name, help="As they sign") }}
{{ field(form.region) }}{{ field(form.how) }}{{ field(form.objects) }}{{ submit("Save person") }}
{% endcall %}{% endblock %}"""


class PersonForm(FlaskForm):  # type: ignore[misc]
    name = StringField("Name", validators=[DataRequired("Enter the name")])
    region = SelectField("Region", choices=[SelectChoice("a", "London")])
    how = RadioField(
        "How",
        choices=[SelectChoice("a", "Email"), SelectChoice("b", "Post")],
        validators=[DataRequired("Say how")],
    )
    objects = BooleanField("Objects to contact")


@pytest.fixture(scope="module")
def pages_app(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The app with two more pages, and two members whose names try something."""
    config = config_for(databases.copy(), tmp_path_factory.mktemp("data"))
    with running_app(config) as app:
        extra = DictLoader({"list.html": LIST, "form.html": FORM})
        app.jinja_loader = ChoiceLoader([FileSystemLoader("templates"), extra])

        @app.get("/members")
        @public
        def members() -> ResponseReturnValue:
            return pages.show_list("list.html", MEMBERS, select(MemberOrganisation))

        @app.route("/form", methods=["GET", "POST"])
        @public
        def form() -> ResponseReturnValue:
            form = PersonForm()
            form.validate_on_submit()
            return render_template("form.html", form=form)

        with app.app_context():
            db.session.add_all(
                MemberOrganisation(name=name) for name in ("=cmd|' /C calc'!A0", "A & B <C>")
            )
            db.session.commit()
        yield app


@pytest.fixture
def visit(pages_app: Flask) -> FlaskClient:
    return pages_app.test_client()


def test_names_are_shown_as_they_are_and_run_nowhere(visit: FlaskClient) -> None:
    html = visit.get("/members").text

    assert "<title>Members &amp; &lt;friends&gt; – Liaise</title>" in html
    assert "A &amp; B &lt;C&gt;" in html
    assert "2 members" in html


def test_a_list_is_also_a_file_and_taking_it_is_recorded(
    visit: FlaskClient, pages_app: Flask
) -> None:
    response = visit.get("/members?format=csv&q=c")

    assert response.mimetype == "text/csv"
    assert response.headers["Content-Disposition"].startswith("attachment; filename=member-organ")
    assert response.data.startswith(b"\xef\xbb\xbf"), "or Excel on Windows misreads its accents"
    lines = response.data.decode("utf-8-sig").splitlines()
    assert lines == ["Name", "'=cmd|' /C calc'!A0", "A & B <C>"]
    with pages_app.app_context():
        event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
        assert event is not None
        assert event.action == "exported"
        assert event.summary == "Member organisations, 2 rows, only Name contains: c"


def test_when_nothing_matches_the_page_says_which_filter_to_remove(visit: FlaskClient) -> None:
    html = visit.get("/members?q=zzz").text

    assert "Nothing matches" in html
    assert "Remove “Name contains: zzz”" in html
    assert "then 2 members" in html


def test_a_refused_form_says_what_is_wrong_at_the_top_and_beside_the_field(
    visit: FlaskClient,
) -> None:
    response = visit.post("/form", data={"name": "", "region": "a"})
    check_page(response.text)
    page: Any = html5lib.parse(response.text, namespaceHTMLElements=False)

    assert page.findtext(".//title") == "Error: Add a person – Liaise"
    summary = page.find(".//*[@data-error-summary]")
    assert [link.get("href") for link in summary.iter("a")] == ["#name", "#how-0"]
    ids = {element.get("id") for element in page.iter() if element.get("id")}
    assert {"name", "how-0"} <= ids
    name = page.find(".//input[@id='name']")
    assert name.get("aria-invalid") == "true"
    assert name.get("aria-describedby") == "name-hint name-error"
    assert {"name-hint", "name-error"} <= ids
    group = page.find(".//fieldset")
    assert group.get("aria-describedby") == "how-error"
    assert page.find(".//form[@novalidate]") is not None


def test_a_fresh_form_complains_of_nothing(visit: FlaskClient) -> None:
    html = visit.get("/form").text

    assert "<title>Add a person – Liaise</title>" in html
    assert "There is a problem" not in html
    assert "aria-invalid" not in html


def test_the_menu_offers_only_what_this_person_may_open(
    client: FlaskClient, stranger: FlaskClient, session: Session
) -> None:
    assert 'aria-label="Main"' in client.get("/no-such-page").text
    assert 'aria-label="Main"' not in stranger.get("/no-such-page").text
