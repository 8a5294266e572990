"""The one door through which mail leaves: Flask-Mail's settings, smtplib's conversation.

A conversation is driven command by command, so that the caller can write down *transmitting*
after the addressee was accepted and before the first byte of the message.
"""

import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from flask_mail import Mail

from app.core.fault_points import fault_point
from app.core.mail.connection import PATIENCE, MailConnection, Patience, Session, with_final_dot

QUOTA_CODES = frozenset({452, 552, 554})  # from the server itself: it takes no more of anybody
OF_THE_CONTENT = 554  # once it has read the message: of that one alone
READY_FOR_DATA = 354
GOODBYE = 421
FIRST_PART = 512


@dataclass(frozen=True)
class Envelope:
    """Who the server is told: the addressee decides the letter's fate, copies are reported."""

    sender: str
    recipient: str
    copies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reply:
    code: int
    words: str

    def __str__(self) -> str:
        return f"{self.code} {self.words}".strip()


@dataclass(frozen=True)
class Accepted:
    """The server took the message, though perhaps not for every copy."""

    reply: Reply
    refused_copies: Mapping[str, Reply] = field(default_factory=dict)


@dataclass(frozen=True)
class RecipientRefused:
    """A permanent no to this address."""

    reply: Reply


@dataclass(frozen=True)
class MessageRefused:
    """A permanent no to this message, after the whole of it was given."""

    reply: Reply


@dataclass(frozen=True)
class Temporary:
    """A no for now. `of_address` when it was said of one address rather than of us."""

    reply: Reply
    of_address: bool


@dataclass(frozen=True)
class ServerProblem:
    """Nothing was sent and nobody in particular was refused: the way to the server is broken."""

    kind: str
    sentence: str
    takes_no_more: bool = False  # over quota; pauses the mailing at once


@dataclass(frozen=True)
class LostAfterFirstByte:
    """The line broke, or the wait ended, when the message may already have arrived."""

    sentence: str


DeliveryOutcome = (
    Accepted | RecipientRefused | MessageRefused | Temporary | ServerProblem | LostAfterFirstByte
)


