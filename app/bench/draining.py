"""How fast a released mailing leaves, beside a loop which does no more than it must.

The loop gives the same bytes to the same server and commits one row as often as the sender does,
so what is between the two is the price of knowing the state of every letter.
"""

import smtplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from time import perf_counter
from typing import Any

from flask import Flask
from sqlalchemy import Connection, Engine, event, select
from sqlalchemy.orm import Session

from app.bench.filling import Staff, begin, check_and_seal, release
from app.bench.merging import NotAsMeant
from app.bench.report import Figure
from app.bench.sink import sink
from app.core import clock
from app.core.db import db
from app.core.mail.connection import mail_settings
from app.core.mail.mime_message import dated
from app.core.mail.smtp_transport import Transport
from app.letters.delivery.leases import LeaseKeeper
from app.letters.delivery.sender import Sender
from app.letters.models import Letter, LetterRecipient

FROM = "outreach@example.org"


@dataclass(frozen=True)
class Parcel:
    """One letter as the loop knows it."""

    recipients: tuple[str, ...]
    raw: bytes


@dataclass
class Commits:
    """How many transactions that wrote something were committed."""

    durable: int = 0
    changed_before: dict[Any, int] = field(default_factory=dict)

    def begin(self, connection: Connection) -> None:
        if connection.dialect.name == "sqlite":
            raw: Any = connection.connection.dbapi_connection
            self.changed_before[raw] = raw.total_changes

    def commit(self, connection: Connection) -> None:
        """Ask the driver whether what is about to be committed has written anything."""
        raw: Any = connection.connection.dbapi_connection
        if connection.dialect.name == "sqlite":
            self.durable += raw.total_changes > self.changed_before[raw]
        else:
            told = raw.execute("SELECT pg_current_xact_id_if_assigned()").fetchone()
            self.durable += told[0] is not None


def draining_figure(
    app: Flask,
    board_ids: Sequence[int],
    *,
    staff: Staff,
    at: datetime,
    rounds: int,
) -> Figure:
    """The boards' letters in a mailing for each round, each sent and sent again.

    One more mailing goes before them, to count its commits: counting would slow down only us.
    """
    a_round = len(board_ids) // (rounds + 1)
    batches = [board_ids[n * a_round : (n + 1) * a_round] for n in range(rounds + 1)]
    with app.app_context():
        _lay_out_row(db.engine)
    ours: list[float] = []
    loops: list[float] = []
    with sink() as port:
        for number, batch in enumerate(batches):
            with app.app_context():
                mailing_id = _release(db.session, number, batch, staff=staff, at=at)
                parcels = _parcels(db.session, mailing_id)
                if number == 0:
                    with _counting(db.engine) as commits:
                        _drain(app, port, len(parcels))
                    continue
                ours.append(_drain(app, port, len(parcels)))
                loops.append(_loop(db.engine, port, parcels, commits.durable))
    rate, loop_rate = a_round / median(ours), a_round / median(loops)
    return Figure(
        what=f"{rounds} × {a_round} released letters to a mail server, one connection",
        measured=f"{rate:.0f} letters a second",
        against=f"{loop_rate:.0f} of a bare loop, {commits.durable / a_round:.1f} commits a letter",
        ratio=rate / loop_rate,
        target=0.6,
        more_is_better=True,
    )


def _release(
    session: Session, number: int, board_ids: Sequence[int], *, staff: Staff, at: datetime
) -> int:
    """A mailing that has nothing left to wait for: no hold, and no pace."""
    mailing_id = begin(session, f"Draining {number}", board_ids, staff=staff, at=at).id
    check_and_seal(session, mailing_id, staff=staff, at=at)
    session.commit()
    release(session, mailing_id, staff=staff, at=at)
    session.commit()
    return mailing_id


def _parcels(session: Session, mailing_id: int) -> list[Parcel]:
    letters = session.execute(
        select(Letter.id, Letter.mime).where(Letter.mailing_id == mailing_id).order_by(Letter.id)
    ).all()
    recipients: dict[int, list[str]] = {}
    for letter_id, address in session.execute(
        select(LetterRecipient.letter_id, LetterRecipient.address)
        .join(Letter, Letter.id == LetterRecipient.letter_id)
        .where(Letter.mailing_id == mailing_id)
        .order_by(LetterRecipient.id)
    ):
        recipients.setdefault(letter_id, []).append(address)
    session.rollback()
    return [Parcel(tuple(recipients[id_]), mime or b"") for id_, mime in letters]


def _drain(app: Flask, port: int, wanted: int) -> float:
    """The sender as the job runs it, on one connection however many letters there are."""
    config = {**app.config, "MAIL_SERVER": "", "CATCHER_PORT": port}
    transport = Transport(mail_settings(config), messages_each=wanted + 1)
    sender = Sender(db.session, config, transport, LeaseKeeper(db.engine, clock.now))
    began = perf_counter()
    try:
        sent = sender.run()
    finally:
        sender.close()
    seconds = perf_counter() - began
    if sent != wanted:
        raise NotAsMeant(f"{sent} letters of {wanted} were sent.")
    return seconds


def _loop(engine: Engine, port: int, parcels: Sequence[Parcel], commits: int) -> float:
    each, left_over = divmod(commits, len(parcels))
    began = perf_counter()
    with engine.connect() as connection, smtplib.SMTP("127.0.0.1", port, "[127.0.0.1]") as server:
        for number, parcel in enumerate(parcels):
            for _ in range(each + (number < left_over)):
                connection.exec_driver_sql("UPDATE bench_row SET value = value + 1 WHERE id = 1")
                connection.commit()
            server.sendmail(FROM, parcel.recipients, dated(parcel.raw, clock.now()))
    return perf_counter() - began


def _lay_out_row(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE bench_row (id INTEGER PRIMARY KEY, value INTEGER)")
        connection.exec_driver_sql("INSERT INTO bench_row VALUES (1, 0)")


@contextmanager
def _counting(engine: Engine) -> Iterator[Commits]:
    """Transactions that only looked something up cost the disk nothing, and are left out."""
    commits = Commits()
    # The methods are taken once: each look at one makes another, and only the same can be removed.
    begin, commit = commits.begin, commits.commit
    event.listen(engine, "begin", begin)
    event.listen(engine, "commit", commit)
    try:
        yield commits
    finally:
        event.remove(engine, "begin", begin)
        event.remove(engine, "commit", commit)
