from pathlib import Path

from app.core import catcher
from app.core.catcher import Folder
from app.outbox.conversation import Conversation


def test_a_message_arrives_as_it_was_given(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    raw = b"Subject: Hello\r\n\r\n.dot\r\n..two dots\r\n"
    with catcher.catching(folder) as port:
        conversation = Conversation.begin({"MAIL_SERVER": "", "CATCHER_PORT": port})
        assert conversation.mail("us@example.org").is_yes
        assert conversation.rcpt("colleague@example.org").is_yes
        assert conversation.data(raw).is_yes
        conversation.close()
    (caught,) = folder.newest_first()
    assert folder.content(caught) == raw


def test_a_server_that_will_not_hear_the_message_has_refused_it(tmp_path: Path) -> None:
    with catcher.catching(Folder(tmp_path)) as port:
        conversation = Conversation.begin({"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": port})
        assert conversation.data(b"").code == 503
        conversation.reset()
        conversation.close()
