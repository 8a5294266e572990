"""The sender: takes released letters one by one to the mail server.

Some letters are claimed together, and their leases kept. Each is looked at a last time; offered to
the server; marked as *transmitting* when the server waits for its bytes; and given its end.
`Sender` reads in this order. Each step is a compare-and-set on the letter's row (`queue`,
`outcomes`), committed before the next begins, and no transaction is open while anything is on the
wire. Any number of senders may run at once.
"""

import random
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from app.core import clock, shutdown
from app.core.claims import NoLongerOurs
from app.core.db import on_one_connection, reading
from app.core.errors import DomainError
from app.core.fault_points import fault_point
from app.core.logs import log
from app.core.mail.connection import mail_settings
from app.core.mail.mime_message import UnfitForMail, address, dated, sender_of, sha256
from app.core.mail.smtp_transport import Envelope, Transport
from app.letters.delivery import controls, lifecycle, outcomes, queue
from app.letters.delivery.leases import LeaseKeeper
from app.letters.delivery.queue import Batch, ClaimedLetter
from app.letters.delivery.smtp_outcome import PATIENT_ATTEMPTS, SmtpOutcome, outcome_of
from app.letters.models import LetterState, Mailing
from app.letters.notifying import tell_owner
from app.settings import progress, standstill
from app.settings.models import Settings
from app.settings.services import next_batch, outward_mail, take_turn, turn_of

# Waiting for the next turn of the pace keeps the connection; a longer wait is left to the next run.
LONGEST_WAIT = timedelta(seconds=15)
# While there is always a letter to send, with no pace set, what is due by the clock comes between.
KEEP_UP_EVERY = timedelta(seconds=5)
# The answer of a mail server is worth some patience with a busy or full database.
RECORDING_SECONDS = 90.0

T = TypeVar("T")

NOT_WHAT_WAS_APPROVED = (
    "The stored letter {} is not what was approved: its bytes have changed since. Nothing more "
    "was sent."
)


def send_due(session: Session, config: Mapping[str, Any]) -> int:
    """Send whatever released mailings have to go; returns how many letters were accepted."""
    with reading():  # most of the time there is nothing, and nobody need wait for us to see it
        anything = lifecycle.is_anything_to_do(session)
        session.commit()
    if not anything:
        return 0
    leases = LeaseKeeper(session.get_bind().engine, clock.now)
    with on_one_connection(session) as own:
        sender = Sender(own, config, Transport(mail_settings(config)), leases)
        try:
            return sender.run()
        finally:
            sender.close()


class OlderDatabase(Exception):
    """An older copy has been put in the place of the database from which letters were sent."""


