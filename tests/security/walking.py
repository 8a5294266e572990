"""Every address of the app, and everything in its database, for tests that walk them all."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from flask import Flask
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from app.core.db import Base
from tests.security.world import World

# Pages that are about another record than the world's first, or about several in turn.
ABOUT: dict[str, tuple[dict[str, str], ...]] = {
    "letters.truth": ({"mailing_id": "released_id"},),
    "letters.mailing": ({}, {"mailing_id": "released_id"}),
    "letters.mailing_pause": ({"mailing_id": "released_id"},),
    "letters.mailing_stop": ({"mailing_id": "released_id"},),
    "letters.letter": (
        {},
        {"letter_id": "sent_id"},
        {"letter_id": "unknown_id"},
        {"letter_id": "outside_id"},
    ),
    "letters.letter_html": ({"letter_id": "sent_id"},),
    "letters.letter_message": ({"letter_id": "sent_id"},),
    "letters.letter_file": ({"letter_id": "outside_id"},),
    "letters.letter_arrived": ({"letter_id": "unknown_id"},),
    "letters.letter_send_again": ({"letter_id": "unknown_id"},),
    "letters.answer": ({"letter_id": "sent_id"},),
    "letters.letter_came_back": ({"letter_id": "sent_id"},),
    "letters.letter_did_not_come_back": ({"letter_id": "sent_id"},),
    "letters.letter_not_posted": ({"letter_id": "sent_id"},),
    "letters.mailing_print": ({"mailing_id": "released_id"},),
    "directory.organisation": ({}, {"organisation_id": "system_id"}),
    "directory.person": ({}, {"person_id": "objector_id"}),
    "directory.withdraw_objection": ({"person_id": "objector_id"},),
    "workstreams.put_meeting": ({}, {"interaction_id": "meeting_id"}),
    "workstreams.take_meeting": ({"interaction_id": "meeting_id"},),
    "calendars.one_meeting": ({"interaction_id": "meeting_id"},),
    "accounts.new_password": ({"token": "reset"},),
    "accounts.invitation": ({"token": "invitation"},),
    "settings.tick": ({"name": "check"},),
    "settings.untick": ({"name": "check"},),
}
HISTORIES = {
    "person": "person_id",
    "organisation": "organisation_id",
    "letter": "sent_id",
    "mailing": "mailing_id",
    "letter_template": "template_id",
    "user": "user_id",
    "interaction": "interaction_id",
    "follow_up": "follow_up_id",
    "point": "point_id",
    "offer": "offer_id",
    "post": "post_id",
    "signatory": "signatory_id",
    "member_organisation": "member_id",
    "lead_import": "import_id",
    "workstream": "workstream_id",
}
DELETED = {"offer": "offer_id", "interaction": "meeting_id", "person": "person_id"}
SAFE = {"GET", "HEAD", "OPTIONS"}


class Address(NamedTuple):
    endpoint: str
    method: str
    path: str


def addresses(app: Flask, world: World) -> Iterator[Address]:
    """Every address with every method, made of the world's own records."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        for values in _values(rule.endpoint, rule.arguments, world):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield Address(rule.endpoint, method, adapter.build(rule.endpoint, values, method))


def _values(endpoint: str, arguments: set[str], world: World) -> Iterator[dict[str, Any]]:
    if endpoint == "audit.record":
        for kind, name in HISTORIES.items():
            yield {"kind": kind, "record_id": world.names[name]}
        return
    if endpoint == "bin.delete":
        for kind, name in DELETED.items():
            yield {"kind": kind, "record_id": world.names[name]}
        return
    for about in ABOUT.get(endpoint, ({},)):
        yield {name: world.names[about.get(name, name)] for name in arguments}


def pages(app: Flask, world: World) -> list[Address]:
    return [one for one in addresses(app, world) if one.method == "GET"]


def unsafe(app: Flask, world: World) -> list[Address]:
    return [one for one in addresses(app, world) if one.method not in SAFE]


Rows = dict[str, list[tuple[Any, ...]]]


def everything(session: Session, *, but: dict[str, set[str]] | None = None) -> Rows:
    """Every row of every table, without the columns named (all of a table's: an empty set)."""
    connection: Connection = session.connection()
    found: Rows = {}
    for table in Base.metadata.sorted_tables:
        left_out = (but or {}).get(table.name)
        if left_out == set():
            continue
        columns = [one for one in table.columns if one.name not in (left_out or set())]
        rows = connection.execute(select(*columns).order_by(*table.primary_key)).all()
        found[table.name] = [tuple(row) for row in rows]
    session.commit()
    return found


def differences(before: Rows, after: Rows) -> dict[str, tuple[list[Any], list[Any]]]:
    """By table, the rows that went and the rows that came."""
    return {
        table: (
            [row for row in before[table] if row not in after[table]],
            [row for row in after[table] if row not in before[table]],
        )
        for table in before
        if before[table] != after[table]
    }
