"""What a mail server's answer means for a letter and its mailing. Pure rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.core.mail.smtp_transport import (
    Accepted,
    DeliveryOutcome,
    MessageRefused,
    RecipientRefused,
    Reply,
    ServerProblem,
    Temporary,
)
from app.letters.models import LetterState

RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30))
LATER_RETRIES = timedelta(hours=2)
FAILURES_THAT_PAUSE = 3
# So often a temporary no to a copy puts the letter off; after that it goes without the copy.
PATIENT_ATTEMPTS = 4


@dataclass(frozen=True)
class SmtpOutcome:
    """What becomes of one letter, and what that says about the way to the server."""

    state: LetterState
    reason: str = ""
    reply: str = ""
    failure: str = ""  # its kind, when it counts towards three in a row
    pauses_at_once: bool = False
    waiting_helps: bool = True  # a pause may end by itself
    address_failed: bool = False
    refused_copies: Mapping[str, Reply] = field(default_factory=dict)

    @property
    def is_out_of_the_ordinary(self) -> bool:
        """Something was refused, or counts as a failure of the way to the server."""
        return bool(self.failure or self.address_failed or self.refused_copies)


def outcome_of(outcome: DeliveryOutcome) -> SmtpOutcome:
    if isinstance(outcome, Accepted):
        return _sent(outcome)
    if isinstance(outcome, RecipientRefused):
        return SmtpOutcome(
            LetterState.REFUSED,
            f"The address was refused for good: {outcome.reply}",
            str(outcome.reply),
            failure="address refused",
            waiting_helps=False,
            address_failed=True,
        )
    if isinstance(outcome, MessageRefused):
        return SmtpOutcome(
            LetterState.REFUSED,
            f"The letter was read by the mail server and refused for good: {outcome.reply}",
            str(outcome.reply),
            failure="letter refused",
            waiting_helps=False,
        )
    if isinstance(outcome, Temporary):
        return SmtpOutcome(
            LetterState.WAITING_TO_RETRY,
            f"The mail server said not now: {outcome.reply}",
            str(outcome.reply),
            # A no to one address says nothing about the others: they go on.
            failure="" if outcome.of_address else f"not now ({outcome.reply.code})",
        )
    if isinstance(outcome, ServerProblem):
        state = LetterState.QUEUED if outcome.takes_no_more else LetterState.WAITING_TO_RETRY
        return SmtpOutcome(
            state,
            outcome.sentence,
            failure=outcome.kind,
            pauses_at_once=outcome.takes_no_more,
        )
    return SmtpOutcome(
        LetterState.UNKNOWN,
        f"{outcome.sentence} It may have arrived.",
        failure="connection lost",
        waiting_helps=False,
    )


def _sent(outcome: Accepted) -> SmtpOutcome:
    refused = outcome.refused_copies
    reason = ""
    if refused:
        said = "; ".join(f"{address} ({reply})" for address, reply in refused.items())
        reason = f"Sent, but not to every copy. Refused: {said}"
    return SmtpOutcome(LetterState.SENT, reason, str(outcome.reply), refused_copies=refused)


def wait_after(attempts: int) -> timedelta:
    """How long after the nth failed attempt the next one comes."""
    return RETRY_AFTER[attempts - 1] if attempts <= len(RETRY_AFTER) else LATER_RETRIES


def gap_between(letters_a_minute: int) -> timedelta:
    """The time from one letter to the next; none at all where no pace is set."""
    return timedelta(seconds=60 / letters_a_minute) if letters_a_minute > 0 else timedelta(0)


def failures_now(before: int, kind_before: str, kind: str) -> int:
    """Only failures of one kind, one after another, add up."""
    return before + 1 if kind == kind_before else 1


def lapsed(approval_lapses_at: datetime | None, at: datetime) -> bool:
    return approval_lapses_at is None or approval_lapses_at <= at


# What each state means to whoever reads the page, and what to do next.
MEANING: Mapping[LetterState, tuple[str, str]] = {
    LetterState.DRAFT: ("Being written.", ""),
    LetterState.READY: ("Checked, and waiting for approval.", ""),
    LetterState.QUEUED: ("Released, and waiting its turn.", ""),
    LetterState.CLAIMED: ("Being taken to the mail server now.", ""),
    LetterState.TRANSMITTING: ("Being given to the mail server at this moment.", ""),
    LetterState.SENT: ("The mail server accepted it.", ""),
    LetterState.REFUSED: (
        "The mail server said no for good. Nothing was delivered.",
        "Find the right address, put it on the person’s page, and write again.",
    ),
    LetterState.WAITING_TO_RETRY: (
        "The mail server could not take it yet. It will be tried again by itself.",
        "",
    ),
    LetterState.UNKNOWN: (
        "The line broke while it was being handed over. It arrived once or not at all.",
        "Ask the mail server’s keeper or the recipient, then say “it arrived” or “send again”.",
    ),
    LetterState.EXCLUDED: ("Left out, so nothing was sent.", ""),
    LetterState.STOPPED: ("Stopped before it left.", ""),
    LetterState.EXPIRED: (
        "The approval lapsed before it left.",
        "Ask for approval again; only unsent letters will go.",
    ),
}
