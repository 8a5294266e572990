"""Filling an empty Liaise with a visibly made-up story, and taking it out again."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import services as accounts
from app.accounts.models import MemberOrganisation, Permission, User
from app.audit.services import record
from app.core.errors import DomainError
from app.demo import duties, workstreams
from app.demo.story import FULL, DemoUsers, Teller
from app.demo.tracking import take_out, tracking
from app.directory import reference
from app.directory.models import PostType
from app.directory.queries.bodies import boards_on
from app.letters.drafting.starter_templates import load_starters
from app.letters.models import Letter, Mailing, Signatory
from app.notifications.services import nothing_new
from app.settings.rules import filled_in, starter_privacy_notice
from app.settings.services import settings_of


class NotForDemo(DomainError):
    """Made-up people have no place beside real ones."""


USERS = (
    ("Demo Coordinator", (Permission.VIEW, Permission.LOG, Permission.COORDINATE)),
    ("Demo Approver", (Permission.VIEW, Permission.LOG, Permission.APPROVE)),
    ("Demo Reviewer", (Permission.VIEW, Permission.REVIEW)),
    ("Demo Member", (Permission.VIEW, Permission.LOG)),
)


def demo_users(session: Session) -> DemoUsers | None:
    """The four made-up users, once the demo is loaded."""
    found = session.scalars(select(User).where(User.is_demo).order_by(User.id)).all()
    return DemoUsers(*found[:4]) if len(found) >= len(USERS) else None


def fill(session: Session, *, on: date, at: datetime, base_url: str) -> DemoUsers:
    """Load the reference data if need be, then the made-up story. Running it twice adds nothing."""
    loaded = demo_users(session)
    if loaded:
        return loaded
    _refuse_beside_real_letters(session)
    if not boards_on(session, on):
        reference.load(session, on=on)
    duties.load_reference(session, on=on, at=at)
    load_starters(session, at=at)
    session.flush()
    with tracking(session), nothing_new(session, at=at):
        settings = settings_of(session)
        settings.is_demo = True
        settings.group_name = settings.group_name or "The Sample Coalition (demo)"
        settings.from_name = settings.from_name or "The Sample Coalition"
        settings.from_email = settings.from_email or "outreach@example.org"
        settings.reply_to = settings.reply_to or "replies@example.org"
        settings.postal_address = settings.postal_address or "1 Example Street\nSampletown\nZZ1 1ZZ"
        settings.privacy_notice = settings.privacy_notice or filled_in(
            starter_privacy_notice(settings.group_name, settings.postal_address, settings.reply_to)
        )
        session.add(Signatory(name="Sam Sample", job_title="Chair (made up)"))
        users = _add_users(session, at)
        boards = sorted(boards_on(session, on), key=lambda board: board.ods_code == FULL)
        types = {kind.code: kind for kind in session.scalars(select(PostType))}
        Teller(session, users, boards, types, on, at, base_url).tell()
        workstreams.tell(session, users, on=on, at=at)
        duties.tell(session, users, boards, on=on, at=at)
    record(session, action="loaded the demo data", subjects=[("settings", 1)])
    return users


def clear(session: Session) -> int:
    """Remove exactly what the demo added, and put back what it changed."""
    gone = take_out(session)
    record(session, action="removed the demo data", subjects=[("settings", 1)])
    return gone


def _refuse_beside_real_letters(session: Session) -> None:
    if settings_of(session).live_at is not None:
        raise NotForDemo("External email is on, so demo data cannot be loaded here.")
    if session.scalar(select(Letter.id).limit(1)) or session.scalar(select(Mailing.id).limit(1)):
        raise NotForDemo(
            "There are letters here already, so demo data cannot be loaded beside them."
        )


def _add_users(session: Session, at: datetime) -> DemoUsers:
    member = MemberOrganisation(name="Sample Children’s Alliance (demo)")
    session.add(member)
    session.flush()
    return DemoUsers(
        *(
            accounts.add_user(
                session,
                email=f"{name.lower().replace(' ', '.')}@example.org",
                name=name,
                member=member,
                permissions=permissions,
                at=at,
                is_demo=True,
            )
            for name, permissions in USERS
        )
    )