class Transport:
    """One connection to a mail server, opened when first needed and used again and again."""

    def __init__(
        self,
        mail: Mail,
        patience: Patience = PATIENCE,
        *,
        messages_each: int = 50,
        idle_seconds: float = 60,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._mail = mail
        self._connection = MailConnection(mail, patience, trust)
        self._session: Session | None = None
        self._patience = patience
        self._messages_each = messages_each
        self._idle_seconds = idle_seconds
        self._sent = 0
        self._used_at = 0.0

    def deliver(
        self,
        envelope: Envelope,
        raw: bytes,
        *,
        before_first_byte: Callable[[], None],
        wait_for_copies: bool = False,
    ) -> DeliveryOutcome:
        """Hand one message over. `before_first_byte` is called once the server waits for it.

        Whatever that raises closes the connection, so the server throws the message away, and is
        raised again. With `wait_for_copies` a temporary no to a copy puts off the whole letter.
        """
        try:
            session, refused = self._introduce(envelope, len(raw), wait_for_copies)
        except _Said as said:
            self._after_a_no()
            return said.outcome
        except (smtplib.SMTPException, OSError) as problem:
            self.close()
            return _explain(problem, self._mail)
        fault_point("data wanted")
        try:
            before_first_byte()
        except BaseException:
            self._drop()
            raise
        return self._hand_over(session, raw, refused)

    def _introduce(
        self, envelope: Envelope, size: int, wait_for_copies: bool
    ) -> tuple[Session, dict[str, Reply]]:
        """Up to where the server waits for the message. Some hang up after each one, without a
        word or with a 421: what was begun on a connection that had served before is begun again on
        a new one, once. Nothing has been given by then."""
        served_before = self._sent > 0
        try:
            return self._offer(envelope, size, wait_for_copies)
        except (smtplib.SMTPServerDisconnected, ConnectionError, ssl.SSLEOFError):
            if not served_before:
                raise
        except _Said as said:
            if not (served_before and said.has_hung_up):
                raise
        self._drop()
        return self._offer(envelope, size, wait_for_copies)

    def _offer(
        self, envelope: Envelope, size: int, wait_for_copies: bool
    ) -> tuple[Session, dict[str, Reply]]:
        session = self._ready()
        refused = self._ask(session, envelope, size, wait_for_copies)
        self._expect(session.docmd("data"), READY_FOR_DATA, "The mail server did not want data")
        return session, refused

    def close(self) -> None:
        """Say goodbye if the server still listens; what it answers is of no interest."""
        session, self._session = self._session, None
        if session is not None:
            with suppress(smtplib.SMTPException, OSError):
                session.patience = min(session.patience, 5)
                session.quit()
            session.close()

    def _ready(self) -> Session:
        idle = time.monotonic() - self._used_at
        if self._sent >= self._messages_each or idle > self._idle_seconds:
            self.close()
        elif idle > 1 and not self._answers():
            self._drop()
        if self._session is None:
            self._session = self._connection.configure_host()
            self._sent = 0
            self._session.ehlo_or_helo_if_needed()
            fault_point("connected")
        self._used_at = time.monotonic()
        return self._session

    def _answers(self) -> bool:
        if self._session is None:
            return False
        try:
            return bool(self._session.noop()[0] == 250)
        except (smtplib.SMTPException, OSError):
            return False

    def _ask(
        self, session: Session, envelope: Envelope, size: int, wait_for_copies: bool
    ) -> dict[str, Reply]:
        """MAIL and RCPT; the copies that were refused, or `_Said` when the letter cannot go on."""
        options = [f"size={size}"] if session.has_extn("size") else []
        self._expect(
            session.mail(envelope.sender, options), 250, "The mail server did not take our address"
        )
        fault_point("our address accepted")
        answer = _reply(session.rcpt(envelope.recipient))
        if answer.code not in {250, 251}:
            temporary = answer.code < 500
            raise _Said(
                Temporary(answer, answer.code != 421) if temporary else RecipientRefused(answer)
            )
        fault_point("recipient accepted")
        refused = {}
        for copy in envelope.copies:
            answer = _reply(session.rcpt(copy))
            if answer.code in {250, 251}:
                continue
            if answer.code == 421 or (answer.code < 500 and wait_for_copies):
                raise _Said(Temporary(answer, answer.code != 421))
            refused[copy] = answer
        return refused

    def _expect(self, said: tuple[int, bytes], code: int, otherwise: str) -> None:
        answer = _reply(said)
        if answer.code == code:
            return
        if answer.code in QUOTA_CODES or answer.code >= 500 or answer.code < 400:
            raise _Said(_refusal_of_us(answer, otherwise))
        raise _Said(Temporary(answer, of_address=False))

    def _hand_over(
        self, session: Session, raw: bytes, refused: dict[str, Reply]
    ) -> DeliveryOutcome:
        session.patience = self._patience.after_final_dot
        try:
            content = with_final_dot(raw)
            session.send(content[:FIRST_PART])
            fault_point("first bytes given")
            session.send(content[FIRST_PART:])
            fault_point("message given")
            answer = _reply(session.getreply())
        except (smtplib.SMTPException, OSError) as problem:
            self._drop()
            return LostAfterFirstByte(
                "The connection was lost while the message was being given to the mail server "
                f"({_detail(problem)})."
            )
        session.patience = self._patience.reply
        self._sent += 1
        self._used_at = time.monotonic()
        if answer.code == 421 or not 200 <= answer.code < 600:
            self._drop()
        return _verdict(answer, refused)

    def _after_a_no(self) -> None:
        """Ready the connection for the next letter, or give it up."""
        session = self._session
        try:
            if session is None or session.rset()[0] != 250:
                self.close()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def _drop(self) -> None:
        """Hang up without a word: bytes already given must not be taken for a whole message."""
        session, self._session = self._session, None
        if session is not None:
            session.close()


def _verdict(answer: Reply, refused: dict[str, Reply]) -> DeliveryOutcome:
    if 200 <= answer.code < 300:
        return Accepted(answer, refused)
    if answer.code in QUOTA_CODES - {OF_THE_CONTENT}:
        return _refusal_of_us(answer, "The mail server did not take the message")
    if 400 <= answer.code < 500:
        return Temporary(answer, of_address=False)
    if 500 <= answer.code < 600:
        return MessageRefused(answer)
    return LostAfterFirstByte(f"The mail server's answer made no sense ({answer}).")


class _Said(Exception):
    """The server's answer settled the letter before any of it was given."""

    def __init__(self, outcome: DeliveryOutcome) -> None:
        super().__init__(str(outcome))
        self.outcome = outcome

    @property
    def has_hung_up(self) -> bool:
        return isinstance(self.outcome, Temporary) and self.outcome.reply.code == GOODBYE


def _reply(said: tuple[int, bytes]) -> Reply:
    code, words = said
    return Reply(code, " ".join(words.decode("utf-8", "replace").split())[:500])


def _refusal_of_us(answer: Reply, otherwise: str) -> ServerProblem:
    return ServerProblem(
        f"said {answer.code}", f"{otherwise}: {answer}.", answer.code in QUOTA_CODES
    )


def _explain(problem: Exception, mail: Mail) -> DeliveryOutcome:
    """What went wrong before any of the message was given, in a sentence."""
    where = f"the mail server {mail.server} port {mail.port}"
    if isinstance(problem, smtplib.SMTPResponseException):
        return _explain_answer(problem, where)
    for kinds, kind, sentence in PROBLEMS:
        if isinstance(problem, kinds):
            return ServerProblem(kind, sentence.replace("[where]", where))
    if _timed_out(problem):
        return ServerProblem("silent", f"No answer came in time from {where}.")
    return ServerProblem("dropped", f"The connection to {where} broke ({_detail(problem)}).")


PROBLEMS: tuple[tuple[type[Exception], str, str], ...] = (
    (smtplib.SMTPNotSupportedError, "no TLS", "No encryption (STARTTLS) is offered by [where]."),
    (
        ssl.SSLCertVerificationError,
        "certificate",
        "The certificate of [where] could not be trusted, so nothing was sent.",
    ),
    (ssl.SSLError, "TLS", "No encrypted connection could be made to [where]."),
    (socket.gaierror, "name", "The name of [where] could not be found."),
    (ConnectionRefusedError, "refused", "Nothing answers at [where]: is it running?"),
)


def _explain_answer(problem: smtplib.SMTPResponseException, where: str) -> DeliveryOutcome:
    words = problem.smtp_error
    answer = _reply((problem.smtp_code, words if isinstance(words, bytes) else words.encode()))
    if isinstance(problem, smtplib.SMTPAuthenticationError) and answer.code >= 500:
        return ServerProblem("sign-in", f"Our user name and password were refused by {where}.")
    if 400 <= answer.code < 500 and answer.code not in QUOTA_CODES:
        return Temporary(answer, of_address=False)
    return _refusal_of_us(answer, f"We were turned away by {where}")


def _timed_out(problem: BaseException | None) -> bool:
    while problem is not None:
        if isinstance(problem, TimeoutError):
            return True
        problem = problem.__context__
    return False


def _detail(problem: BaseException) -> str:
    if _timed_out(problem):
        return "no answer in time"
    return " ".join(str(problem).split())[:200] or type(problem).__name__
