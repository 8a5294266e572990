"""Valid rows with the fewest words; a test names only what it is about."""

from datetime import date
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import MemberOrganisation, Permission, User
from app.directory.models import (
    Appointment,
    Organisation,
    OrganisationKind,
    Person,
    PersonEmail,
    Post,
    PostType,
    Succession,
    SuccessionKind,
)
from app.interactions.models import Draft, Interaction
from app.letters.models import Letter, LetterAnswer, LetterBoard, LetterOrigin, LetterState
from tests import clock

TODAY, NOON = clock.TODAY, clock.NOON
EVERYTHING = tuple(Permission)

_numbers = count(1)


def make_user(
    session: Session,
    name: str = "Sam Sample",
    *,
    email: str | None = None,
    permissions: tuple[Permission, ...] = EVERYTHING,
) -> User:
    member = session.scalar(select(MemberOrganisation)) or MemberOrganisation(name="Sample Charity")
    session.add(member)
    session.flush()
    user = User(
        name=name,
        email=email or f"user{next(_numbers)}@example.org",
        member_organisation_id=member.id,
        permissions=[permission.value for permission in permissions],
        created_at=NOON,
    )
    session.add(user)
    session.flush()
    return user


def make_organisation(
    session: Session,
    name: str = "NHS Sampleshire Integrated Care Board",
    *,
    kind: OrganisationKind = OrganisationKind.ICB,
    short_name: str | None = None,
    part_of: Organisation | None = None,
    established_on: date | None = date(2022, 7, 1),
    dissolved_on: date | None = None,
    office_email: str | None = None,
) -> Organisation:
    organisation = Organisation(
        kind=kind,
        name=name,
        short_name=short_name or name,
        ods_code=f"X{next(_numbers):04}",
        part_of_id=part_of.id if part_of else None,
        established_on=established_on,
        dissolved_on=dissolved_on,
        office_email=office_email,
    )
    session.add(organisation)
    session.flush()
    return organisation


def make_person(
    session: Session,
    family_name: str = "Sample",
    *,
    title: str = "",
    given_name: str = "Alex",
    email: str | None = "",
    objected_on: date | None = None,
) -> Person:
    """A person with a made-up address; give email=None for nobody's address known."""
    person = Person(
        title=title, given_name=given_name, family_name=family_name, objected_on=objected_on
    )
    session.add(person)
    session.flush()
    if email is not None:
        address = email or f"person{next(_numbers)}@example.org"
        session.add(PersonEmail(person_id=person.id, address=address, address_key=address.lower()))
        session.flush()
    return person


def make_post_type(session: Session, code: str = "children") -> PostType:
    existing = session.scalar(select(PostType).where(PostType.code == code))
    if existing:
        return existing
    post_type = PostType(
        code=code,
        name="Executive lead, children and young people" if code == "children" else code.title(),
        addressed_as="Executive Lead for Children and Young People"
        if code == "children"
        else code.title(),
        organisation_kinds=["icb"],
    )
    session.add(post_type)
    session.flush()
    return post_type


def make_post(session: Session, organisation: Organisation, code: str = "children") -> Post:
    post_type = make_post_type(session, code)
    existing = session.scalar(
        select(Post).where(
            Post.organisation_id == organisation.id, Post.post_type_id == post_type.id
        )
    )
    if existing:
        return existing
    post = Post(organisation=organisation, post_type=post_type)
    session.add(post)
    session.flush()
    return post


def make_appointment(
    session: Session,
    *,
    person: Person | None = None,
    organisation: Organisation | None = None,
    code: str = "children",
    started_on: date | None = date(2025, 4, 1),
    ended_on: date | None = None,
    is_acting: bool = False,
    checked_on: date | None = TODAY,
    source: str = "https://example.org/board-page",
) -> Appointment:
    appointment = Appointment(
        post=make_post(session, organisation or make_organisation(session), code),
        person=person or make_person(session),
        started_on=started_on,
        ended_on=ended_on,
        is_acting=is_acting,
        checked_on=checked_on,
        source=source,
    )
    session.add(appointment)
    session.flush()
    return appointment


def make_system(
    session: Session, short_name: str = "Sampleshire", *, dissolved_on: date | None = None
) -> tuple[Organisation, Organisation]:
    """A system and its board."""
    system = make_organisation(
        session,
        f"{short_name} Integrated Care System",
        kind=OrganisationKind.ICS,
        short_name=short_name,
        dissolved_on=dissolved_on,
    )
    board = make_organisation(
        session,
        f"NHS {short_name} Integrated Care Board",
        short_name=short_name,
        part_of=system,
        dissolved_on=dissolved_on,
    )
    return system, board


def make_succession(
    session: Session, old: Organisation, new: Organisation, on: date = date(2026, 4, 1)
) -> Succession:
    succession = Succession(
        predecessor=old, successor=new, effective_on=on, kind=SuccessionKind.MERGER
    )
    session.add(succession)
    session.flush()
    return succession


def make_sent_letter(
    session: Session,
    *boards: Organisation,
    person: Person | None = None,
    sent_on: date = TODAY,
    subject: str = "An offer of support",
) -> Letter:
    """A letter that went outside Liaise and was recorded."""
    letter = Letter(
        origin=LetterOrigin.OUTSIDE,
        person_id=person.id if person else None,
        to_name=person.name if person else "",
        subject=subject,
        state=LetterState.SENT,
        sent_on=sent_on,
    )
    session.add(letter)
    session.flush()
    session.add_all(LetterBoard(letter_id=letter.id, organisation_id=b.id) for b in boards)
    session.flush()
    return letter


def make_answer(session: Session, letter: Letter, *, on: date = TODAY, by: User) -> LetterAnswer:
    answer = LetterAnswer(
        letter_id=letter.id,
        answered_on=on,
        answered_by="the lead’s office",
        said="Thank you, yes.",
        recorded_at=NOON,
        recorded_by_id=by.id,
    )
    session.add(answer)
    session.flush()
    return answer


def make_draft(
    session: Session, by: User, interaction: Interaction, body: str = "Half a thought"
) -> Draft:
    """Notes of this entry which their writer has not saved."""
    draft = Draft(
        author_id=by.id,
        key=f"interaction:{interaction.id}",
        path=f"/interactions/{interaction.id}",
        body=body,
        base_version=interaction.version,
        started_at=NOON,
        saved_at=NOON,
    )
    session.add(draft)
    session.flush()
    return draft
