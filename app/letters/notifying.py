"""Telling our own people of mailings: who may approve, who made them, who looks after a body."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.core.text.alphabet import alphabetical
from app.core.web.filters import cut, plural
from app.directory.models import Organisation
from app.directory.queries.owners import owners_on, possible_owners
from app.letters.authorship import is_author
from app.letters.models import Letter, LetterAnswer, LetterBoard, Mailing, PrintRun
from app.notifications.models import Event
from app.notifications.services import notify

LONGEST_NAME = 80
LONGEST_WHY = 300


def tell_approvers(session: Session, mailing: Mailing, *, by: User, at: datetime) -> None:
    """Everybody who may approve it: a second person, with no hand in it."""
    letters = plural(mailing.letter_count, "letter")
    for user in possible_owners(session):
        if user.may(Permission.APPROVE) and not is_author(mailing, user):
            notify(
                session,
                user=user,
                event=Event.APPROVAL,
                key=f"approval:{mailing.id}:{at.isoformat()}",
                text=f"{by.name} asks for approval of {_named(mailing)}: {letters}.",
                path=f"/letters/mailings/{mailing.id}/check",
                at=at,
            )


def tell_owner(session: Session, mailing: Mailing, what: str, why: str, at: datetime) -> None:
    """Whoever made the mailing, and whoever released it: it "is paused", and why."""
    ids = [mailing.created_by_id, mailing.released_by_id or 0]
    reason = f": {cut(why, LONGEST_WHY)}" if why else "."
    for owner in session.scalars(select(User).where(User.id.in_(ids)).order_by(User.id)):
        notify(
            session,
            user=owner,
            event=Event.MAILING,
            key=f"mailing:{mailing.id}:{what}:{at.isoformat()}",
            text=f"Your mailing {_named(mailing)} {what}{reason}",
            path=f"/letters/mailings/{mailing.id}/truth",
            at=at,
        )


def tell_of_print_file(session: Session, run: PrintRun, why: str, *, at: datetime) -> None:
    """Whoever asked for a file that could not be made."""
    notify(
        session,
        user=run.asked_by,
        event=Event.MAILING,
        key=f"print file:{run.id}:{at.isoformat()}",
        text=f"Print file {run.number} of {_named(run.mailing)} was not made. "
        f"{cut(why, LONGEST_WHY)}",
        path=f"/letters/print-files/{run.id}",
        at=at,
    )


def tell_of_return(
    session: Session, letter: Letter, *, why: str, by: User, at: datetime, on: date
) -> None:
    """Whoever made its mailing, and whoever looks after a body it names: the letter came back."""
    reason = f": {cut(why, LONGEST_WHY)}" if why else ""
    for user in _concerned(session, letter, by=by, on=on):
        notify(
            session,
            user=user,
            event=Event.REPLY,
            key=f"returned:{letter.id}:{at.isoformat()}",
            text=f"The letter “{cut(letter.subject, LONGEST_NAME)}” to "
            f"{cut(letter.to_name or letter.stands_in_as, LONGEST_NAME)} came back{reason}. "
            "Nothing more is posted to that address until it is corrected.",
            path=f"/letters/letters/{letter.id}",
            at=at,
        )


def tell_of_bounce(session: Session, letter: Letter, *, by: User, at: datetime, on: date) -> None:
    """Whoever made its mailing, and whoever looks after a body it names: the letter bounced."""
    for user in _concerned(session, letter, by=by, on=on):
        notify(
            session,
            user=user,
            event=Event.REPLY,
            key=f"bounced:{letter.id}:{at.isoformat()}",
            text=f"The letter “{cut(letter.subject, LONGEST_NAME)}” to "
            f"{cut(letter.to_name or letter.stands_in_as, LONGEST_NAME)} bounced: "
            f"{cut(letter.bounced_why, LONGEST_WHY)}. Find the right address, then write again.",
            path=f"/letters/letters/{letter.id}",
            at=at,
        )


def tell_of_reply(
    session: Session, letter: Letter, answer: LetterAnswer, *, by: User, at: datetime, on: date
) -> None:
    """Whoever made its mailing, and whoever looks after a body it names; not who wrote it down."""
    names = ", ".join(board.short_name for board in _boards(session, letter))
    for user in _concerned(session, letter, by=by, on=on):
        notify(
            session,
            user=user,
            event=Event.REPLY,
            key=f"reply:{answer.id}",
            text=f"{by.name} recorded a reply to “{cut(letter.subject, LONGEST_NAME)}”"
            f"{f' from {names}' if names else ''}.",
            path=f"/letters/letters/{letter.id}",
            at=at,
        )


def _boards(session: Session, letter: Letter) -> Sequence[Organisation]:
    return session.scalars(
        select(Organisation)
        .join(LetterBoard, LetterBoard.organisation_id == Organisation.id)
        .where(LetterBoard.letter_id == letter.id)
        .order_by(alphabetical(Organisation.short_name), Organisation.id)
    ).all()


def _concerned(session: Session, letter: Letter, *, by: User, on: date) -> list[User]:
    boards = [one.id for one in _boards(session, letter)]
    concerned = {user.id: user for user in owners_on(session, boards, on).values()}
    mailing = session.get(Mailing, letter.mailing_id) if letter.mailing_id else None
    if mailing:
        author = session.get_one(User, mailing.created_by_id)
        concerned[author.id] = author
    concerned.pop(by.id, None)
    return list(concerned.values())


def _named(mailing: Mailing) -> str:
    visible = "".join(one if one.isprintable() else " " for one in mailing.name)
    return f"“{cut(visible, LONGEST_NAME)}”"
