"""Files for the printer as records: asked for, made, printed, taken back, kept for a while."""

import hashlib
import io
from collections.abc import Sequence
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.core import clock, shutdown
from app.core.claims import NoLongerOurs
from app.directory.models import Person, PersonEmail
from app.letters.models import (
    Letter,
    LetterEvent,
    LetterRecipient,
    LetterState,
    Mailing,
    MailingState,
    PostalState,
    PrintRun,
    PrintRunLetter,
    PrintRunState,
)
from app.letters.print import jobs, making, pdf_of_run, runs
from app.letters.print.runs import CannotPrint
from app.notifications.models import Notification
from app.settings.services import settings_of
from tests.factories import TODAY, make_person, make_user
from tests.letters.by_post import approved_by_post


def asked(
    session: Session, mailing: Mailing, letters: Sequence[Letter], *, token: str = "a"
) -> PrintRun:
    run = runs.ask(
        session,
        mailing,
        letter_ids=[one.id for one in letters],
        both_sides=True,
        form_token=token,
        by=make_user(session),
        at=clock.now(),
    )
    session.commit()
    return run


def made(
    session: Session, mailing: Mailing, letters: Sequence[Letter], *, token: str = "a"
) -> PrintRun:
    run = asked(session, mailing, letters, token=token)
    assert jobs.make_print_file(session, run.id)
    session.expire_all()
    return session.get_one(PrintRun, run.id)


def pages_of(session: Session, run: PrintRun) -> list[str]:
    content = runs.content_of(session, run.id)
    assert content is not None
    assert content.content is not None
    return [page.extract_text() for page in PdfReader(io.BytesIO(content.content)).pages]


def test_a_file_holds_each_approved_letter_once_and_they_count_as_printed(
    session: Session,
) -> None:
    mailing, letters = approved_by_post(session)
    run = made(session, mailing, letters)
    assert (run.state, run.letter_count, run.made_count) == (PrintRunState.READY, 3, 3)
    pages = pages_of(session, run)
    assert run.cover_pages == 1
    assert len(pages) == 2 + 2 * 3  # both sides: an empty back after the cover and each letter
    assert run.page_count == 3
    rows = runs.letters_in(session, run)
    assert [(one.position, one.page_count, one.is_reprint) for one in rows] == [
        (1, 1, False),
        (2, 1, False),
        (3, 1, False),
    ]
    for one, page in zip(rows, pages[2::2], strict=True):
        assert one.letter.post_state is PostalState.PRINTED
        assert one.letter.printed_at is not None
        assert one.letter.envelope.splitlines()[0] in page
        assert "Reprint" not in page
    events = session.scalars(select(LetterEvent).where(LetterEvent.post_state.is_not(None))).all()
    assert {one.note for one in events} == {"Printed, in print file 1."}


def test_the_same_letters_printed_again_say_so_and_keep_order_and_reference(
    session: Session,
) -> None:
    mailing, letters = approved_by_post(session)
    first = pages_of(session, made(session, mailing, letters, token="first"))
    again = made(session, mailing, letters, token="again")
    second = pages_of(session, again)
    assert "Reprint" in second[0]
    assert "(reprint)" in second[0]
    for before, after, letter in zip(first[2::2], second[2::2], letters, strict=True):
        assert after == f"Reprint\n{before}"
        assert str(letter.reference) in after
    assert all(one.is_reprint for one in runs.letters_in(session, again))
    session.expire_all()
    assert all(one.post_state is PostalState.PRINTED for one in letters)


def test_only_those_that_were_printed_before_are_marked(session: Session) -> None:
    mailing, letters = approved_by_post(session)
    made(session, mailing, letters[:1], token="first")
    again = made(session, mailing, letters, token="again")
    pages = pages_of(session, again)
    assert ["Reprint" in page for page in pages[2::2]] == [True, False, False]


def test_a_form_sent_twice_asks_for_one_file(session: Session) -> None:
    mailing, letters = approved_by_post(session)
    assert asked(session, mailing, letters).id == asked(session, mailing, letters).id


