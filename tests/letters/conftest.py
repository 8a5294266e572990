"""A group that may write: its settings, a signatory, a template, and boards with leads."""

from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.directory.models import Organisation, Person
from app.letters.drafting import checking, row_decisions, templates
from app.letters.models import CcRule, Letter, Mailing, Signatory
from app.letters.recipients.audience import Audience
from app.settings.services import settings_of
from tests.factories import (
    NOON,
    make_appointment,
    make_organisation,
    make_person,
    make_post,
    make_user,
)

BASE_URL = "http://127.0.0.1:8000"
SUBJECT = "Support in ((system))"
BODY = """\
((salutation)),

((if lead is known))
We write to you as ((role)) at ((board)).
((end))

((if lead is unknown))
We send this to your office, ((stands in)).
((end))

((close)),
"""


@pytest.fixture(autouse=True)
def group(request: pytest.FixtureRequest) -> None:
    """Whatever a letter says about us has been set up."""
    if "session" not in request.fixturenames:
        return
    set_up(request.getfixturevalue("session"))


def set_up(session: Session) -> None:
    settings = settings_of(session)
    settings.group_name = "Sample Health Policy Group"
    settings.postal_address = "1 Sample Street\nSampleton SA1 1AA"
    settings.from_name = "Sample Health Policy Group"
    settings.from_email = "letters@group.example.org"
    settings.reply_to = "replies@group.example.org"
    settings.privacy_notice = "We keep your name."
    settings.opt_out_line = "Reply “no more letters” and we stop."
    session.flush()


def board(session: Session, name: str = "Sampleshire") -> Organisation:
    return make_organisation(
        session, f"NHS {name} Integrated Care Board", short_name=name, office_email=None
    )


def lead(
    session: Session, organisation: Organisation, person: Person | None = None, **further: object
) -> Person:
    person = person or make_person(session, "Sample", title="Dr")
    make_appointment(session, person=person, organisation=organisation, **further)  # type: ignore[arg-type]
    return person


def chair(session: Session, organisation: Organisation, person: Person | None = None) -> Person:
    return lead(session, organisation, person or make_person(session, "Chair"), code="chair")


def unknown_lead(session: Session, name: str) -> Organisation:
    body = board(session, name)
    make_post(session, body)
    return body


def begin_in(
    session: Session,
    *,
    subject: str = SUBJECT,
    body: str = BODY,
    audience: Audience | None = None,
    cc_rule: CcRule = CcRule.CHAIR,
    name: str = "Offer of support, winter 2026",
    by: User | None = None,
) -> Mailing:
    """A mailing in draft, with its audience chosen but not checked."""
    author = by or make_user(session, "Ada Author")
    number = session.query(Mailing).count()
    template = templates.write_template(
        session,
        name=f"Template {number}",
        purpose="",
        subject=subject,
        body=body,
        by=None,
        at=NOON,
    )
    signatory = Signatory(name="Sam Signatory", job_title="Chair", organisation="Our Group")
    session.add(signatory)
    session.flush()
    mailing = templates.begin_mailing(
        session,
        name=name,
        template=template,
        signatory=signatory,
        reply_to="",
        cc_rule=cc_rule,
        form_token=f"token-{number}",
        by=author,
        at=NOON,
    )
    row_decisions.choose(session, mailing, audience or Audience(), by=author)
    return mailing


@pytest.fixture
def begin(session: Session) -> Callable[..., Mailing]:
    return partial(begin_in, session)


@pytest.fixture
def check(session: Session) -> Callable[[Mailing], list[Letter]]:
    """Check a mailing, and read its letters back in the order they were written."""

    def check(mailing: Mailing) -> list[Letter]:
        session.flush()
        author = make_user(session, "Ada Author")
        checking.check(session, mailing, by=author, at=NOON, base_url=BASE_URL)
        session.expire_all()
        return letters_of(session, mailing)

    return check


def letters_of(session: Session, mailing: Mailing) -> list[Letter]:
    found = session.query(Letter).where(Letter.mailing_id == mailing.id).order_by(Letter.id)
    return found.all()
