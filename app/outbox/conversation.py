"""A conversation with the mail server, as the jobs hold it."""

from collections.abc import Mapping
from typing import Any

from app.core.mail_connection import (
    PATIENCE,
    MailConnection,
    Session,
    mail_settings,
    with_final_dot,
)
from app.outbox.rules import Reply

GO_AHEAD = 354


class Conversation:
    """One connection, driven step by step."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @classmethod
    def begin(cls, config: Mapping[str, Any]) -> "Conversation":
        """Connect as the `MAIL_*` settings say, or to the catcher in the mail server's place."""
        session = MailConnection(mail_settings(config), PATIENCE, None).configure_host()
        session.ehlo_or_helo_if_needed()
        return cls(session)

    def mail(self, sender: str) -> Reply:
        return _reply(self._session.mail(sender))

    def rcpt(self, recipient: str) -> Reply:
        return _reply(self._session.rcpt(recipient))

    def data(self, content: bytes) -> Reply:
        """The server's word on the whole message, or its refusal to hear it at all."""
        answer = _reply(self._session.docmd("data"))
        if answer.code != GO_AHEAD:
            return answer
        self._session.patience = PATIENCE.after_final_dot
        self._session.send(with_final_dot(content))
        answer = _reply(self._session.getreply())
        self._session.patience = PATIENCE.reply
        return answer

    def reset(self) -> None:
        self._session.rset()

    def close(self) -> None:
        try:
            self._session.quit()
        finally:
            self._session.close()


def _reply(said: tuple[int, bytes]) -> Reply:
    code, words = said
    return Reply(code, " ".join(words.decode("utf-8", "replace").split())[:500])