def test_one_file_of_a_mailing_is_made_at_a_time(session: Session) -> None:
    mailing, letters = approved_by_post(session)
    asked(session, mailing, letters)
    with pytest.raises(CannotPrint, match="is being made"):
        asked(session, mailing, letters, token="b")


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (MailingState.HOLDING, "on hold until"),
        (MailingState.PAUSED, "paused"),
        (MailingState.DRAFT, "once their mailing has been approved"),
        (MailingState.STOPPED, "once their mailing has been approved"),
    ],
)
def test_nothing_is_printed_before_its_mailing_goes(
    session: Session, state: MailingState, said: str
) -> None:
    mailing, letters = approved_by_post(session)
    mailing.state, mailing.hold_until = state, clock.now()
    session.commit()
    with pytest.raises(CannotPrint, match=said):
        asked(session, mailing, letters)


def test_nothing_is_printed_in_a_quiet_period(session: Session) -> None:
    mailing, letters = approved_by_post(session)
    settings_of(session).quiet_reason = "Election on 3 December."
    session.commit()
    with pytest.raises(CannotPrint, match="Election on 3 December"):
        asked(session, mailing, letters)


def test_whoever_objects_between_asking_and_making_is_left_out(session: Session) -> None:
    mailing, letters = approved_by_post(session)
    run = asked(session, mailing, letters)
    person = letters[1].person
    assert person is not None
    person.objected_on = TODAY
    session.commit()
    assert jobs.make_print_file(session, run.id)
    session.expire_all()
    run = session.get_one(PrintRun, run.id)
    assert run.letter_count == 2
    name = letters[1].to_name
    assert run.state_reason == f"{name}: {name} has objected to being written to."
    assert [one.letter_id for one in runs.letters_in(session, run)] == [
        letters[0].id,
        letters[2].id,
    ]
    cover, *rest = pages_of(session, run)
    assert "has objected to being written to" in " ".join(cover.split())
    assert letters[1].to_name not in "".join(rest)
    assert session.get_one(Letter, letters[1].id).post_state is PostalState.STOPPED


