"""What somebody keeps to themselves, or to their member organisation, is found by nobody else on
any page, list, download or history (SEC-38)."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO

import docx
import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import MemberOrganisation, User
from app.accounts.visibility import Visibility
from app.audit.services import Actor, act_as
from app.calendars import services as calendars
from app.core import clock
from app.directory.models import Organisation, Person
from app.followups.models import FollowUp
from app.interactions.entries import services
from app.interactions.entries.details import Details
from app.interactions.models import (
    Interaction,
    InteractionKind,
    InteractionState,
    Outcome,
    OutcomeKind,
    PromisedBy,
    Theme,
)
from app.interactions.outcomes import outcomes
from app.interactions.outcomes.outcomes import OutcomeDetails
from app.workstreams import services as workstreams
from app.workstreams.models import Workstream
from tests.factories import NOON, TODAY, make_user
from tests.security.walking import addresses
from tests.security.world import World

SignIn = Callable[[User], FlaskClient]

MINE, OURS = "Kestrelfeather", "Heronwharf"  # words that stand nowhere else
FRESH = re.compile(  # what is new each time a page is made: tokens, references, the time of day
    r'nonce="[^"]*"|"X-CSRFToken": "[^"]*"|(?<=value=")[\w.-]{20,}(?=")|data-key="[^"]*"'
    r'|data-seconds-left="\d+"|"seconds_left":\d+,"token":"[^"]*"|reference: <b>\w+</b>'
    r'|"disk_free_percent":\d+'
    r"|DTSTAMP:\w+|\d\d:\d\d(:\d\d(\.\d+)?)?"
)
SEARCHES = (f"words={MINE}&show=all", f"q={MINE}&name={MINE}", f"words={OURS}&q={OURS}&show=mine")
BOXES = (  # which offer names while somebody types
    "/log/choose?what=organisations&q=",
    "/log/choose?what=people&q=",
    "/colleagues?q=",
)
# The list of all that was done counts the downloads made here; the other is packed with the time.
ALWAYS_NEW = {"/history", "/imports/example.xlsx"}
KEPT = ("interaction", *(f"interaction_{one}" for one in ("organisation", "person", "user")))


def keep(session: Session, world: World, word: str, visible_to: Visibility) -> Interaction:
    """A meeting of today and what came out of it, with the word wherever words can stand."""
    names = world.names
    act_as(session, Actor(world.me.name, world.me.id))
    theme = session.scalars(select(Theme)).first()
    entry = services.log(
        session,
        Details(
            kind=InteractionKind.MEETING,
            state=InteractionState.HELD,
            happened_on=TODAY,
            subject=f"{word} subject",
            place=f"{word} place",
            link=f"https://example.org/{word}",
            agenda=f"{word} agenda",
            others=f"{word} guest",
            visible_to=visible_to,
            organisations=frozenset([names["organisation_id"], names["system_id"]]),
            people=frozenset([names["person_id"]]),
            ours=frozenset([world.me.id]),
            themes=frozenset([theme.id] if theme else []),
        ),
        body=f"{word} notes",
        by=world.me,
        at=NOON,
        today=TODAY,
    )
    for kind, side in ((OutcomeKind.COMMITMENT, PromisedBy.THEM), (OutcomeKind.FOLLOW_UP, None)):
        outcomes.add(
            session,
            OutcomeDetails(
                kind=kind,
                text=f"{word} {kind.value}",
                promised_by=side,
                organisation=session.get_one(Organisation, names["organisation_id"]),
                person=session.get_one(Person, names["person_id"]),
                owner=world.me,
                due_on=TODAY + timedelta(days=3),
            ),
            interaction=entry,
            by=world.me,
            at=NOON,
            on=TODAY,
        )
    strand = session.get_one(Workstream, names["workstream_id"])
    workstreams.put_meeting(session, strand, entry)
    promised = Outcome.interaction_id == entry.id, Outcome.kind == OutcomeKind.COMMITMENT
    workstreams.put_promise(
        session, strand, session.scalars(select(Outcome).where(*promised)).one()
    )
    session.commit()
    return entry


@pytest.fixture
def kept(session: Session, world: World) -> dict[str, Interaction]:
    return {
        MINE: keep(session, world, MINE, Visibility.AUTHOR),
        OURS: keep(session, world, OURS, Visibility.MEMBER),
    }


@pytest.fixture
def outsider(session: Session, sign_in: SignIn) -> FlaskClient:
    """With every permission there is, administration among them, but of another organisation."""
    elsewhere = MemberOrganisation(name="Another Charity")
    session.add(elsewhere)
    session.flush()
    user = make_user(session, "Olu Outsider")
    user.member_organisation_id = elsewhere.id
    session.commit()
    return sign_in(user)


@pytest.fixture
def feed(session: Session, outsider: FlaskClient) -> str:
    """The outsider's own calendar, which calendar programs read without signing in."""
    user = session.scalars(select(User).where(User.name == "Olu Outsider")).one()
    secret = calendars.make(session, user=user, at=NOON)
    session.commit()
    return f"/calendar/{secret}.ics"


def everywhere(app: Flask, world: World) -> Iterator[str]:
    """Every page with the world's records, as a page and as a download."""
    for one in addresses(app, world):
        # The address of a calendar is a secret: whoever has it reads as its owner.
        if one.method == "GET" and one.endpoint != "calendars.feed":
            yield one.path
            yield f"{one.path}?format=csv"
    for kind in ("point", "follow_up", "workstream_interaction", "workstream_point", *KEPT):
        for number in range(1, 6):
            yield f"/history/{kind}/{number}"


