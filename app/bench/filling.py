"""Made-up data in the measure the bench needs, by way of the ordinary services."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.audit.services import Actor, act_as
from app.demo import services as demo
from app.demo.people import TITLES
from app.directory.models import Organisation, OrganisationKind, PostType, Region
from app.directory.services import organisations, people, posts
from app.directory.services.organisations import OrganisationDetails
from app.letters.approval import releasing, submitting
from app.letters.drafting import checking, row_decisions, starter_templates, templates
from app.letters.models import CcRule, LetterTemplate, Mailing
from app.letters.recipients.audience import Audience, How
from app.settings import services as settings

BOARDS_A_SYSTEM = 25
BASE_URL = "http://127.0.0.1:8000"
MADE_UP = "Made up for the bench"


@dataclass(frozen=True)
class Staff:
    """Who writes, and who releases."""

    author: User
    approver: User


def tell_story(session: Session, *, on: date, at: datetime) -> Staff:
    """England's bodies and the demo's leads, letters and notes."""
    act_as(session, Actor("The bench"))
    users = demo.fill(session, on=on, at=at, base_url=BASE_URL)
    starter_templates.load_starters(session, at=at)
    settings.change(
        session, hold_minutes=0, letters_a_minute=0, privacy_notice="Made up for the bench."
    )
    session.flush()
    return Staff(users.coordinator, users.approver)


def make_boards(session: Session, count: int, *, staff: Staff, on: date) -> list[int]:
    """So many boards with a lead for children and a chair each, named by their numbers."""
    region = session.scalars(select(Region).order_by(Region.id)).first()
    types = {kind.code: kind for kind in session.scalars(select(PostType))}
    system: Organisation | None = None
    made = []
    for number in range(1, count + 1):
        if number % BOARDS_A_SYSTEM == 1:
            system = make_body(
                session, OrganisationKind.ICS, f"Bench System {number}", on=on, region=region
            )
        name = f"NHS Bench Number {number} Integrated Care Board"
        board = make_body(session, OrganisationKind.ICB, name, on=on, region=region, system=system)
        for code in ("children", "chair"):
            _appoint(session, board, types[code], number, staff=staff, on=on)
        made.append(board.id)
    return made


def make_body(
    session: Session,
    kind: OrganisationKind,
    name: str,
    *,
    on: date,
    region: Region | None = None,
    system: Organisation | None = None,
) -> Organisation:
    return organisations.add_organisation(
        session,
        kind=kind,
        described=OrganisationDetails(
            name=name,
            short_name=name.removeprefix("NHS ").removesuffix(" Integrated Care Board"),
            region_id=region.id if region else None,
            part_of_id=system.id if system else None,
        ),
        on=on,
    )


def _appoint(
    session: Session, board: Organisation, kind: PostType, number: int, *, staff: Staff, on: date
) -> None:
    person = people.add_person(
        session,
        details={
            "title": TITLES[number % len(TITLES)],
            "given_name": "Sample",
            "family_name": f"Bench-{kind.code.title()}-{number}",
            "details_source": MADE_UP,
        },
        email=f"bench.{kind.code}.{number}@example.org",
        details_obtained_on=on,
        is_demo=True,
    )
    posts.appoint(
        session,
        post=posts.post_at(session, organisation=board, post_type=kind),
        person=person,
        by=staff.author,
        on=on,
        started_on=on - timedelta(days=400),
        source=MADE_UP,
        checked_on=on,
    )


def begin(
    session: Session,
    name: str,
    board_ids: Sequence[int] | None,
    *,
    staff: Staff,
    at: datetime,
) -> Mailing:
    """The offer of support to these boards' leads, copied to their chairs; None: to every lead."""
    template = session.scalars(
        select(LetterTemplate).where(LetterTemplate.is_starter).order_by(LetterTemplate.id)
    ).first()
    assert template is not None
    signatory = templates.keep_signatory(
        session, None, name="Sam Signatory", job_title="Chair", organisation="Sample Coalition"
    )
    mailing = templates.begin_mailing(
        session,
        name=name,
        template=template,
        signatory=signatory,
        reply_to="",
        cc_rule=CcRule.CHAIR,
        form_token=f"bench {name}",
        by=staff.author,
        at=at,
    )
    if board_ids is not None:
        audience = Audience(how=How.BODIES, organisation_ids=tuple(board_ids))
        row_decisions.choose(session, mailing, audience, by=staff.author)
    submitting.waive_test(mailing, "The bench sends to nobody.", by=staff.author)
    session.flush()
    return mailing


def check_and_seal(session: Session, mailing_id: int, *, staff: Staff, at: datetime) -> Mailing:
    """What the check page and the approval do: every letter checked, merged, and as mail bytes."""
    mailing = session.get_one(Mailing, mailing_id)
    checking.check(session, mailing, by=staff.author, at=at, base_url=BASE_URL)
    submitting.ask_for_approval(session, mailing, by=staff.author, at=at, base_url=BASE_URL)
    session.flush()
    return mailing


def release(session: Session, mailing_id: int, *, staff: Staff, at: datetime) -> None:
    releasing.approve_and_release(session, mailing_id, by=staff.approver, at=at, base_url=BASE_URL)