class Sender:
    """One sender with its connection. The clock and the waits are arguments for the tests."""

    def __init__(
        self,
        session: Session,
        config: Mapping[str, Any],
        transport: Transport,
        leases: LeaseKeeper,
        *,
        now: Callable[[], datetime] = clock.now,
        wait: Callable[[float], object] = shutdown.wait,
        recording_seconds: float = RECORDING_SECONDS,
    ) -> None:
        self._session = session
        self._config = config
        self._transport = transport
        self._leases = leases
        self._now = now
        self._wait = wait
        self._recording_seconds = recording_seconds
        self._batch: Batch | None = None
        self._kept_up_at = now()
        self._to_come: deque[int] = deque()  # of the batch, those that nothing was done about yet

    def run(self) -> int:
        """Go on until nothing is due soon, or until told to stop, never within a letter."""
        sent = 0
        self._keep_up()
        while not shutdown.is_requested():
            fault_point("before the claim")
            if not self._to_come and self._now() - self._kept_up_at >= KEEP_UP_EVERY:
                self._keep_up()  # other mailings lapse, or come to the end of their hold, meanwhile
            if self._to_come or self._claim():
                sent += self._send_next()
            elif not self._wait_for_turn():
                break
        return sent

    def close(self) -> None:
        """What was claimed and not begun goes back at once; if that fails, when its lease ends."""
        if self._batch is not None:
            self._roll_back()
            try:
                self._give_back("Its sender stopped before anything had left.")
            except SQLAlchemyError:
                self._roll_back()
                with suppress(OSError):
                    log.exception("letters not given back")
        self._leases.close()
        self._transport.close()

    # The life of a letter on the wire.

    def _claim(self) -> bool:
        """Take the next letters, unless it is nobody's turn; whether there are any."""

        number = 0

        def work() -> Batch | None:
            nonlocal number
            turn = take_turn(self._session, self._config)
            batch = queue.claim(self._session, turn, self._now()) if turn.may_send else None
            if batch:
                number = self._number_of_batch()
            return batch

        self._leases.let_go()
        try:
            self._batch = self._patiently(work)
        except OlderDatabase:
            self._roll_back()
            self._patiently(self._ask_about_older)
            return False
        if self._batch is None:
            return False
        self._to_come.extend(self._batch.letter_ids)
        if data_dir := self._config.get("DATA_DIR"):
            # Before anything of it is sent: should this fail, the letters go back unsent.
            progress.advance(data_dir, last_batch=number, durable=True)
        self._leases.hold(self._batch.token)
        return True

    def _number_of_batch(self) -> int:
        """Senders claim one at a time, so nobody has noted a later one, but on a newer database."""
        number = next_batch(self._session)
        data_dir = self._config.get("DATA_DIR")
        if data_dir and number <= progress.read(data_dir).last_batch:
            raise OlderDatabase
        return number

    def _ask_about_older(self) -> None:
        standstill.ask_about_older(self._session, self._config["DATA_DIR"], self._now())

    def _send_next(self) -> bool:
        """One attempt at one of the letters that we have claimed; whether it was sent."""
        fault_point("claimed")
        try:
            letter = self._look(self._to_come.popleft())
            return letter is not None and self._deliver(letter)
        except NoLongerOurs:  # held back before the first byte, or its lease ended
            self._give_back("It was held back in time.")
            self._keep_up()
            return False

    def _look(self, letter_id: int) -> ClaimedLetter | None:
        """Whatever forbids sending it at this moment forbids the others, too; None where something
        stands in the way of this letter alone."""
        batch = self._batch
        assert batch is not None
        with reading():
            letter = self._patiently(
                lambda: queue.look(self._session, batch, letter_id, self._now())
            )
        if turn_of(letter.settings, self._config) != batch.turn:
            raise NoLongerOurs
        if letter.needs_a_closer_look and self._patiently(
            lambda: queue.is_left_out(self._session, letter, self._now())
        ):
            return None
        return letter

    def _deliver(self, claimed: ClaimedLetter) -> bool:
        if claimed.raw is None or sha256(claimed.raw) != claimed.sha256:
            self._stop_everything(claimed)
            return False
        try:
            envelope = _envelope(claimed, claimed.raw)
        except DomainError as refusal:
            self._record(claimed, SmtpOutcome(LetterState.REFUSED, str(refusal)))
            return False
        outcome = self._transport.deliver(
            envelope,
            dated(claimed.raw, self._now()),
            before_first_byte=lambda: self._start_transmitting(claimed),
            wait_for_copies=claimed.attempts < PATIENT_ATTEMPTS,
        )
        fault_point("reply received")
        fate = outcome_of(outcome)
        self._record(claimed, fate)
        return fate.state is LetterState.SENT

    def _start_transmitting(self, claimed: ClaimedLetter) -> None:
        """The server waits for the first byte, and may have it once this is committed."""
        if not self._patiently(
            lambda: queue.start_transmitting(self._session, claimed, self._now())
        ):
            raise NoLongerOurs
        fault_point("transmitting recorded")

    def _record(self, claimed: ClaimedLetter, fate: SmtpOutcome) -> None:
        """If the answer cannot be written down at all, the lease ends: *unknown*."""
        self._patiently(lambda: outcomes.record(self._session, claimed, fate, self._now()))
        fault_point("reply recorded")

    # When it goes no further.

    def _give_back(self, why: str) -> None:
        """Whatever of the batch has not begun."""
        self._put_back(why)
        self._session.commit()

    def _put_back(self, why: str) -> None:
        batch, self._batch = self._batch, None
        self._to_come.clear()
        self._leases.let_go()
        if batch is not None:
            queue.give_back(self._session, batch, self._now(), why)

    def _stop_everything(self, claimed: ClaimedLetter) -> None:
        """Somebody or something has changed what was approved: not one letter more."""
        why = NOT_WHAT_WAS_APPROVED.format(claimed.letter_id)
        self._put_back(why)
        mailing = self._session.get_one(Mailing, claimed.mailing_id, populate_existing=True)
        if mailing.state in lifecycle.RELEASED:
            controls.stop(self._session, mailing, by=None, at=self._now(), why=why)
            tell_owner(self._session, mailing, "was stopped", why, self._now())
        self._session.commit()
        log.error("letter changed since approval", letter=claimed.letter_id)

    # Between letters.

    def _wait_for_turn(self) -> bool:
        """Whether something is worth waiting for, having waited for it or a second."""
        self._keep_up()
        with reading():
            turn = queue.next_turn(self._session)
            self._session.commit()
        if turn is None:
            return False
        left = turn - self._now()
        if left > LONGEST_WAIT:
            return False
        self._wait(min(max(left.total_seconds(), 0.01), 1))
        return True

    def _keep_up(self) -> None:
        def work() -> None:
            settings = self._settings()
            mail = outward_mail(self._session, self._config)
            lifecycle.keep_up(self._session, settings, mail, self._now())

        self._patiently(work)
        self._kept_up_at = self._now()

    def _settings(self) -> Settings:
        """Read afresh and locked, so that senders take their turns one at a time."""
        return self._session.get_one(Settings, 1, populate_existing=True, with_for_update=True)

    def _patiently(self, work: Callable[[], T]) -> T:
        """Do a piece of work and commit it, trying again while the database is busy or full."""
        deadline = time.monotonic() + self._recording_seconds
        while True:
            try:
                done = work()
                self._session.commit()
            except OperationalError:
                self._roll_back()
                if time.monotonic() >= deadline:
                    raise
                with suppress(OSError):  # the log may be on the same full disk
                    log.warning("database busy or full, trying again")
                time.sleep(min(1.0, self._recording_seconds / 10) * (0.5 + random.random()))
            else:
                return done

    def _roll_back(self) -> None:
        """SQLite on a full disk has rolled back already, and says so by another error."""
        try:
            self._session.rollback()
        except OperationalError:
            self._session.invalidate()


def _envelope(claimed: ClaimedLetter, raw: bytes) -> Envelope:
    sender = sender_of(raw)
    if not claimed.addresses:
        raise UnfitForMail("It has no addressee.")
    addressee, *copies = (address(one) for one in claimed.addresses)
    return Envelope(sender, addressee, tuple(copies))