def said(browser: FlaskClient, path: str) -> str:
    """What somebody can read there, in a PDF or a Word file too."""
    answer = browser.get(path)
    if (
        re.search(r"/(briefing|letter|preview|print|test-page)\.pdf", path)
        and answer.status_code == 200
    ):
        return " ".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages)
    if (answer.content_type or "").endswith("wordprocessingml.document"):
        return " ".join(one.text for one in docx.Document(BytesIO(answer.data)).paragraphs)
    text: str = answer.data.decode(errors="replace")
    return text


def found_by(browser: FlaskClient, paths: Iterator[str], *words: str) -> list[str]:
    return [path for path in paths if any(word in said(browser, path) for word in words)]


@pytest.mark.slow("walks every page there is")
def test_nobody_else_finds_it_anywhere(
    app: Flask, world: World, kept: dict[str, Interaction], outsider: FlaskClient, sign_in: SignIn
) -> None:
    paths = list(everywhere(app, world))

    assert found_by(outsider, iter(paths), MINE, OURS) == []
    assert len(paths) > 150
    assert found_by(sign_in(world.colleague), iter(paths), MINE) == []


@pytest.mark.slow("walks every page there is, before and after")
def test_nothing_anybody_else_is_told_changes_when_it_is_written(
    app: Flask, session: Session, world: World, outsider: FlaskClient, feed: str
) -> None:
    """Not even a number: every page, list, search, download and feed is what it was before."""
    paths = [
        feed,
        *(one for one in everywhere(app, world) if f"{one}?".partition("?")[0] not in ALWAYS_NEW),
    ]
    lists = [path for path in paths if outsider.get(path).mimetype == "text/csv"]
    paths += [path.replace("format=csv", words) for path in lists for words in SEARCHES]
    paths += [f"{box}{word}" for box in BOXES for word in (MINE, OURS)]

    before = {path: FRESH.sub("", said(outsider, path)) for path in paths}
    keep(session, world, MINE, Visibility.AUTHOR)
    keep(session, world, OURS, Visibility.MEMBER)

    changed = [path for path in paths if FRESH.sub("", said(outsider, path)) != before[path]]
    assert changed == []
    assert len(lists) > 15


def test_those_who_may_read_it_find_it_where_it_belongs(
    world: World, kept: dict[str, Interaction], browser: FlaskClient, sign_in: SignIn
) -> None:
    """Or the test above would say little."""
    names = world.names
    places = (
        "/meetings",
        "/meetings?format=csv",
        f"/systems/{names['system_id']}",
        f"/organisations/{names['organisation_id']}/timeline",
        f"/people/{names['person_id']}/timeline",
        "/history/interaction/{}",
        "/interactions/{}",
        "/interactions/{}/edit",
    )
    for browsing, words in ((browser, (MINE, OURS)), (sign_in(world.colleague), (OURS,))):
        for word in words:
            for place in places:
                assert word in browsing.get(place.format(kept[word].id)).text, place


def test_guessing_an_address_finds_nothing_to_read_or_to_change(
    app: Flask, session: Session, world: World, kept: dict[str, Interaction], outsider: FlaskClient
) -> None:
    """Of the entries, of what came out of them, and of that within what is open to all."""
    adapter = app.url_map.bind("localhost")
    tried = set()
    for entry in kept.values():
        known = {**world.names, **numbers_of(session, entry)}
        for rule in app.url_map.iter_rules():
            if rule.arguments.isdisjoint(numbers_of(session, entry)):
                continue
            values = {name: known[name] for name in rule.arguments}
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                path = adapter.build(rule.endpoint, values, method)
                answer = outsider.open(path, method=method, data={"reason": "x"})
                assert answer.status_code == 404, f"{method} {path}"
                tried.add(rule.endpoint)
        for kind in KEPT:
            assert outsider.get(f"/history/{kind}/{entry.id}").status_code == 404
    assert len(tried) >= 24


def numbers_of(session: Session, entry: Interaction) -> dict[str, int]:
    """What an address about it is made of."""
    point = session.scalars(
        select(Outcome).where(Outcome.interaction_id == entry.id).order_by(Outcome.id).limit(1)
    ).one()
    assert point.follow_up_id is not None
    return {
        "interaction_id": entry.id,
        "point_id": point.id,
        "follow_up_id": point.follow_up_id,
    }


def test_searching_for_its_words_finds_nothing(
    kept: dict[str, Interaction], outsider: FlaskClient
) -> None:
    for word in kept:
        assert "Nothing matches" in outsider.get(f"/meetings?words={word}").text
        assert outsider.get(f"/meetings?words={word}&format=csv").text.count("\n") <= 1


def test_what_came_out_of_it_follows_when_it_is_opened_and_its_old_history_does_not(
    session: Session, world: World, kept: dict[str, Interaction], outsider: FlaskClient
) -> None:
    entry = session.get_one(Interaction, kept[MINE].id)
    session.info.pop("actor", None)
    shown = services.details_of(session, entry)
    services.rewrite(
        session,
        entry,
        Details(**{**shown.__dict__, "visible_to": Visibility.GROUP, "subject": "Open to all"}),
        by=session.get_one(User, world.me.id),
        today=clock.today(),
    )
    session.commit()

    came_out = [
        *session.scalars(select(Outcome).where(Outcome.text.contains(MINE))),
        *session.scalars(select(FollowUp).where(FollowUp.what.contains(MINE))),
    ]
    assert len(came_out) >= 3
    assert {row.visible_to for row in came_out} == {Visibility.GROUP}
    assert f"{MINE} notes" in outsider.get(f"/interactions/{entry.id}").text
    assert f"{MINE} subject" not in outsider.get(f"/history/interaction/{entry.id}").text
