"""Two national strands of work for the demo, each with meetings, promises, papers and dates."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.text.alphabet import alphabetical
from app.demo.story import DemoUsers
from app.directory.models import Organisation, OrganisationKind
from app.interactions.entries.details import Details
from app.interactions.entries.services import log
from app.interactions.models import (
    Interaction,
    InteractionKind,
    InteractionState,
    OutcomeKind,
    PromisedBy,
)
from app.interactions.outcomes import outcomes
from app.interactions.outcomes.outcomes import OutcomeDetails
from app.workstreams import services
from app.workstreams.models import DatePrecision
from app.workstreams.services import WorkstreamDetails

MADE_UP = "Made up for the demo"
NOTES = "We spoke of how far it is, and of what is still to be decided.\n\n- Made up for the demo"


@dataclass(frozen=True)
class Strand:
    """What one strand is told with; days count from the day the demo is loaded."""

    name: str
    purpose: str
    meetings: tuple[tuple[int, str], ...]
    promises: tuple[tuple[PromisedBy, str, int], ...]
    papers: tuple[tuple[str, int], ...]
    dates: tuple[tuple[str, int, DatePrecision], ...]


STRANDS = (
    Strand(
        name="Child information-sharing report and consistent identifier",
        purpose="The report on how information about children is shared, and **one identifier** "
        "that health, care and schools use alike.",
        meetings=((48, "Identifier: where the pilots stand"), (13, "What the report will cover")),
        promises=(
            (PromisedBy.THEM, "Share the draft chapters of the report", 20),
            (PromisedBy.US, "Send examples of what boards do already", 6),
        ),
        papers=(("Report on information sharing about children (made up)", 140),),
        dates=(
            ("Report to Parliament (made up)", 120, DatePrecision.MONTH),
            ("End of the pilots of the identifier (made up)", 300, DatePrecision.SEASON),
        ),
    ),
    Strand(
        name="Guidance refresh",
        purpose="The refresh of the statutory guidance on children in plans and strategies.",
        meetings=((27, "Guidance: what has changed since the last round"),),
        promises=((PromisedBy.THEM, "Say when the consultation opens", 3),),
        papers=(("Statutory guidance, consultation draft (made up)", 60),),
        dates=(("The consultation closes (made up)", 45, DatePrecision.DAY),),
    ),
)


def tell(session: Session, users: DemoUsers, *, on: date, at: datetime) -> None:
    departments = session.scalars(
        select(Organisation)
        .where(
            Organisation.kind == OrganisationKind.GOVERNMENT_DEPARTMENT,
            Organisation.where_exists_on(on),
        )
        .order_by(alphabetical(Organisation.short_name))
    ).all()
    if departments:  # always, unless somebody took the reference data away
        for strand in STRANDS:
            _tell(session, strand, departments=list(departments), users=users, on=on, at=at)


def _tell(
    session: Session,
    strand: Strand,
    *,
    departments: list[Organisation],
    users: DemoUsers,
    on: date,
    at: datetime,
) -> None:
    described = WorkstreamDetails(strand.name, strand.purpose, users.coordinator.id)
    made = services.add(session, described, bodies=[one.id for one in departments])
    last: Interaction | None = None
    for days, subject in strand.meetings:
        last = log(
            session,
            Details(
                kind=InteractionKind.MEETING,
                state=InteractionState.HELD,
                happened_on=on - timedelta(days=days),
                subject=f"{subject} (made up)",
                organisations=frozenset(one.id for one in departments[:2]),
                ours=frozenset([users.coordinator.id, users.member.id]),
            ),
            body=NOTES,
            by=users.coordinator,
            at=at,
            today=on,
        )
        services.put_meeting(session, made, last)
    for side, text, days in strand.promises:
        said = OutcomeDetails(
            kind=OutcomeKind.COMMITMENT,
            text=text,
            promised_by=side,
            organisation=departments[0],
            owner=users.coordinator,
            due_on=on + timedelta(days=days),
        )
        outcomes.add(session, said, interaction=last, by=users.coordinator, at=at, on=on)
    for title, days in strand.papers:
        services.add_paper(
            session,
            made,
            title=title,
            published_on=on - timedelta(days=days),
            publisher=departments[0],
            link="https://example.org/",
        )
    for what, days, precision in strand.dates:
        services.add_date(
            session,
            made,
            what=what,
            falls_on=on + timedelta(days=days),
            precision=precision,
            source=MADE_UP,
        )
