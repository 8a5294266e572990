"""A draft can be thrown away, and keeps nobody whom it only would have written to."""

from collections.abc import Callable, Sequence

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.directory.models import Organisation, Person
from app.letters.content import attachments
from app.letters.drafting import checking
from app.letters.models import (
    Attachment,
    Letter,
    LetterBoard,
    LetterState,
    Mailing,
    MailingState,
    TemplateVersion,
)
from app.letters.recipients.audience import Audience
from tests.factories import NOON, make_user
from tests.letters.conftest import BASE_URL, board, lead, letters_of
from tests.pages import press

Begin = Callable[..., Mailing]


def checked(session: Session, begin: Begin) -> tuple[Mailing, Person, Organisation]:
    here = board(session)
    person = lead(session, here)
    mailing = begin()
    checking.check(session, mailing, by=make_user(session), at=NOON, base_url=BASE_URL)
    session.commit()
    return mailing, person, here


def appointments_in(session: Session, mailing: Mailing) -> Sequence[LetterBoard]:
    return session.scalars(
        select(LetterBoard)
        .join(Letter, Letter.id == LetterBoard.letter_id)
        .where(Letter.mailing_id == mailing.id)
    ).all()


def test_a_draft_is_discarded_and_taken_back_with_its_files_and_choices(
    session: Session, client: FlaskClient, begin: Begin
) -> None:
    mailing, _, _ = checked(session, begin)
    chosen = Audience.from_json(mailing.audience)
    attachments.attach(
        session, mailing, file_name="offer.pdf", content=b"%PDF-1.7 offer", by=make_user(session)
    )
    session.commit()
    number = mailing.id

    page = press(client, f"/letters/mailings/{number}/check", f"/delete/mailing/{number}").text

    assert "“Offer of support, winter 2026” has been deleted." in page
    session.expire_all()
    assert session.get(Mailing, number) is None
    assert not session.scalars(select(Letter.id)).all()
    assert not session.scalars(select(Attachment.id)).all()
    assert client.get(f"/letters/mailings/{number}/check").status_code == 410

    press(client, "/bin", "/restore")
    session.expire_all()
    back = session.get_one(Mailing, number)
    assert (back.state, back.frozen_at) == (MailingState.DRAFT, None)
    assert Audience.from_json(back.audience) == chosen
    (file,) = attachments.attachments_of(session, back, with_content=True)
    assert (file.file_name, file.content) == ("offer.pdf", b"%PDF-1.7 offer")


def test_what_was_put_forward_cannot_be_discarded(
    session: Session, client: FlaskClient, begin: Begin
) -> None:
    mailing, _, _ = checked(session, begin)
    mailing.state = MailingState.AWAITING_APPROVAL
    session.commit()
    page = client.post(f"/delete/mailing/{mailing.id}").text
    assert "is awaiting approval. Only a draft can be discarded." in page
    assert (
        f"/delete/mailing/{mailing.id}"
        not in client.get(f"/letters/mailings/{mailing.id}/check").text
    )
    session.expire_all()
    assert len(letters_of(session, mailing)) == 1


def test_a_chaser_is_dropped_with_a_reason_and_not_discarded(
    session: Session, client: FlaskClient, begin: Begin
) -> None:
    first, _, _ = checked(session, begin)
    chaser, _, _ = checked(session, begin)
    chaser.chases_id = first.id
    session.commit()
    assert "Drop the chaser instead" in client.post(f"/delete/mailing/{chaser.id}").text
    session.expire_all()
    assert session.get(Mailing, chaser.id) is not None


def test_a_letter_of_a_draft_keeps_nobody_from_being_deleted(
    session: Session, client: FlaskClient, begin: Begin
) -> None:
    mailing, person, _ = checked(session, begin)
    for appointment in [row.appointment_id for row in appointments_in(session, mailing)]:
        client.post(f"/delete/appointment/{appointment}")
    checking.check(session, mailing, by=make_user(session), at=NOON, base_url=BASE_URL)
    session.commit()

    number, name = person.id, person.name

    page = client.post(f"/delete/person/{number}", follow_redirects=True).text

    assert f"“{name}” has been deleted." in page
    session.expire_all()
    assert session.get(Person, number) is None
    assert mailing.frozen_at is None


def test_whoever_deletes_is_told_which_draft_has_to_be_checked_again(
    session: Session, client: FlaskClient, begin: Begin
) -> None:
    mailing, _, _ = checked(session, begin)
    (about,) = appointments_in(session, mailing)

    page = client.post(f"/delete/appointment/{about.appointment_id}", follow_redirects=True).text

    assert (
        "“Offer of support, winter 2026” had letters about this. It has to be checked again."
    ) in page
    session.expire_all()
    assert mailing.frozen_at is None
    assert not letters_of(session, mailing)


def test_a_letter_that_was_put_forward_keeps_its_reader(
    session: Session, client: FlaskClient, begin: Begin
) -> None:
    mailing, person, _ = checked(session, begin)
    mailing.state = MailingState.AWAITING_APPROVAL
    session.commit()
    page = client.post(f"/delete/person/{person.id}").text
    assert "cannot be deleted" in page
    session.expire_all()
    assert letters_of(session, mailing)[0].state is LetterState.READY


def test_a_discarded_draft_keeps_its_number_from_others_and_comes_back(
    session: Session, client: FlaskClient, begin: Begin
) -> None:
    discarded = begin()
    session.commit()
    number = discarded.id
    client.post(f"/delete/mailing/{number}")

    session.expire_all()
    template = session.scalars(select(TemplateVersion.id)).one()
    another = Mailing(name="Another letter", template_version_id=template, form_token="another")
    another.created_at, another.created_by_id = NOON, make_user(session).id
    session.add(another)
    session.commit()

    assert another.id != number
    assert client.get(f"/letters/mailings/{number}/check").status_code == 410
    press(client, "/bin", "/restore")
    session.expire_all()
    assert session.get_one(Mailing, number).name == "Offer of support, winter 2026"
    assert another.name == "Another letter"
