"""How fast a released mailing leaves, beside a loop which does no more than it must.

The loop gives the same bytes to the same server and commits one row three times a letter: before it
is offered, before its first byte, and when its end is known. What is between the two is the price
of knowing the state of every letter.
"""

import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from time import perf_counter

from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.bench.filling import Staff, begin, check_and_seal, release
from app.bench.merging import NotAsMeant
from app.bench.report import Figure
from app.bench.sink import sink
from app.core import clock
from app.core.db import db, on_one_connection
from app.core.mail.connection import mail_settings
from app.core.mail.mime_message import dated
from app.core.mail.smtp_transport import Transport
from app.letters.delivery.leases import LeaseKeeper
from app.letters.delivery.sender import Sender
from app.letters.models import Letter, LetterRecipient

FROM = "outreach@example.org"
COMMITS = 3  # of the loop for each letter, however many the sender makes


@dataclass(frozen=True)
class Parcel:
    """One letter as the loop knows it."""

    recipients: tuple[str, ...]
    raw: bytes


def draining_figure(
    app: Flask,
    board_ids: Sequence[int],
    *,
    staff: Staff,
    at: datetime,
    rounds: int,
) -> Figure:
    """The boards' letters in a mailing for each round, each sent and sent again.

    One more mailing goes before them: what is done for the first time takes longer.
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
                took = _drain(app, port, len(parcels)), _loop(db.engine, port, parcels)
                if number > 0:
                    ours.append(took[0])
                    loops.append(took[1])
    rate, loop_rate = a_round / median(ours), a_round / median(loops)
    return Figure(
        what=f"{rounds} × {a_round} released letters to a mail server, one connection",
        measured=f"{rate:.0f} letters a second",
        against=f"{loop_rate:.0f} of a bare loop, {COMMITS} commits a letter",
        ratio=rate / loop_rate,
        target=0.75,
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
    began = perf_counter()
    with on_one_connection(db.session) as session:
        sender = Sender(session, config, transport, LeaseKeeper(db.engine, clock.now))
        try:
            sent = sender.run()
        finally:
            sender.close()
    seconds = perf_counter() - began
    if sent != wanted:
        raise NotAsMeant(f"{sent} letters of {wanted} were sent.")
    return seconds


def _loop(engine: Engine, port: int, parcels: Sequence[Parcel]) -> float:
    began = perf_counter()
    with engine.connect() as connection, smtplib.SMTP("127.0.0.1", port, "[127.0.0.1]") as server:
        for parcel in parcels:
            for _ in range(COMMITS):
                connection.exec_driver_sql("UPDATE bench_row SET value = value + 1 WHERE id = 1")
                connection.commit()
            server.sendmail(FROM, parcel.recipients, dated(parcel.raw, clock.now()))
    return perf_counter() - began


def _lay_out_row(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE bench_row (id INTEGER PRIMARY KEY, value INTEGER)")
        connection.exec_driver_sql("INSERT INTO bench_row VALUES (1, 0)")
