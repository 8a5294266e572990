"""Who is told what becomes of a mailing: those whose business it is, and nobody else."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Permission, User
from app.letters import notifying
from app.letters.models import LetterTemplate, Mailing, TemplateVersion
from app.letters.tracking.replies import record_answer
from app.notifications.models import Event, MailedBy, Notification
from tests.factories import (
    NOON,
    TODAY,
    make_organisation,
    make_sent_letter,
    make_user,
)
from tests.reminders.stage import give_owner


def make_mailing(session: Session, by: User, name: str = "Winter offer") -> Mailing:
    template = LetterTemplate(name=name)
    session.add(template)
    session.flush()
    version = TemplateVersion(
        template_id=template.id, number=1, subject="An offer", body="Dear", written_at=NOON
    )
    session.add(version)
    session.flush()
    mailing = Mailing(
        name=name,
        template_version_id=version.id,
        created_at=NOON,
        created_by_id=by.id,
        author_ids=[str(by.id)],
        letter_count=12,
    )
    session.add(mailing)
    session.flush()
    return mailing


def told(session: Session) -> list[tuple[int, str]]:
    rows = session.execute(
        select(Notification.user_id, Notification.text).order_by(Notification.id)
    )
    return [(user_id, text) for user_id, text in rows]


def test_who_may_approve_is_told_and_who_had_a_hand_in_it_is_not(session: Session) -> None:
    author = make_user(session, "Ann Author")
    approver = make_user(session, "Pat Approver", permissions=(Permission.VIEW, Permission.APPROVE))
    make_user(session, "Val Viewer", permissions=(Permission.VIEW,))
    gone = make_user(session, "Gone Sample")
    gone.disabled_at = NOON
    notifying.tell_approvers(session, make_mailing(session, author), by=author, at=NOON)
    assert told(session) == [
        (approver.id, "Ann Author asks for approval of “Winter offer”: 12 letters.")
    ]


def test_who_made_a_mailing_is_told_by_mail_at_once_why_it_is_paused(session: Session) -> None:
    author = make_user(session, "Ann Author")
    mailing = make_mailing(session, author)
    notifying.tell_owner(session, mailing, "is paused", "3 letters in a row failed.", NOON)
    [found] = session.scalars(select(Notification))
    assert found.text == "Your mailing “Winter offer” is paused: 3 letters in a row failed."
    assert found.path == f"/letters/mailings/{mailing.id}/truth"
    assert (found.event, found.mail) == (Event.MAILING, MailedBy.AT_ONCE)


def test_a_reply_is_told_to_who_looks_after_the_body_and_not_to_who_wrote_it_down(
    session: Session,
) -> None:
    owner, by = make_user(session, "Olga Owner"), make_user(session, "Kim Sample")
    board = make_organisation(session, short_name="Sampleshire")
    give_owner(session, board, owner)
    letter = make_sent_letter(session, board)

    def answer() -> None:
        record_answer(
            session,
            letter=letter,
            answered_on=TODAY,
            answered_by="the lead’s office",
            said="Thank you, yes.",
            by=by,
            at=NOON,
            today=TODAY,
        )

    answer()
    answer()
    assert told(session) == [
        (owner.id, "Kim Sample recorded a reply to “An offer of support” from Sampleshire.")
    ]
