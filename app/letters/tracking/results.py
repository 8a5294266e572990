"""The truth about a released mailing: what became of each letter, and of the whole."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP

from sqlalchemy import select
from sqlalchemy.orm import Session, defer, joinedload, undefer

from app.core.clock import LONDON
from app.core.mail import caught
from app.core.text.alphabet import alphabetical
from app.core.web.filters import on_day
from app.core.web.lists import Column, Filter, FilterKind, ListView
from app.directory.models import Organisation
from app.letters.delivery import by_post
from app.letters.delivery.smtp_outcome import MEANING
from app.letters.models import (
    Letter,
    LetterAnswer,
    LetterBoard,
    LetterEvent,
    LetterRecipient,
    LetterState,
    Mailing,
    MailingState,
    PostalState,
)

UNDER_WAY = (
    LetterState.QUEUED,
    LetterState.CLAIMED,
    LetterState.TRANSMITTING,
    LetterState.WAITING_TO_RETRY,
)
# Left out before anything was released: they were never letters of this mailing's count.
NOT_COUNTED = (LetterState.EXCLUDED, LetterState.DRAFT)
MILESTONES = (25, 50, 75, 100)
CAUGHT_WORDS = "caught here"
BOUNCED_WORDS = "bounced"


@dataclass(frozen=True)
class ResultRow:
    """One letter as the list shows it."""

    letter: Letter
    boards: tuple[str, ...]
    is_superseded: bool  # another copy was sent deliberately
    answered_by: str = ""
    refused_copies: tuple[str, ...] = ()

    @property
    def id(self) -> int:
        return self.letter.id

    @property
    def state(self) -> LetterState:
        return self.letter.state

    @property
    def is_caught(self) -> bool:
        return self.letter.is_caught

    @property
    def is_mail_caught(self) -> bool:
        """Also where it was posted besides, and so reached its reader."""
        return self.letter.server_reply == caught.REPLY

    @property
    def paper(self) -> PostalState | None:
        """How far it is on paper; None where it does not go by post."""
        return None if self.state in NOT_COUNTED else self.letter.post_state

    @property
    def is_paper_alone(self) -> bool:
        return self.state is LetterState.BY_POST

    @property
    def mail_words(self) -> str:
        """How far it is by mail; empty where no mail goes."""
        if self.is_paper_alone:
            return ""
        if self.letter.bounced_on is not None:
            return BOUNCED_WORDS
        return CAUGHT_WORDS if self.is_mail_caught else self.state.value

    @property
    def paper_words(self) -> str:
        return f"by post: {self.paper.value}" if self.paper else ""

    @property
    def state_words(self) -> str:
        """On both of its tracks."""
        return "; ".join(filter(None, (self.mail_words, self.paper_words)))

    @property
    def means(self) -> str:
        return " ".join(filter(None, (self._means_by_mail, self._means_on_paper)))

    @property
    def _means_by_mail(self) -> str:
        if self.is_paper_alone:
            return ""
        if self.is_mail_caught:
            return "The built-in catcher has it. It was not sent to the reader."
        if self.letter.bounced_on is not None:
            return f"It bounced on {on_day(self.letter.bounced_on)}: {self.letter.bounced_why}."
        return self.letter.state_reason or MEANING[self.state][0]

    @property
    def _means_on_paper(self) -> str:
        if self.paper is None:
            return ""
        returned = self.paper is PostalState.RETURNED and self.letter.returned_why
        return f"It came back: {returned}" if returned else by_post.MEANING[self.paper][0]

    @property
    def next_step(self) -> str:
        if self.refused_copies and self.state is LetterState.SENT:
            return "Find the right address of the copy that was refused."
        if self.letter.bounced_on is not None:
            return MEANING[LetterState.REFUSED][1]
        by_mail = "" if self.is_paper_alone else MEANING[self.state][1]
        return by_mail or (by_post.MEANING[self.paper][1] if self.paper else "")

    @property
    def when(self) -> datetime | date | None:
        letter = self.letter
        return letter.sent_at or letter.returned_on or letter.posted_on or self._when_next

    @property
    def _when_next(self) -> datetime | None:
        return self.letter.printed_at or self.letter.next_attempt_at

    @property
    def day(self) -> date | None:
        """By which the list is sorted."""
        when = self.when
        return when.astimezone(LONDON).date() if isinstance(when, datetime) else when

    @property
    def is_sent(self) -> bool:
        return self.state is LetterState.SENT

    @property
    def has_gone(self) -> bool:
        """By mail, or by post without coming back."""
        return self.letter.has_gone


@dataclass(frozen=True)
class MailingProgress:
    """How far a mailing has come, counted by letters, each addressee once."""

    total: int
    counts: Mapping[LetterState, int]
    caught: int = 0  # of those sent: by the built-in catcher, so that nobody outside has them
    bounced: int = 0  # of those sent
    paper: Mapping[PostalState, int] = field(default_factory=dict)  # of those that go by post
    gone_by_post: int = 0  # of those that have gone: by post alone

    @property
    def words(self) -> str:
        """How many have gone, and where to."""
        if self.paper:
            gone = f"{self.gone - self.caught} of {self.total} gone"
            return f"{gone}, {self.caught} caught here" if self.caught else gone
        if not self.caught:
            return f"{self.sent} of {self.total} sent"
        if self.caught == self.sent:
            return f"{self.caught} of {self.total} caught here, not sent to anybody"
        return f"{self.sent - self.caught} of {self.total} sent, {self.caught} caught here"

    @property
    def by_words(self) -> Sequence[tuple[LetterState, str]]:
        """The counts as the page shows them, those that were caught by themselves."""
        counts = {**self.counts, LetterState.SENT: self.sent - self.caught - self.bounced}
        counts.pop(LetterState.BY_POST, None)  # these are counted by their paper
        caught = [(LetterState.SENT, f"{self.caught} {CAUGHT_WORDS}")] if self.caught else []
        shown = [(state, f"{count} {state.value}") for state, count in counts.items() if count]
        bounced = [(LetterState.REFUSED, f"{self.bounced} {BOUNCED_WORDS}")] if self.bounced else []
        return [*caught, *shown, *bounced]

    @property
    def by_paper(self) -> Sequence[tuple[PostalState, str]]:
        return [(state, f"{count} by post: {state.value}") for state, count in self.paper.items()]

    @property
    def sent(self) -> int:
        return self.counts.get(LetterState.SENT, 0)

    @property
    def gone(self) -> int:
        """By mail or by post, each letter once."""
        return self.sent + self.gone_by_post

    @property
    def to_print(self) -> int:
        return self.paper.get(PostalState.APPROVED, 0)

    @property
    def to_post(self) -> int:
        return self.paper.get(PostalState.PRINTED, 0)

    @property
    def to_go(self) -> int:
        return sum(self.counts.get(state, 0) for state in UNDER_WAY)

    @property
    def percent(self) -> int:
        return 100 * self.gone // self.total if self.total else 0

    def milestone_since(self, seen: int) -> str:
        """What to say aloud when a quarter has been reached since the page last looked."""
        before = 100 * seen // self.total if self.total else 0
        crossed = [one for one in MILESTONES if before < one <= self.percent]
        if not crossed:
            return ""
        gone = "caught here" if self.caught and self.caught == self.gone else "sent"
        return f"{crossed[-1]}% {gone}: {self.gone} of {self.total} letters."

    @property
    def finding(self) -> str:
        """The page in one sentence."""
        others = [
            f"{count} {state.value}"
            for state, count in self.counts.items()
            if count
            and state not in (LetterState.SENT, LetterState.BY_POST, *UNDER_WAY, *NOT_COUNTED)
        ]
        if self.to_print:
            others.append(f"{self.to_print} to print")
        if self.to_post:
            others.append(f"{self.to_post} to post")
        if self.bounced:
            others.append(f"{self.bounced} {BOUNCED_WORDS}")
        if came_back := self.paper.get(PostalState.RETURNED):
            others.append(f"{came_back} came back")
        if self.to_go:
            others.append(f"{self.to_go} to go")
        return "; ".join([self.words, *others]) + "."


def rows_of(session: Session, mailing_id: int) -> list[ResultRow]:
    """Every letter of the mailing, in a fixed number of statements."""
    letters = session.scalars(
        select(Letter)
        .where(Letter.mailing_id == mailing_id)
        .options(defer(Letter.text), defer(Letter.html))
        .order_by(Letter.id)
        .execution_options(populate_existing=True)
    ).all()
    newest: dict[str | None, int] = {}
    for letter in letters:
        newest[letter.addressee_key] = max(letter.series, newest.get(letter.addressee_key, 0))
    boards = _boards(session, mailing_id)
    answers = _answers(session, mailing_id)
    refused = _refused_copies(session, mailing_id)
    return [
        ResultRow(
            letter,
            tuple(boards[letter.id]),
            letter.series < newest[letter.addressee_key],
            answers.get(letter.id, ""),
            tuple(refused[letter.id]),
        )
        for letter in letters
    ]


def _boards(session: Session, mailing_id: int) -> Mapping[int, list[str]]:
    boards: dict[int, list[str]] = defaultdict(list)
    found = session.execute(
        select(LetterBoard.letter_id, Organisation.short_name)
        .join(Letter, Letter.id == LetterBoard.letter_id)
        .join(Organisation, Organisation.id == LetterBoard.organisation_id)
        .where(Letter.mailing_id == mailing_id)
        .order_by(alphabetical(Organisation.short_name))
    )
    for letter_id, name in found:
        boards[letter_id].append(name)
    return boards


def _answers(session: Session, mailing_id: int) -> Mapping[int, str]:
    return {
        letter_id: name
        for letter_id, name in session.execute(
            select(LetterAnswer.letter_id, LetterAnswer.answered_by)
            .join(Letter, Letter.id == LetterAnswer.letter_id)
            .where(Letter.mailing_id == mailing_id)
            .order_by(LetterAnswer.id)
        )
    }


def _refused_copies(session: Session, mailing_id: int) -> Mapping[int, list[str]]:
    refused: dict[int, list[str]] = defaultdict(list)
    found = session.execute(
        select(LetterRecipient.letter_id, LetterRecipient.address, LetterRecipient.reply)
        .join(Letter, Letter.id == LetterRecipient.letter_id)
        .where(
            Letter.mailing_id == mailing_id,
            LetterRecipient.is_cc.is_(True),
            LetterRecipient.accepted.is_(False),
        )
        .order_by(LetterRecipient.id)
    )
    for letter_id, address, reply in found:
        refused[letter_id].append(f"{address} ({reply})")
    return refused


def progress_of(rows: Sequence[ResultRow]) -> MailingProgress:
    counted = [row for row in rows if not row.is_superseded]
    counts = Counter(row.state for row in counted)
    total = sum(count for state, count in counts.items() if state not in NOT_COUNTED)
    # A copy that is sent again goes by mail; the paper stays with the letter it was printed of.
    paper = Counter(row.paper for row in rows if row.paper)
    gone = {row.letter.addressee_key for row in rows if row.has_gone}
    sent = {row.letter.addressee_key for row in counted if row.is_sent}
    return MailingProgress(
        total,
        {state: counts[state] for state in LetterState if counts[state]},
        caught=sum(row.is_caught for row in counted if row.is_sent),
        bounced=sum(row.letter.bounced_on is not None for row in counted),
        paper={state: paper[state] for state in PostalState if paper[state]},
        gone_by_post=len(gone - sent),
    )


def is_moving(mailing: Mailing, progress: MailingProgress) -> bool:
    """Whether the page changes by itself, so that it is worth looking again. Paper waits for
    people."""
    waits_for_people = not progress.to_go and bool(progress.to_print or progress.to_post)
    return (
        mailing.state is MailingState.HOLDING
        or (mailing.state is MailingState.SENDING and not waits_for_people)
        or (mailing.state is MailingState.PAUSED and mailing.resume_at is not None)
    )


def letter(session: Session, letter_id: int) -> Letter | None:
    """One letter whole, with its bytes."""
    return session.scalar(
        select(Letter)
        .where(Letter.id == letter_id)
        .options(undefer(Letter.mime), joinedload(Letter.person), joinedload(Letter.mailing))
        .execution_options(populate_existing=True)
    )


@dataclass(frozen=True)
class LetterStory:
    """What went on with one letter: its envelope, its boards, its steps, the answers to it."""

    recipients: Sequence[LetterRecipient]
    boards: Sequence[Organisation]
    events: Sequence[LetterEvent]
    answers: Sequence[LetterAnswer]


def story_of(session: Session, letter_id: int) -> LetterStory:
    return LetterStory(
        recipients=session.scalars(
            select(LetterRecipient)
            .where(LetterRecipient.letter_id == letter_id)
            .order_by(LetterRecipient.is_cc, LetterRecipient.id)
        ).all(),
        boards=session.scalars(
            select(Organisation)
            .join(LetterBoard, LetterBoard.organisation_id == Organisation.id)
            .where(LetterBoard.letter_id == letter_id)
            .order_by(alphabetical(Organisation.name))
        ).all(),
        events=session.scalars(
            select(LetterEvent).where(LetterEvent.letter_id == letter_id).order_by(LetterEvent.id)
        ).all(),
        answers=session.scalars(
            select(LetterAnswer)
            .where(LetterAnswer.letter_id == letter_id)
            .order_by(LetterAnswer.answered_on, LetterAnswer.id)
        ).all(),
    )


@dataclass(frozen=True)
class AsSent:
    """The stored bytes, taken apart for reading: nothing here comes from anywhere else."""

    headers: Sequence[tuple[str, str]]
    text: str
    html: str
    attachments: Sequence[tuple[str, int]]  # file name and size


def read_bytes(raw: bytes) -> AsSent:
    message = BytesParser(policy=SMTP).parsebytes(raw)
    assert isinstance(message, EmailMessage)
    return AsSent(
        headers=[
            (name, " ".join(str(value).split()))
            for name, value in message.items()
            if not name.lower().startswith(("content-", "mime-"))
        ],
        text=_content(message, "plain"),
        html=_content(message, "html"),
        attachments=[
            (part.get_filename() or "", len(part.get_payload(decode=True) or b""))
            for part in message.iter_attachments()
        ],
    )


def _content(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""


def _about(word: str) -> Callable[[ResultRow], bool]:
    """Whether a row speaks of this addressee, address or board."""
    wanted = word.casefold()

    def found(row: ResultRow) -> bool:
        letter = row.letter
        said = (letter.to_name, letter.to_email, letter.stands_in_as, letter.envelope, *row.boards)
        return any(wanted in one.casefold() for one in said)

    return found


LETTERS = ListView(
    name="Letters of a mailing",
    columns=(
        Column(
            "to",
            "To",
            lambda row: row.letter.to_name or row.letter.stands_in_as,
            lambda row: (row.letter.to_name or row.letter.stands_in_as).casefold(),
        ),
        Column("boards", "Boards", lambda row: ", ".join(row.boards)),
        Column("email", "Address", lambda row: row.letter.to_email, on_page=False),
        Column("state", "State", lambda row: row.state_words, lambda row: row.state_words),
        Column("means", "What it means", lambda row: row.means),
        Column("next", "Next step", lambda row: row.next_step, on_page=False),
        Column("when", "When", lambda row: row.when, lambda row: row.day),
        Column(
            "window",
            "Envelope",
            lambda row: ", ".join(row.letter.envelope.split("\n")) if row.paper else "",
            on_page=False,
        ),
        Column("printed", "Printed", lambda row: row.letter.printed_at, on_page=False),
        Column("posted", "Posted", lambda row: row.letter.posted_on, on_page=False),
        Column("bounced", "Bounced", lambda row: row.letter.bounced_on, on_page=False),
        Column("returned", "Came back", lambda row: row.letter.returned_on, on_page=False),
        Column("reply", "Server’s words", lambda row: row.letter.server_reply, on_page=False),
        Column("answered", "Answered by", lambda row: row.answered_by, on_page=False),
        Column("message_id", "Message-ID", lambda row: row.letter.message_id, on_page=False),
    ),
    filters=(
        Filter(
            "state",
            "State",
            FilterKind.CHOICE,
            lambda value: lambda row: row.state.value == value,
            choices=[(state.value, state.value.capitalize()) for state in LetterState],
        ),
        Filter(
            "paper",
            "By post",
            FilterKind.CHOICE,
            lambda value: lambda row: row.paper is not None and row.paper.value == value,
            choices=[(state.value, state.value.capitalize()) for state in PostalState],
        ),
        Filter(
            "unsent",
            "Not yet sent",
            FilterKind.BOOL,
            lambda _: lambda row: not row.has_gone and not row.is_superseded,
        ),
        Filter(
            "answered",
            "Answered",
            FilterKind.CHOICE,
            lambda value: lambda row: row.has_gone and bool(row.answered_by) == (value == "yes"),
            choices=[("yes", "Yes"), ("no", "Not yet")],
        ),
        Filter("q", "Addressee or board", FilterKind.TEXT, _about),
    ),
    per_page=50,
)