def test_a_letter_stopped_while_the_file_is_made_keeps_the_file_from_being_kept(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailing, letters = approved_by_post(session)
    run = asked(session, mailing, letters)

    def stopped_meanwhile(*args: object, **named: object) -> object:
        printed = pdf_of_run.print_run(*args, **named)  # type: ignore[arg-type]
        session.get_one(Letter, letters[2].id).state = LetterState.STOPPED
        session.commit()
        return printed

    monkeypatch.setattr(jobs, "print_run", stopped_meanwhile)
    assert not jobs.make_print_file(session, run.id)
    session.expire_all()
    run = session.get_one(PrintRun, run.id)
    assert run.state is PrintRunState.FAILED
    assert run.state_reason.startswith("1 letter changed while the file was being made")
    assert session.get_one(Letter, letters[0].id).post_state is PostalState.APPROVED
    told = session.scalars(select(Notification.text)).one()
    assert told.startswith("Print file 1 of “Offer of support, winter 2026” was not made.")
    monkeypatch.undo()
    runs.try_again(session, runs.run_with_mailing(session, run.id) or run)
    session.commit()
    assert jobs.make_print_files(session, clock.now()) == 1
    assert session.get_one(PrintRun, run.id, populate_existing=True).letter_count == 2


def test_whoever_objects_while_the_file_is_made_keeps_the_file_from_being_kept(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailing, letters = approved_by_post(session, 2)
    run = asked(session, mailing, letters)

    def objected_meanwhile(*args: object, **named: object) -> object:
        printed = pdf_of_run.print_run(*args, **named)  # type: ignore[arg-type]
        session.get_one(Person, letters[1].person_id).objected_on = TODAY
        session.commit()
        return printed

    monkeypatch.setattr(jobs, "print_run", objected_meanwhile)
    assert not jobs.make_print_file(session, run.id)

    session.expire_all()
    run = session.get_one(PrintRun, run.id)
    assert run.state is PrintRunState.FAILED
    assert run.state_reason.startswith("1 letter changed while the file was being made")
    assert {one.post_state for one in letters} == {PostalState.APPROVED}


@pytest.mark.parametrize("objecting", ["lead@example.com", "other@example.com"])
def test_whoever_objects_on_another_record_of_its_mailbox_keeps_a_mailed_letter_off_paper_too(
    session: Session, monkeypatch: pytest.MonkeyPatch, objecting: str
) -> None:
    mailing, letters = approved_by_post(session, 2)
    mailed_to(session, letters[1], "lead@example.com")
    run = asked(session, mailing, letters)

    def objected_meanwhile(*args: object, **named: object) -> object:
        printed = pdf_of_run.print_run(*args, **named)  # type: ignore[arg-type]
        make_person(session, "Twin Sample", email=objecting).objected_on = TODAY
        session.commit()
        return printed

    monkeypatch.setattr(jobs, "print_run", objected_meanwhile)
    is_theirs = objecting == "lead@example.com"
    assert jobs.make_print_file(session, run.id) != is_theirs
    session.expire_all()
    said = session.get_one(PrintRun, run.id).state_reason
    assert said.startswith("1 letter changed while the file was being made") == is_theirs


def test_a_letter_objected_to_at_its_mailbox_since_it_was_printed_gets_no_reprint(
    session: Session,
) -> None:
    mailing, letters = approved_by_post(session, 2)
    mailed_to(session, letters[0], "lead@example.com")
    mailed_to(session, letters[1], "other@example.com")
    made(session, mailing, letters)
    make_person(session, "Twin Sample", email="Lead@example.com").objected_on = TODAY
    session.commit()

    again = made(session, mailing, letters, token="again")

    assert [one.letter_id for one in runs.letters_in(session, again)] == [letters[1].id]
    assert again.state_reason == f"{letters[0].to_name}: asked not to be contacted."


def mailed_to(session: Session, letter: Letter, address: str) -> None:
    """It goes by mail as well as by post, and has left by mail."""
    letter.state = LetterState.SENT
    session.add(LetterRecipient(letter_id=letter.id, address=address, address_key=address))
    session.commit()


def test_an_address_that_mail_cannot_reach_keeps_no_letter_out_of_the_file(
    session: Session,
) -> None:
    mailing, letters = approved_by_post(session, 2)
    run = asked(session, mailing, letters)
    session.execute(update(PersonEmail).values(failed_on=TODAY, failure="550 no such user"))
    session.commit()

    assert jobs.make_print_file(session, run.id)

    session.expire_all()
    assert session.get_one(PrintRun, run.id).letter_count == 2
    assert {one.post_state for one in letters} == {PostalState.PRINTED}


def test_a_file_that_cannot_be_made_says_so_and_counts_nothing_as_printed(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailing, letters = approved_by_post(session)
    run = asked(session, mailing, letters)
    monkeypatch.setattr(pdf_of_run, "_append", lambda *_, **__: 1)
    assert not jobs.make_print_file(session, run.id)
    session.expire_all()
    assert session.get_one(PrintRun, run.id).state_reason == jobs.DIFFERENT
    assert session.get_one(Letter, letters[0].id).post_state is PostalState.APPROVED


def test_a_job_that_died_is_followed_by_one_that_begins_again(session: Session) -> None:
    mailing, letters = approved_by_post(session)
    run = asked(session, mailing, letters)
    dead = making.claim(session, run.id, at=clock.now())
    assert dead is not None
    making.renew(session, dead, made=2, at=clock.now())
    session.commit()
    assert jobs.make_print_files(session, clock.now()) == 0
    later = clock.now() + making.LEASE + timedelta(seconds=1)
    assert jobs.make_print_file(session, run.id, now=lambda: later)
    session.expire_all()
    assert session.get_one(PrintRun, run.id).made_count == 3


def test_a_job_that_lost_its_file_to_another_writes_nothing(session: Session) -> None:
    mailing, letters = approved_by_post(session)
    run = asked(session, mailing, letters)
    slow = making.claim(session, run.id, at=clock.now() - timedelta(hours=1))
    assert slow is not None
    assert jobs.make_print_file(session, run.id)
    with pytest.raises(NoLongerOurs):
        making.renew(session, slow, made=1, at=clock.now())
    assert making.fail(session, slow, "Too late.") is None


@pytest.mark.parametrize("is_over", [False, True])
def test_a_job_is_waited_for_to_the_very_end_of_its_lease(session: Session, is_over: bool) -> None:
    mailing, letters = approved_by_post(session, 1)
    run = asked(session, mailing, letters)
    began = clock.now()
    assert making.claim(session, run.id, at=began) is not None
    session.commit()
    at = began + making.LEASE + timedelta(microseconds=1 if is_over else 0)

    assert list(making.due(session, at)) == ([run.id] if is_over else [])
    assert (making.claim(session, run.id, at=at) is not None) == is_over


@pytest.mark.parametrize("moment", ["before it reports", "before it ends", "before it fails"])
def test_a_job_whose_file_another_makes_by_now_leaves_it_to_that_one(
    session: Session, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    mailing, letters = approved_by_post(session, 1)
    run = asked(session, mailing, letters)

    def taken_over_meanwhile(*args: object, **named: object) -> object:
        if moment == "before it ends":
            printed = pdf_of_run.print_run(*args, **named)  # type: ignore[arg-type]
        assert making.claim(session, run.id, at=clock.now() + making.LEASE * 2) is not None
        session.commit()
        if moment == "before it fails":
            raise CannotPrint("Too late.")
        if moment == "before it reports":
            printed = pdf_of_run.print_run(*args, **named)  # type: ignore[arg-type]
        return printed

    monkeypatch.setattr(jobs, "print_run", taken_over_meanwhile)
    assert not jobs.make_print_file(session, run.id)

    session.expire_all()
    assert (run.state, run.state_reason, run.made_count) == (PrintRunState.MAKING, "", 0)
    assert letters[0].post_state is PostalState.APPROVED
    assert session.scalars(select(Notification)).all() == []


def test_a_process_told_to_stop_leaves_the_file_to_the_next(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailing, letters = approved_by_post(session)
    run = asked(session, mailing, letters)
    monkeypatch.setattr(shutdown, "is_requested", lambda: True)
    assert not jobs.make_print_file(session, run.id)
    monkeypatch.undo()
    session.expire_all()
    assert session.get_one(PrintRun, run.id).state is PrintRunState.ASKED
    assert jobs.make_print_files(session, clock.now()) == 1


def test_a_file_never_printed_is_taken_back_and_the_next_is_no_reprint(session: Session) -> None:
    mailing, letters = approved_by_post(session)
    run = made(session, mailing, letters, token="first")
    assert runs.take_back(session, run, by=make_user(session), at=clock.now()) == 3
    session.commit()
    session.expire_all()
    assert letters[0].post_state is PostalState.APPROVED
    assert letters[0].printed_at is None
    assert not runs.has_content(session, run.id)
    again = made(session, mailing, letters, token="again")
    assert not any(one.is_reprint for one in runs.letters_in(session, again))
    with pytest.raises(CannotPrint, match="Only a file that is ready"):
        runs.take_back(session, run, by=make_user(session), at=clock.now())


def test_a_file_taken_back_leaves_its_letters_printed_that_are_in_another(
    session: Session,
) -> None:
    mailing, letters = approved_by_post(session)
    first = made(session, mailing, letters, token="first")
    made(session, mailing, letters[:1], token="again")

    assert runs.take_back(session, first, by=make_user(session), at=clock.now()) == 2

    session.commit()
    session.expire_all()
    assert [one.post_state for one in letters] == [
        PostalState.PRINTED,
        PostalState.APPROVED,
        PostalState.APPROVED,
    ]


def test_the_file_goes_thirty_days_after_its_letters_were_posted(session: Session) -> None:
    mailing, letters = approved_by_post(session)
    run = made(session, mailing, letters)
    for letter in letters:
        letter.post_state, letter.posted_on = PostalState.POSTED, TODAY
    session.commit()
    assert run.made_at is not None
    run.made_at = clock.now()
    day = runs.kept_until(run, letters)
    assert day is not None
    then = clock.now() + timedelta(days=30)
    session.commit()
    assert jobs.forget_old_files(session, then) == 0
    assert jobs.forget_old_files(session, then + timedelta(days=2)) == 1
    session.expire_all()
    assert not runs.has_content(session, run.id)
    assert session.get_one(PrintRun, run.id).sha256
    assert len(runs.letters_in(session, run)) == 3


def test_a_file_not_posted_goes_after_ninety_days(session: Session) -> None:
    mailing, letters = approved_by_post(session)
    made(session, mailing, letters)
    assert jobs.forget_old_files(session, clock.now() + timedelta(days=89)) == 0
    assert jobs.forget_old_files(session, clock.now() + timedelta(days=92)) == 1


def ask_by_page(client: FlaskClient, mailing: Mailing, **further: object) -> str:
    page = client.post(
        f"/letters/mailings/{mailing.id}/print-files",
        data={"form_token": "t", "which": "new", "sides": "both", **further},
        follow_redirects=True,
    )
    assert page.status_code == 200
    return page.text


def test_a_small_file_is_there_when_the_next_page_opens(
    client: FlaskClient, session: Session
) -> None:
    mailing, _ = approved_by_post(session)
    page = client.get(f"/letters/mailings/{mailing.id}/print").text
    assert "the 3 letters not printed yet" in page
    assert "to be printed" in page
    page = ask_by_page(client, mailing)
    assert "Print file 1" in page
    assert "Fetch the file for the printer" in page
    assert "Kept until" in page
    run = session.scalars(select(PrintRun)).one()
    file = client.get(f"/letters/print-files/{run.id}/letters.pdf")
    assert file.content_type == "application/pdf"
    assert hashlib.sha256(file.data).hexdigest() == run.sha256
    assert str(run.sha256) in page


def test_the_print_page_offers_all_again_as_a_reprint(
    client: FlaskClient, session: Session
) -> None:
    mailing, _ = approved_by_post(session)
    ask_by_page(client, mailing)
    page = client.get(f"/letters/mailings/{mailing.id}/print").text
    assert "not printed yet" not in page
    assert "all 3 letters: those printed before are marked as reprints" in page
    page = ask_by_page(client, mailing, which="all", form_token="u")
    assert "3 letters were in an earlier file" in page


def test_the_page_s_form_sent_twice_leads_to_the_one_file_it_asked_for(
    client: FlaskClient, session: Session
) -> None:
    mailing, _ = approved_by_post(session)
    ask_by_page(client, mailing)
    assert "Fetch the file for the printer" in ask_by_page(client, mailing)
    assert session.scalar(select(func.count(PrintRun.id))) == 1


def test_on_a_narrow_screen_the_number_and_the_pages_of_a_letter_say_which_is_which(
    client: FlaskClient, session: Session
) -> None:
    mailing, _ = approved_by_post(session)
    page = ask_by_page(client, mailing)
    assert 'data-called="No.">1<' in page
    assert 'data-called="Pages:">1<' in page


def test_a_page_left_open_while_somebody_else_printed_says_that_nothing_is_left_to_print(
    client: FlaskClient, session: Session
) -> None:
    mailing, _ = approved_by_post(session)
    ask_by_page(client, mailing)
    page = ask_by_page(client, mailing, form_token="u")
    assert "There is no letter to print among those you chose." in page
    assert "Not a valid choice" not in page
    assert session.scalar(select(func.count(PrintRun.id))) == 1


def test_ticked_letters_alone_are_printed_and_nothing_ticked_is_said(
    client: FlaskClient, session: Session
) -> None:
    mailing, letters = approved_by_post(session)
    page = ask_by_page(client, mailing, which="ticked")
    assert "Tick the letters that go into the file." in page
    ask_by_page(client, mailing, which="ticked", ids=[str(letters[1].id)])
    assert session.scalars(select(PrintRunLetter.letter_id)).all() == [letters[1].id]


def test_of_a_large_file_the_page_says_how_far_it_is(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "AT_ONCE", 1)
    mailing, _ = approved_by_post(session)
    page = ask_by_page(client, mailing)
    assert "0 of 3 letters" in page
    assert '<progress value="0" max="3"' in page
    run = session.scalars(select(PrintRun)).one()
    again = client.get(
        f"/letters/print-files/{run.id}?seen=0&waited=4", headers={"HX-Request": "true"}
    )
    assert "delay:8s" in again.text
    assert "HX-Refresh" not in again.headers
    assert jobs.make_print_files(session, clock.now()) == 1
    over = client.get(f"/letters/print-files/{run.id}?seen=0", headers={"HX-Request": "true"})
    assert over.headers["HX-Refresh"] == "true"


def test_a_copy_of_a_letter_by_post_says_that_it_is_not_for_the_post(
    client: FlaskClient, session: Session
) -> None:
    mailing, letters = approved_by_post(session)
    file = client.get(f"/letters/mailings/{mailing.id}/print.pdf?sides=one")
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(file.data)).pages]
    assert all("Copy, not for the post" in page for page in pages[1:])
    alone = client.get(f"/letters/letters/{letters[0].id}/letter.pdf")
    assert "Copy, not for the post" in PdfReader(io.BytesIO(alone.data)).pages[0].extract_text()
    assert session.get_one(Letter, letters[0].id).post_state is PostalState.APPROVED
