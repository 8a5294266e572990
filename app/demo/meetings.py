"""The ten meetings of the demo's full system: held over two years, two ahead, one cancelled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.directory.models import Organisation, OrganisationKind, Person
from app.interactions.entries.details import Details
from app.interactions.entries.services import cancel, log
from app.interactions.models import Interaction, InteractionKind, InteractionState, Theme

DEPARTMENT = OrganisationKind.GOVERNMENT_DEPARTMENT


@dataclass(frozen=True)
class Told:
    """One meeting: how many days ago (fewer than none: ahead), what about, and what was said."""

    days_ago: int
    subject: str
    notes: str
    themes: tuple[str, ...] = ()
    with_department: bool = False
    kind: InteractionKind = InteractionKind.MEETING
    theirs: int = 1  # how many of theirs were there: the lead first


MEETINGS = (
    Told(
        16,
        "Children’s programme",
        "### Plan refresh\nNew chapter on co-production, with the youth forum. Draft to be shared "
        "with us in December.\n\n### Asthma\nAsked what other systems do on school inhalers. We "
        "will send the evidence pack.",
        ("Co-production", "Inequalities"),
        theirs=3,
    ),
    Told(58, "Information sharing round table", "Made up: who holds which record, and who asks.",
         ("Information sharing between services",), True, InteractionKind.EVENT, theirs=4),
    Told(96, "First reading of the plan", "Made up: we went through the seven criteria together.",
         ("Population health",)),
    Told(150, "SEND and the partnership", "Made up: the SEND lead joined us.", ("SEND",), theirs=2),
    Told(212, "Workforce numbers", "Made up: vacancies in community teams are not in the plan.",
         ("Workforce",)),
    Told(275, "Consistent identifier", "Made up: what a pilot would need.",
         ("Consistent identifier",), True),
    Told(340, "Getting to know each other", "Made up: an hour at their office.", ("Leadership",)),
    Told(-9, "Draft chapter on co-production", "", ("Co-production",)),
    Told(-31, "Before the April deadline", "", ("Population health",), True),
    Told(-3, "Palliative care pathway", "", ("Palliative and end-of-life care",)),
)  # fmt: skip
CANCELLED = "Palliative care pathway"
AGENDA = "1. What the plan says now\n2. What young people told us\n3. Who does what by when"


def meet(
    session: Session,
    board: Organisation,
    people: Sequence[Person],
    *,
    ours: tuple[User, ...],
    on: date,
    at: datetime,
) -> list[Interaction]:
    """Write all ten down, the lead first among `people`, in the words of the ordinary services."""
    themes = {theme.name: theme.id for theme in session.scalars(select(Theme))}
    department = session.scalar(
        select(Organisation.id)
        .where(Organisation.kind == DEPARTMENT, Organisation.where_exists_on(on))
        .order_by(Organisation.id)
        .limit(1)
    )
    written = []
    for told in MEETINGS:
        is_ahead = told.days_ago < 0
        bodies = {board.id, department} if told.with_department and department else {board.id}
        details = Details(
            kind=told.kind,
            state=InteractionState.PLANNED if is_ahead else InteractionState.HELD,
            happened_on=on - timedelta(days=told.days_ago),
            starts=time(14),
            ends=time(14, 45),
            subject=told.subject,
            place="video" if told.days_ago % 2 == 0 else "their office",
            agenda=AGENDA if is_ahead else "",
            organisations=frozenset(id_ for id_ in bodies if id_),
            people=frozenset(person.id for person in people[: told.theirs]),
            ours=frozenset(user.id for user in ours),
            themes=frozenset(themes[name] for name in told.themes if name in themes),
        )
        entry = log(session, details, body=told.notes, by=ours[0], at=at, today=on)
        if told.subject == CANCELLED:
            cancel(session, entry, reason="Made up: they are short of staff.", by=ours[0], today=on)
        written.append(entry)
    return written
