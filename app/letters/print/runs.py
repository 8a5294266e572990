"""Files for the printer: asked for, made by a job, kept for a while.

A letter that is in a file counts as printed, and in a later one it is a reprint and says so. A file
that was never printed can be taken back. One file of a mailing is made at a time (`making`).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Select, exists, func, select, update
from sqlalchemy.orm import Session, joinedload, load_only, undefer

from app.accounts.models import User
from app.audit import services as audit
from app.core.clock import LONDON
from app.core.errors import DomainError
from app.core.web.filters import clock_time, on_day, plural
from app.letters.models import (
    Letter,
    LetterState,
    Mailing,
    MailingState,
    PostalState,
    PrintRun,
    PrintRunLetter,
    PrintRunState,
)
from app.letters.print import post_state
from app.letters.transitions import PRINT_FILE
from app.settings.models import Settings
from app.settings.services import settings_of

AT_ONCE = 50  # so many take two seconds or three: nobody need wait for a job
KEPT_AFTER_POSTING = timedelta(days=30)
KEPT_AT_MOST = timedelta(days=90)
OPEN = (PrintRunState.ASKED, PrintRunState.MAKING)
FIRST = (PostalState.APPROVED,)
AGAIN = (PostalState.PRINTED, PostalState.POSTED)
NEVER = (LetterState.EXCLUDED, LetterState.STOPPED, LetterState.EXPIRED)
OBJECTED = "asked not to be contacted"


class CannotPrint(DomainError):
    """Not now, or not these."""


def ask(
    session: Session,
    mailing: Mailing,
    *,
    letter_ids: Sequence[int],
    both_sides: bool,
    form_token: str,
    by: User,
    at: datetime,
) -> PrintRun:
    """One file of these letters, in the order of the mailing. One form, sent twice, asks once."""
    asked = session.scalar(select(PrintRun).where(PrintRun.form_token == form_token))
    if asked:
        return asked
    session.get_one(Mailing, mailing.id, with_for_update=True, populate_existing=True)
    _refuse_now(session, mailing)
    ids = [id_ for id_ in _printable_ids(session, mailing) if id_ in set(letter_ids)]
    if not ids:
        raise CannotPrint("There is no letter to print among those you chose.")
    last = session.scalar(
        select(func.max(PrintRun.number)).where(PrintRun.mailing_id == mailing.id)
    )
    run = PrintRun(
        mailing_id=mailing.id,
        number=(last or 0) + 1,
        both_sides=both_sides,
        asked_at=at,
        asked_by_id=by.id,
        letter_count=len(ids),
        form_token=form_token,
    )
    session.add(run)
    session.flush()
    session.add_all(
        PrintRunLetter(print_run_id=run.id, letter_id=id_, position=place)
        for place, id_ in enumerate(ids, start=1)
    )
    session.flush()
    return run


def try_again(session: Session, run: PrintRun) -> None:
    """Make a file that failed."""
    session.get_one(Mailing, run.mailing_id, with_for_update=True)
    session.refresh(run)
    if run.state is not PrintRunState.FAILED:
        raise CannotPrint("This file is being made already, or is ready.")
    _refuse_now(session, run.mailing)
    PRINT_FILE.move_record(session, run, PrintRunState.ASKED)
    run.state_reason, run.made_count = "", 0


def why_not_now(session: Session, mailing: Mailing) -> str:
    """Why nothing of this mailing can be printed for the post at this moment; or nothing."""
    if mailing.state is MailingState.HOLDING and mailing.hold_until:
        return f"The mailing is on hold until {clock_time(mailing.hold_until)}. Print it then."
    if mailing.state is MailingState.PAUSED:
        return f"The mailing is paused, so nothing is printed. {mailing.state_reason}".strip()
    if mailing.state not in (MailingState.SENDING, MailingState.FINISHED):
        return "Letters are printed for the post once their mailing has been approved and released."
    if reason := _why_held(settings_of(session)):
        return reason
    if session.scalar(select(exists(_runs_of(mailing).where(PrintRun.state.in_(OPEN))))):
        return "A file of this mailing is being made. Ask for the next when it is ready."
    return ""


def _why_held(settings: Settings) -> str:
    if settings.quiet_reason and not settings.look_first:
        return f"All letters to outsiders are held: {settings.quiet_reason}"
    return settings.look_first


def _refuse_now(session: Session, mailing: Mailing) -> None:
    if why := why_not_now(session, mailing):
        raise CannotPrint(why)


def letters_by_post(session: Session, mailing: Mailing) -> Sequence[Letter]:
    """Those that go on paper, without their words, in the order of the mailing."""
    return session.scalars(
        select(Letter)
        .where(Letter.mailing_id == mailing.id, Letter.post_state.is_not(None))
        .options(
            load_only(
                *(Letter.mailing_id, Letter.person_id, Letter.to_name, Letter.stands_in_as),
                *(Letter.state, Letter.post_state, Letter.envelope, Letter.printed_at),
                *(Letter.posted_on, Letter.returned_on, Letter.returned_why),
            ),
            joinedload(Letter.person),
        )
        .order_by(Letter.id)
        .execution_options(populate_existing=True)
    ).all()


def why_left_out(letter: Letter) -> str:
    """Why a letter by post is in no file for now; or nothing."""
    if letter.person is not None and letter.person.objected_on:
        return OBJECTED
    return why_not_printed(letter.post_state, letter.state, letter.envelope, letter.returned_on)


def why_not_printed(
    post_state: PostalState | None, state: LetterState, envelope: str, returned_on: date | None
) -> str:
    """`why_left_out`, as far as the letter itself says."""
    if post_state is PostalState.RETURNED:
        return f"came back on {on_day(returned_on)}: put the address right, and write again"
    if post_state not in (*FIRST, *AGAIN) or (post_state in FIRST and state in NEVER):
        return state.value if state in NEVER else "not approved"
    return "" if envelope else "no postal address was approved"


def _printable_ids(session: Session, mailing: Mailing) -> list[int]:
    return [one.id for one in letters_by_post(session, mailing) if not why_left_out(one)]


def run_with_mailing(session: Session, run_id: int) -> PrintRun | None:
    return session.scalar(
        select(PrintRun)
        .where(PrintRun.id == run_id)
        .options(
            joinedload(PrintRun.mailing).joinedload(Mailing.created_by),
            joinedload(PrintRun.asked_by),
        )
        .execution_options(populate_existing=True)
    )


def runs_of(session: Session, mailing: Mailing) -> Sequence[PrintRun]:
    """Newest first."""
    return session.scalars(
        _runs_of(mailing)
        .options(joinedload(PrintRun.asked_by))
        .order_by(PrintRun.number.desc())
        .execution_options(populate_existing=True)
    ).all()


def _runs_of(mailing: Mailing) -> Select[PrintRun]:
    return select(PrintRun).where(PrintRun.mailing_id == mailing.id)


def letters_in(session: Session, run: PrintRun) -> Sequence[PrintRunLetter]:
    """In the order of the file, each with its letter and whom it is to, without the words."""
    return session.scalars(
        select(PrintRunLetter)
        .where(PrintRunLetter.print_run_id == run.id)
        .options(
            joinedload(PrintRunLetter.letter).load_only(
                *(Letter.mailing_id, Letter.person_id, Letter.to_name, Letter.stands_in_as),
                *(Letter.state, Letter.post_state, Letter.envelope, Letter.printed_at),
                *(Letter.posted_on, Letter.returned_on, Letter.returned_why),
            ),
            joinedload(PrintRunLetter.letter).joinedload(Letter.person),
        )
        .order_by(PrintRunLetter.position)
        .execution_options(populate_existing=True)
    ).all()


def has_content(session: Session, run_id: int) -> bool:
    return bool(session.scalar(select(PrintRun.content.is_not(None)).where(PrintRun.id == run_id)))


def files_with(session: Session, letter_id: int) -> Sequence[PrintRun]:
    """The files this letter is in, the first before its reprints."""
    return session.scalars(
        select(PrintRun)
        .join(PrintRunLetter, PrintRunLetter.print_run_id == PrintRun.id)
        .where(PrintRunLetter.letter_id == letter_id, PrintRun.state == PrintRunState.READY)
        .order_by(PrintRun.id)
    ).all()


def content_of(session: Session, run_id: int) -> PrintRun | None:
    return session.scalar(
        select(PrintRun).where(PrintRun.id == run_id).options(undefer(PrintRun.content))
    )


def take_back(session: Session, run: PrintRun, *, by: User, at: datetime) -> int:
    """The file was never printed, or the paper is destroyed: its letters wait for the next file.

    The file itself goes, so that nobody prints it after all.
    """
    session.refresh(run, with_for_update={"of": PrintRun})
    if run.state is not PrintRunState.READY:
        raise CannotPrint("Only a file that is ready can be taken back.")
    inside = letters_in(session, run)
    gone = [one for one in inside if not one.is_reprint and one.letter.posted_on]
    if gone:
        raise CannotPrint(
            f"{plural(len(gone), 'letter')} of this file {'is' if len(gone) == 1 else 'are'} "
            "marked as posted. Take that back first, if it is not so."
        )
    own = [one.letter_id for one in inside if not one.is_reprint]
    PRINT_FILE.move_record(session, run, PrintRunState.TAKEN_BACK)
    run.content = None
    moved = post_state.move(
        session,
        [one for one in own if one not in _in_another(session, run, own)],
        leaving=(PostalState.PRINTED,),
        to=PostalState.APPROVED,
        values={"printed_at": None},
        note=f"Print file {run.number} was taken back: not printed after all.",
        at=at,
        by_id=by.id,
    )
    return len(moved)


def _in_another(session: Session, run: PrintRun, ids: Sequence[int]) -> set[int]:
    return set(
        session.scalars(
            select(PrintRunLetter.letter_id)
            .join(PrintRun, PrintRun.id == PrintRunLetter.print_run_id)
            .where(
                PrintRunLetter.letter_id.in_(ids),
                PrintRun.id != run.id,
                PrintRun.state == PrintRunState.READY,
            )
        )
    )


def kept_until(run: PrintRun, letters: Sequence[Letter]) -> date | None:
    """The last day of the file; none where it is gone, or was never there."""
    if run.made_at is None:
        return None
    at_most = (run.made_at + KEPT_AT_MOST).astimezone(LONDON).date()
    if any(one.post_state in (PostalState.APPROVED, PostalState.PRINTED) for one in letters):
        return at_most
    days = [one.posted_on for one in letters if one.posted_on]
    if not days:
        return at_most
    made_on = run.made_at.astimezone(LONDON).date()
    return min(at_most, max(made_on, *days) + KEPT_AFTER_POSTING)


def is_anything_old(session: Session, *, at: datetime) -> bool:
    return bool(session.scalar(select(exists(_old(at)))))


def _old(at: datetime) -> Select[PrintRun]:
    """Files kept so long that it is worth asking whether their time is over."""
    return select(PrintRun).where(
        PrintRun.state == PrintRunState.READY,
        PrintRun.content.is_not(None),
        PrintRun.made_at < at - KEPT_AFTER_POSTING,
    )


def forget_old_files(session: Session, *, at: datetime) -> int:
    """The files whose time is over go; what was in them, and their hashes, stay."""
    today = at.astimezone(LONDON).date()
    kept = session.scalars(_old(at)).all()
    old = []
    for run in kept:
        last_day = kept_until(run, [one.letter for one in letters_in(session, run)])
        if last_day and last_day < today:
            old.append(run.id)
    if old:
        session.execute(
            update(PrintRun)
            .where(PrintRun.id.in_(old))
            .values(content=None)
            .execution_options(synchronize_session=False)
        )
        audit.record(
            session,
            action="removed",
            subjects=[("print_run", id_) for id_ in old],
            summary="The file is no longer kept; what was in it, and its hash, are.",
        )
    return len(old)
