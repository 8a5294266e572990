"""What to know before a meeting, on A4: of one body on one page, of several in one document.

There is always more than a page holds. Every part shows its most important lines first and says
how many more there are; how many lines each may have is worked out from the room there is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.web.filters import clock_time, cut, on_day, weekday
from app.directory.labels import KIND_WORDS
from app.directory.models import Organisation, OrganisationKind
from app.directory.queries import bodies, owners
from app.interactions.entries import view_models
from app.interactions.models import Interaction
from app.interactions.queries import users_of
from app.overview import briefing_sections as parts
from app.overview.briefing_fit import SCREEN, BriefingSection, Head, Paper, on_one_page
from app.overview.briefing_queries import BriefingScope

COUNCILS = 14
LONGEST_TITLE = 100
TOGETHER_AT_MOST = 12  # bodies in one document: a meeting with more is no reading for the train


@dataclass(frozen=True)
class Briefing:
    organisation: Organisation
    head: Head
    sections: tuple[BriefingSection, ...]

    @property
    def row_count(self) -> int:
        return sum(len(section.rows) for section in self.sections)


@dataclass(frozen=True)
class JointBriefing:
    """A page on the meeting and what is open with all of its bodies, then each body's own."""

    meeting_title: str
    head: Head
    sections: tuple[BriefingSection, ...]
    parts: tuple[Briefing, ...]

    @property
    def row_count(self) -> int:
        of_parts = sum(part.row_count for part in self.parts)
        return of_parts + sum(len(section.rows) for section in self.sections)


@dataclass(frozen=True)
class _Subject:
    """Whom a page is on: a body, or a system with the bodies it is made of."""

    organisation: Organisation
    system: bodies.System | None
    own: tuple[Organisation, ...]
    family: frozenset[int]

    @property
    def ids(self) -> list[int]:
        return [body.id for body in self.own]

    def scope(self, reader: User, on: date, *, meeting_id: int | None = None) -> BriefingScope:
        return BriefingScope(sorted(self.family), reader, on, meeting_id=meeting_id)


def briefing_of(
    session: Session, organisation: Organisation, *, reader: User, on: date, paper: Paper = SCREEN
) -> Briefing:
    """The page for one reader: it shows only what this person may read."""
    subject = _subject(session, organisation, on)
    who = subject.scope(reader, on)
    return _page(
        session,
        subject,
        on,
        paper,
        (
            parts.posts(session, subject.ids, on),
            *parts.what_is_open(session, who),
            *parts.what_was(session, subject.own, who),
        ),
    )


def joint_briefing_of(
    session: Session,
    meeting: Interaction,
    named: Sequence[Organisation],
    *,
    reader: User,
    on: date,
    paper: Paper = SCREEN,
) -> JointBriefing:
    """One document on all bodies `named` of a meeting that this reader may read.

    What is open stands once, on the first page; a body's own part begins below it or on a page of
    its own, and holds what else the briefing on that body alone would say.
    """
    subjects = [_subject(session, body, on) for body in without_parts(named)]
    everybody = sorted(frozenset().union(*(subject.family for subject in subjects)))
    title = cut(view_models.title_of(meeting, named), LONGEST_TITLE)
    facts = tuple(_facts_of_meeting(session, meeting, named))
    head = Head(f"Briefing: {title}", f"As at {on_day(on)}", facts)
    people = view_models.attendees(session, meeting, named)
    shared = (
        parts.attendees(named, people, meeting.others),
        parts.agenda(meeting),
        *parts.what_is_open(session, BriefingScope(everybody, reader, on, is_shared=True)),
    )
    return JointBriefing(
        meeting_title=title,
        head=head,
        sections=on_one_page(head, shared, paper),
        parts=tuple(
            _page(
                session,
                subject,
                on,
                paper,
                (
                    parts.posts(session, subject.ids, on),
                    *parts.what_was(
                        session, subject.own, subject.scope(reader, on, meeting_id=meeting.id)
                    ),
                ),
            )
            for subject in subjects
        ),
    )


def without_parts(named: Sequence[Organisation]) -> list[Organisation]:
    """A system's own page covers its board and partnership: they get none beside it (pure)."""
    systems = {body.id for body in named if body.kind is OrganisationKind.ICS}
    return [body for body in named if body.part_of_id not in systems]


def fits_together(named: Sequence[Organisation]) -> bool:
    """Whether one document can be on all of these bodies (pure)."""
    return 1 <= len(without_parts(named)) <= TOGETHER_AT_MOST


def is_joint(named: Sequence[Organisation]) -> bool:
    """Whether it is worth offering: the briefing on one body alone says more (pure)."""
    return fits_together(named) and len(without_parts(named)) > 1


def _subject(session: Session, organisation: Organisation, on: date) -> _Subject:
    is_system = organisation.kind is OrganisationKind.ICS
    system = bodies.system_of(session, organisation, on) if is_system else None
    own = system.bodies if system else (organisation,)
    family = bodies.lineage(session, [body.id for body in own])
    return _Subject(organisation, system, own, family)


def _page(
    session: Session,
    subject: _Subject,
    on: date,
    paper: Paper,
    sections: Sequence[BriefingSection | None],
) -> Briefing:
    body = subject.organisation
    head = Head(
        f"Briefing: {body.short_name}",
        f"{body.name} · as at {on_day(on)}",
        tuple(_facts(session, body, subject.system, on)),
    )
    return Briefing(body, head, on_one_page(head, sections, paper))


def _facts_of_meeting(
    session: Session, meeting: Interaction, named: Sequence[Organisation]
) -> Iterable[tuple[str, str]]:
    kind = meeting.kind.value.capitalize()
    yield "What it is", f"{kind}, {meeting.state.value}"
    times = [clock_time(at) for at in (meeting.starts_at, meeting.ends_at) if at]
    yield "When", ", ".join(filter(None, (weekday(meeting.happened_on), " to ".join(times))))
    if meeting.place:
        yield "Where", cut(meeting.place, 120)
    yield "With", "; ".join(body.short_name for body in named)
    ours = ", ".join(user.name for user in users_of(session, meeting.id))
    yield "From us", cut(ours, 150) or "nobody is named yet"


def _facts(
    session: Session, organisation: Organisation, system: bodies.System | None, on: date
) -> Iterable[tuple[str, str]]:
    board = (system and system.board) or organisation
    owner = owners.owners_on(session, [organisation.id], on).get(organisation.id)
    yield "What it is", KIND_WORDS[organisation.kind]
    if system and system.board:
        yield "Board", f"{board.name} ({board.ods_code})" if board.ods_code else board.name
    if system and system.partnership:
        yield "Partnership", system.partnership.name
    if organisation.region:
        yield "Region", organisation.region.name
    people = [f"{board.population:,}"] if board.population else []
    if board.population_0_24:
        people.append(f"{board.population_0_24:,} of them aged 0 to 24")
    if people:
        yield "Population", "; ".join(people)
    yield "Looked after by", owner.name if owner else "nobody yet"
    if board.kind is OrganisationKind.ICB:
        shares = bodies.councils_of(session, board.id, on)
        if shares:
            yield "Councils", _councils([share.council.short_name for share in shares])


def _councils(names: list[str]) -> str:
    more = len(names) - COUNCILS
    shown = [cut(name, 40) for name in names[:COUNCILS]]
    return "; ".join(shown) + (f"; and {more} more" if more > 0 else "")
