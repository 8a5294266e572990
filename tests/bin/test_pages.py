"""Deleting from a page, taking it back, and what the bin shows to whom."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import scheduler
from app.accounts.models import Permission, User
from app.accounts.visibility import Visibility
from app.administration import deleting
from app.administration.deleting import KINDS
from app.administration.routes.bin import page_for
from app.bin import jobs
from app.bin.models import Binned, BinnedRow
from app.bin.services import put_in_bin
from app.core import clock
from app.core.db import db
from app.directory.models import Organisation, OrganisationKind, PersonEmail
from app.followups import services as followups
from app.followups.services import FollowUpDetails
from app.interactions.models import Interaction, Outcome, Theme
from app.letters.drafting.templates import latest_version, write_template
from app.letters.models import Mailing
from app.milestones.models import Milestone
from tests.bin.everything import everything
from tests.factories import TODAY, make_appointment, make_organisation, make_person, make_user
from tests.security.world import World

VIEWER = (Permission.VIEW,)
SignIn = Callable[[User], FlaskClient]


def one_of_each(session: Session, world: World) -> dict[str, int]:
    """A record of every kind that nothing keeps."""
    person = make_person(session, "Wrongly entered")
    body = make_organisation(session, "A body by hand", kind=OrganisationKind.VCSE)
    theme = Theme(name="Of nothing")
    template = write_template(
        session, name="Never used", purpose="", subject="S", body="B", by=world.me, at=clock.now()
    )
    words = write_template(
        session, name="Used", purpose="", subject="S", body="B", by=world.me, at=clock.now()
    )
    mailing = Mailing(
        name="Never sent",
        template_version=latest_version(session, words),
        created_at=clock.now(),
        created_by_id=world.me.id,
    )
    milestone = Milestone(title="A date of our own", due_on=TODAY)
    held = make_appointment(session, person=person, organisation=make_organisation(session, "B"))
    session.add_all((theme, milestone, mailing))
    session.flush()
    email = session.scalars(select(PersonEmail).where(PersonEmail.person_id == person.id)).one()
    names = world.names
    made = {
        "person_email": email.id,
        "appointment": held.id,
        "person": person.id,
        "organisation": body.id,
        "point": names["point_id"],
        "interaction": names["interaction_id"],
        "follow_up": names["loose_follow_up_id"],
        "offer": names["offer_id"],
        "theme": theme.id,
        "document": names["document_id"],
        "milestone": milestone.id,
        "reminder_rule": names["rule_id"],
        "letter_template": template.id,
        "mailing": mailing.id,
        "workstream_paper": names["paper_id"],
        "workstream_date": names["date_id"],
        "workstream": names["workstream_id"],
    }
    session.commit()
    return made


@pytest.fixture
def loose(session: Session, world: World) -> World:
    """With a follow-up that stands for no promise."""
    made = followups.add(
        session,
        FollowUpDetails("Ring back", world.me, TODAY),
        by=world.me,
        at=clock.now(),
        on=TODAY,
    )
    session.flush()
    world.names["loose_follow_up_id"] = made.id
    return world


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_is_deleted_from_its_page_and_taken_back_on_the_next(
    session: Session, loose: World, sign_in: SignIn, kind: str
) -> None:
    number = one_of_each(session, loose)[kind]
    browser = sign_in(loose.me)
    page, before = page_of(browser, session, kind, number), everything(session)
    assert f"/delete/{kind}/{number}" in page
    landed = browser.post(f"/delete/{kind}/{number}", follow_redirects=True)
    assert landed.status_code == 200
    assert "has been deleted." in landed.text
    session.expire_all()
    binned = session.scalars(select(Binned).order_by(Binned.id.desc())).first()
    assert binned is not None
    assert (binned.kind, binned.record_id) == (kind, number)
    assert f'action="/bin/{binned.id}/restore"' in landed.text
    shown = browser.get("/bin")
    assert f'action="/bin/{binned.id}/restore"' in shown.text
    back = browser.post(f"/bin/{binned.id}/restore", follow_redirects=True)
    assert back.status_code == 200
    assert "has been restored." in back.text
    session.expire_all()
    after = everything(session)
    del before["sign_in_session"], after["sign_in_session"]
    assert after == before
    assert browser.get("/bin").text.count("/restore") == 1  # the world’s own


def page_of(browser: FlaskClient, session: Session, kind: str, number: int) -> str:
    """The page on which its button is."""
    own = {
        "appointment": "/appointments/{}/edit",
        "mailing": "/letters/mailings/{}/choose",
        "theme": "/themes/{}",
        "workstream_paper": "/workstreams/papers/{}/edit",
        "workstream_date": "/workstreams/dates/{}/edit",
    }
    if kind in own:
        return browser.get(own[kind].format(number)).text
    with browser.application.test_request_context():
        address = page_for(kind, session.get_one(KINDS[kind].model, number))
    return browser.get(address).text


@pytest.mark.date_sensitive
def test_its_old_address_says_who_deleted_it_and_brings_it_back(
    session: Session, world: World, sign_in: SignIn
) -> None:
    person = make_person(session, "Wrongly entered")
    session.commit()
    browser = sign_in(world.me)
    browser.post(f"/delete/person/{person.id}")
    for address in (f"/people/{person.id}", f"/people/{person.id}/edit"):
        gone = browser.get(address)
        assert gone.status_code == 410
        assert "Deleted by Morgan Me" in gone.text
        assert "Restore" in gone.text
    assert browser.get(f"/people/{person.id + 1000}").status_code == 404
    history = browser.get(f"/history/person/{person.id}")
    assert history.status_code == 200
    assert "Put in the bin by Morgan Me" in history.text
    assert "History of Alex Wrongly entered" in history.text


def test_what_needs_a_record_is_named_and_linked_and_it_stays(
    session: Session, world: World, sign_in: SignIn
) -> None:
    browser = sign_in(world.me)
    refused = browser.post(f"/delete/theme/{world.names['theme_id']}")
    assert refused.status_code == 409
    assert "Retire the theme instead" in refused.text
    assert f'href="/interactions/{world.names["interaction_id"]}"' in refused.text
    assert session.get(Theme, world.names["theme_id"]) is not None


def test_whoever_objected_stays_so_that_nobody_writes_to_them_again(
    session: Session, world: World, sign_in: SignIn
) -> None:
    refused = sign_in(world.me).post(f"/delete/person/{world.names['objector_id']}")
    assert refused.status_code == 409
    assert "objected to being contacted" in refused.text


def test_what_comes_from_the_published_lists_is_not_deleted(
    session: Session, world: World, sign_in: SignIn
) -> None:
    browser = sign_in(world.me)
    listed = browser.post(f"/delete/organisation/{world.names['organisation_id']}")
    assert "comes from the published lists" in listed.text
    yearly = browser.post(f"/delete/milestone/{world.names['milestone_id']}")
    assert "Cancel it instead" in yearly.text
    assert session.get(Organisation, world.names["organisation_id"]) is not None


def test_who_may_not_change_a_record_neither_deletes_nor_restores_it(
    session: Session, world: World, sign_in: SignIn
) -> None:
    person = make_person(session, "Wrongly entered")
    reader = make_user(session, "Rory Reader", permissions=VIEWER)
    logger = make_user(session, "Logan Logger", permissions=(*VIEWER, Permission.LOG))
    session.commit()
    assert sign_in(reader).post(f"/delete/person/{person.id}").status_code == 403
    assert sign_in(logger).post(f"/delete/person/{person.id}").status_code == 403
    assert "Delete" not in sign_in(logger).get(f"/people/{person.id}").text
    coordinator = sign_in(world.me)
    coordinator.post(f"/delete/person/{person.id}")
    binned = session.scalars(select(Binned).order_by(Binned.id.desc())).first()
    assert binned is not None
    assert sign_in(logger).post(f"/bin/{binned.id}/restore").status_code == 403
    seen = sign_in(reader).get("/bin").text
    assert "Wrongly entered" in seen
    assert f"/bin/{binned.id}/restore" not in seen


def test_a_confidential_note_is_as_confidential_in_the_bin_and_after_it(
    session: Session, world: World, sign_in: SignIn
) -> None:
    note = session.get_one(Interaction, world.names["interaction_id"])
    number = note.id
    note.subject, note.visible_to = "A secret matter", Visibility.AUTHOR
    for point in session.scalars(select(Outcome).where(Outcome.interaction_id == number)):
        point.visible_to = Visibility.AUTHOR
    session.commit()
    mine, theirs = sign_in(world.me), sign_in(world.colleague)
    assert theirs.post(f"/delete/interaction/{number}").status_code == 404
    assert mine.post(f"/delete/interaction/{number}").status_code == 302
    binned = session.scalars(select(Binned).order_by(Binned.id.desc())).first()
    assert binned is not None

    def is_hidden() -> None:
        assert "A secret matter" not in theirs.get("/bin").text
        assert theirs.get(f"/bin/{binned.id}").status_code == 404
        assert theirs.post(f"/bin/{binned.id}/restore").status_code == 404
        assert theirs.get(f"/interactions/{number}").status_code == 404
        assert theirs.get(f"/history/interaction/{number}").status_code == 404
        assert "A secret matter" not in theirs.get("/history").text

    is_hidden()
    assert "A secret matter" in mine.get("/bin").text
    assert mine.get(f"/history/interaction/{number}").status_code == 200
    jobs.empty(session, clock.now() + timedelta(days=40))
    is_hidden()


@pytest.mark.date_sensitive
def test_what_was_deleted_30_days_ago_is_gone_for_good_and_only_that_is_known(
    session: Session, world: World, sign_in: SignIn
) -> None:
    person = make_person(session, "Wrongly entered")
    session.flush()
    binned = deleting.delete(session, "person", person, by=world.me, at=clock.now())
    number = person.id
    session.commit()
    browser = sign_in(world.me)
    jobs.empty(session, clock.now() + timedelta(days=28))
    assert session.get_one(Binned, binned.id).emptied_at is None
    jobs.empty(session, clock.now() + timedelta(days=31))
    session.expire_all()
    assert binned.name == ""
    assert not session.scalars(select(BinnedRow).where(BinnedRow.binned_id == binned.id)).all()
    gone = browser.get(f"/people/{number}")
    assert gone.status_code == 410
    assert "gone for good" in gone.text
    assert "Wrongly entered" not in gone.text
    assert "gone for good" in browser.post(f"/bin/{binned.id}/restore", follow_redirects=True).text
    assert make_person(session, "Somebody else").id > number


def test_the_bin_is_searched_and_narrowed(session: Session, world: World, sign_in: SignIn) -> None:
    for name in ("Anders", "Berger"):
        put_in_bin(session, make_person(session, name), name=name, by=world.me, at=clock.now())
    session.commit()
    browser = sign_in(world.me)
    found = browser.get("/bin?name=anders").text
    assert "Anders" in found
    assert "Berger" not in found
    assert "Berger" not in browser.get("/bin?kind=theme").text
    assert "Berger" in browser.get(f"/bin?kind=person&by={world.me.id}").text


def test_an_address_that_comes_back_gives_way_to_the_one_chosen_meanwhile(
    session: Session, world: World, sign_in: SignIn
) -> None:
    person = make_person(session, "Two addresses", email="one@example.org")
    for address in ("two@example.org", "three@example.org"):
        session.add(
            PersonEmail(
                person_id=person.id, address=address, address_key=address, is_preferred=False
            )
        )
    session.commit()
    one, two, three = session.scalars(
        select(PersonEmail).where(PersonEmail.person_id == person.id).order_by(PersonEmail.id)
    ).all()
    browser = sign_in(world.me)
    browser.post(f"/delete/person_email/{one.id}")
    browser.post(f"/emails/{three.id}/prefer")
    binned = session.scalars(select(Binned).order_by(Binned.id.desc())).first()
    assert binned is not None
    browser.post(f"/bin/{binned.id}/restore")
    session.expire_all()
    preferred = session.scalars(
        select(PersonEmail.address).where(
            PersonEmail.person_id == person.id, PersonEmail.is_preferred
        )
    ).all()
    assert preferred == ["three@example.org"]
    assert two.is_preferred is False


@pytest.mark.date_sensitive
def test_two_clocks_empty_each_record_once(live_app: Flask) -> None:
    with live_app.app_context():
        by = make_user(db.session)
        for name in ("One", "Two"):
            theme = Theme(name=name)
            db.session.add(theme)
            db.session.flush()
            put_in_bin(db.session, theme, name=name, by=by, at=clock.now() - timedelta(days=40))
        db.session.commit()
    job = next(one for one in scheduler.TIMETABLE if one.name == "emptying the bin")
    assert scheduler.run(live_app, job)
    assert scheduler.run_as_of(live_app, clock.now())
    with live_app.app_context():
        assert db.session.scalars(select(Binned.name)).all() == ["", ""]
