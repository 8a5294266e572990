"""From the queue through a real mail server into the catcher's folder."""

from email import message_from_bytes, policy
from pathlib import Path

from sqlalchemy.orm import Session

from app.core.mail import catcher
from app.core.mail.catcher import Folder
from app.core.mail.connection import mail_settings
from app.core.mail.smtp_transport import Transport
from app.outbox import services
from app.outbox.jobs import deliver_due
from app.outbox.models import MessageState
from tests.factories import NOON


def test_two_mails_arrive_one_after_the_other_in_one_conversation(
    session: Session, tmp_path: Path
) -> None:
    messages = [
        services.enqueue(
            session,
            recipient=f"{name}@example.org",
            subject="Your invitation, Siân",
            body="A line.\n.A line that begins with a dot.\n",
            send_after=NOON,
        )
        for name in ("sian", "kim")
    ]
    session.commit()
    folder = Folder(tmp_path)
    with catcher.catching(folder) as port:
        transport = Transport(mail_settings({"MAIL_SERVER": "", "CATCHER_PORT": port}))
        assert deliver_due(session, transport, NOON, base_url="http://127.0.0.1:8000") == 2
    assert {message.state for message in messages} == {MessageState.SENT}
    newest, oldest = folder.newest_first()
    assert (oldest.recipients, newest.recipients) == (["sian@example.org"], ["kim@example.org"])
    mail = message_from_bytes(folder.content(newest), policy=policy.default)
    assert mail["Subject"] == "Your invitation, Siân"
    assert "\n.A line that begins with a dot." in mail.get_content()


def test_with_nobody_listening_the_mail_waits_and_says_why(session: Session) -> None:
    message = services.enqueue(
        session, recipient="kim@example.org", subject="Hello", body="", send_after=NOON
    )
    session.commit()
    transport = Transport(mail_settings({"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": 1}))
    deliver_due(session, transport, NOON)
    assert message.state is MessageState.WAITING_TO_RETRY
    assert message.server_reply is not None
    assert "Nothing answers at the mail server 127.0.0.1 port 1" in message.server_reply
