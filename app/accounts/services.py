"""How people get an account: the first administrator, and everybody they invite."""

from collections.abc import Collection
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts import emails, rules
from app.accounts.authentication import secret_links
from app.accounts.models import LinkPurpose, MemberOrganisation, Permission, User
from app.audit import services as audit
from app.audit.services import Actor
from app.core.errors import DomainError
from app.core.loopback import is_loopback


class AlreadySetUp(DomainError):
    """There is a user already, so nobody else can make themselves the first."""


class EmailTaken(DomainError):
    pass


class NotInvited(DomainError):
    pass


class NotHere(DomainError):
    """Demo sign-in links exist only where nobody else can reach them."""


def has_users(session: Session) -> bool:
    """Whether a real person has an account; the made-up ones of the demo data do not count."""
    real = select(func.count()).select_from(User).where(User.is_demo.is_(False))
    return bool(session.scalar(real))


def first_admin_link(session: Session, *, base_url: str, at: datetime) -> str:
    """The link by which the first administrator sets up their account; an earlier one dies."""
    if has_users(session):
        raise AlreadySetUp("Liaise has users already. An administrator can invite more of them.")
    return secret_links.make(
        session, LinkPurpose.FIRST_ADMINISTRATOR, user=None, base_url=base_url, at=at
    )


def open_first_account(
    session: Session,
    *,
    token: str,
    email: str,
    name: str,
    member: str,
    password_hash: str,
    at: datetime,
) -> User:
    """Make whoever holds the console's link the first administrator, with every permission."""
    link, _ = secret_links.find(session, LinkPurpose.FIRST_ADMINISTRATOR, token=token, at=at)
    if has_users(session):
        raise AlreadySetUp("Somebody else has set up Liaise meanwhile. Ask them to invite you.")
    secret_links.use(session, link, at=at)
    audit.act_as(session, Actor(name))
    user = add_user(
        session,
        email=email,
        name=name,
        member=member_called(session, member),
        permissions=tuple(Permission),
        at=at,
    )
    user.password_hash = password_hash
    user.password_version = 1
    session.flush()
    return user


def member_called(session: Session, name: str) -> MemberOrganisation:
    """The member organisation of this name, made if it is new."""
    name = " ".join(name.split())
    known = session.scalar(
        select(MemberOrganisation).where(func.lower(MemberOrganisation.name) == name.lower())
    )
    if known is None:
        known = MemberOrganisation(name=name)
        session.add(known)
        session.flush()
    return known


def add_user(
    session: Session,
    *,
    email: str,
    name: str,
    member: MemberOrganisation,
    permissions: Collection[Permission],
    at: datetime,
    is_demo: bool = False,
) -> User:
    """An account nobody can use until its owner has chosen a password."""
    email = rules.normal_email(email)
    rules.check_email(email)
    if session.scalar(select(User.id).where(User.email == email)):
        raise EmailTaken(f"There is an account for {email} already.")
    user = User(
        email=email,
        name=" ".join(name.split()),
        member_organisation_id=member.id,
        member_organisation=member,
        permissions=rules.granted(permissions),
        is_demo=is_demo,
        created_at=at,
    )
    session.add(user)
    session.flush()
    return user


def invitation_link(session: Session, user: User, *, base_url: str, at: datetime) -> str:
    """For `./run create-user`, where somebody hands the link over themselves."""
    return secret_links.make(session, LinkPurpose.INVITATION, user=user, base_url=base_url, at=at)


def send_invitation(session: Session, user: User, *, by: User, base_url: str, at: datetime) -> None:
    """Mail a link by which they choose a password; links sent earlier die."""
    if user.password_hash:
        raise NotInvited(f"{user.name} has an account and can ask for a link to set a password.")
    link = invitation_link(session, user, base_url=base_url, at=at)
    emails.send(session, user, emails.invitation(name=user.name, by=by.name, link=link), at=at)
    audit.record(session, action="invited", subjects=[("user", user.id)], summary="By mail")


def accept_invitation(session: Session, *, token: str, password_hash: str, at: datetime) -> User:
    link, user = secret_links.find(session, LinkPurpose.INVITATION, token=token, at=at)
    if user is None:
        raise secret_links.DeadLink
    secret_links.use(session, link, at=at)
    audit.act_as(session, Actor(user.name, user.id))
    user.password_hash = password_hash
    user.password_version += 1
    audit.record(session, action="invitation accepted", subjects=[("user", user.id)])
    return user


def demo_sign_in_link(session: Session, user: User, *, base_url: str, at: datetime) -> str:
    """A link that signs a made-up user in without a password, on this machine only."""
    _refuse_beyond_loopback(base_url)
    if not user.is_demo:
        raise NotHere("Only the users of the demo data have such links.")
    return secret_links.make(session, LinkPurpose.DEMO_SIGN_IN, user=user, base_url=base_url, at=at)


def use_demo_link(session: Session, *, token: str, base_url: str, at: datetime) -> User:
    _refuse_beyond_loopback(base_url)
    link, user = secret_links.find(session, LinkPurpose.DEMO_SIGN_IN, token=token, at=at)
    if user is None or not user.is_demo:
        raise secret_links.DeadLink
    secret_links.use(session, link, at=at)
    return user


def _refuse_beyond_loopback(base_url: str) -> None:
    if not is_loopback(urlsplit(base_url).hostname or ""):
        raise NotHere("Demo sign-in works only where Liaise is reached from its own machine.")
