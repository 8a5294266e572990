"""The made-up promises of the demo: what came out of each conversation, and what was offered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.directory.models import Organisation
from app.followups import services as followups
from app.followups.models import FollowUp, Priority, Repeats
from app.followups.services import FollowUpDetails
from app.interactions.models import (
    Interaction,
    InteractionOrganisation,
    OfferState,
    Outcome,
    OutcomeKind,
    PointState,
    PromisedBy,
)
from app.interactions.offers import offers
from app.interactions.offers.offers import OfferDetails
from app.interactions.outcomes import outcomes, promises
from app.interactions.outcomes.outcomes import OutcomeDetails

US, THEM = PromisedBy.US, PromisedBy.THEM
KEPT, BROKEN, WITHDRAWN = PointState.KEPT, PointState.BROKEN, PointState.WITHDRAWN

# What was promised, by whom, due so many days from today, and what became of it: two of each
# conversation, the latest first, beside a decision or a question of each.
PROMISES = (
    ("Send the asthma evidence pack", US, -3, None),
    ("Share the draft chapter on co-production", THEM, 26, None),
    ("Ask two member charities about school inhalers", US, 0, None),
    ("Name a second contact for the plan refresh", THEM, -9, None),
    ("Introduce the youth forum", US, 12, None),
    ("Send the terms of reference of the children’s board", THEM, 5, None),
    ("Comment on the workforce section", US, -40, KEPT),
    ("Publish the summary for young people", THEM, -60, KEPT),
    ("Share the survey of families", US, -75, KEPT),
    ("Add a line on palliative care", THEM, -80, BROKEN),
    ("Run a joint webinar", US, -90, WITHDRAWN),
    ("Send figures on waiting times", THEM, -100, KEPT),
    ("Find a speaker for the board’s away day", US, -110, KEPT),
    ("Reply on the consistent identifier", THEM, -120, BROKEN),
)
DECISIONS = (
    "To meet once a quarter",
    "To send drafts to the lead’s office, not the lead",
    "To keep the councils copied in",
    "To use one shared list of contacts",
)
QUESTIONS = (
    ("Who holds safeguarding after the merger?", None),
    ("Will the annual report cover SEND?", None),
    ("Which council chairs the partnership?", "The largest, until April"),
    ("Is there a budget for participation?", None),
)
TO_DO = (
    ("Tell the member charities what was said", 3),
    ("Look for the minutes of the board", -1),
    ("Thank the lead’s office", -30),
)
EVIDENCE = {
    KEPT: "Made up: it came by email",
    BROKEN: "Made up: the published plan has nothing on it",
    WITHDRAWN: "Made up: both sides had no time for it",
}
OFFERS: tuple[tuple[str, tuple[OfferState, ...]], ...] = (
    (
        "A session with young people on the plan refresh",
        (OfferState.ACCEPTED, OfferState.UNDER_WAY),
    ),
    ("Evidence on asthma pathways", (OfferState.ACCEPTED, OfferState.DELIVERED)),
    ("A reading of the draft by families", (OfferState.ACCEPTED,)),
    ("A workshop on data sharing", (OfferState.DECLINED,)),
    ("Insight from the coalition’s survey", ()),
)


@dataclass(frozen=True)
class Promiser:
    """Writes them down in the words of the ordinary services."""

    session: Session
    owner: User
    other: User
    on: date
    at: datetime

    def tell(self, board: Organisation, others: Sequence[Organisation]) -> None:
        entries = self.entries_of(board)
        for number, told in enumerate(PROMISES):
            self.promise(board, self.made_in(entries, number, self.day(told[2])), told)
        self.note_what_else(board, entries)
        self.follow_up(board)
        for number, (what, steps) in enumerate(OFFERS):
            self.offer(board, what, steps, 20 + 25 * number)
        for number, body in enumerate(others):
            what, steps = OFFERS[number % len(OFFERS)]
            self.offer(body, what, steps, 60 + 10 * number)

    def entries_of(self, board: Organisation) -> Sequence[Interaction]:
        return self.session.scalars(
            select(Interaction)
            .join(InteractionOrganisation, InteractionOrganisation.interaction_id == Interaction.id)
            .where(
                InteractionOrganisation.organisation_id == board.id,
                Interaction.happened_on <= self.on,
                Interaction.author_id.in_((self.owner.id, self.other.id)),
            )
            .order_by(Interaction.happened_on.desc(), Interaction.id)
        ).all()

    def made_in(self, entries: Sequence[Interaction], number: int, due: date) -> Interaction:
        """A conversation from before the day; nothing is promised after it is due."""
        before = [one for one in entries if one.happened_on < due] or [entries[-1]]
        return before[number // 2 % len(before)]

    def promise(
        self,
        board: Organisation,
        entry: Interaction,
        told: tuple[str, PromisedBy, int, PointState | None],
    ) -> None:
        text, side, due, became = told
        said = OutcomeDetails(
            OutcomeKind.COMMITMENT,
            text,
            promised_by=side,
            organisation=board,
            owner=self.owner if side is US else self.other,
            due_on=max(self.day(due), entry.happened_on),
            priority=Priority.HIGH if due == -3 else Priority.NORMAL,
        )
        point = self.add(said, entry)
        if became:
            self.settle(point, became, EVIDENCE[became])

    def note_what_else(self, board: Organisation, entries: Sequence[Interaction]) -> None:
        for number, text in enumerate(DECISIONS):
            said = OutcomeDetails(OutcomeKind.DECISION, text, organisation=board)
            self.add(said, entries[number % len(entries)])
        for number, (text, answer) in enumerate(QUESTIONS):
            said = OutcomeDetails(OutcomeKind.QUESTION, text, organisation=board)
            point = self.add(said, entries[number % len(entries)])
            if answer:
                self.settle(point, KEPT, f"Made up: {answer}")
        for number, (text, due) in enumerate(TO_DO):
            said = OutcomeDetails(
                OutcomeKind.FOLLOW_UP,
                text,
                organisation=board,
                owner=self.owner,
                due_on=self.day(due),
            )
            point = self.add(said, entries[number % len(entries)])
            if due < -7:
                self.settle(point, KEPT, "")

    def follow_up(self, board: Organisation) -> None:
        """One that repeats, one put off, one dropped, and one that nobody of us owes."""
        monthly = self.add_follow_up("Look at the board’s papers", board, 0, Repeats.MONTHLY)
        promises.finish(self.session, monthly, by=self.owner, at=self.at, on=self.on)
        asleep = self.add_follow_up("Offer a visit to a hospice", board, 4)
        followups.snooze(
            asleep, until=self.day(45), reason="They are moving offices", on=self.on
        )  # fmt: skip
        dropped = self.add_follow_up("Ask for the old strategy", board, -20)
        promises.drop(self.session, dropped, reason="It has been replaced", on=self.on)
        self.add_follow_up("Hear from the lead’s office about a date", board, 7, waiting=True)

    def add_follow_up(
        self,
        what: str,
        board: Organisation,
        due: int,
        repeats: Repeats = Repeats.NEVER,
        *,
        waiting: bool = False,
    ) -> FollowUp:
        wanted = FollowUpDetails(
            what,
            self.owner,
            self.day(due),
            organisation=board,
            repeats=repeats,
            waiting_on_them=waiting,
        )
        return followups.add(self.session, wanted, by=self.owner, at=self.at, on=self.on)

    def offer(
        self, board: Organisation, what: str, steps: Sequence[OfferState], days_ago: int
    ) -> None:
        offered = OfferDetails(what, board, self.day(-days_ago), self.owner)
        made = offers.make(self.session, offered, by=self.owner, on=self.on)
        for number, state in enumerate(steps):
            offers.take_step(
                self.session,
                made,
                state,
                reached_on=self.day(-days_ago + 5 * (number + 1)),
                note="Made up",
                by=self.owner,
                on=self.on,
            )

    def add(self, said: OutcomeDetails, entry: Interaction) -> Outcome:
        return outcomes.add(
            self.session, said, interaction=entry, by=self.owner, at=self.at, on=self.on
        )

    def settle(self, point: Outcome, state: PointState, evidence: str) -> None:
        on = point.due_on if point.due_on and point.made_on <= point.due_on <= self.on else self.on
        outcomes.settle(
            self.session,
            point,
            state,
            evidence=evidence,
            by=self.owner,
            at=self.at,
            on=self.on,
            settled_on=on,
        )

    def day(self, days: int) -> date:
        return self.on + timedelta(days=days)
