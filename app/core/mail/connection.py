"""Flask-Mail's settings and connection, with waits that end and certificates that are checked."""

import io
import smtplib
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import flask_mail
from flask_mail import Mail


@dataclass(frozen=True)
class Patience:
    """How many seconds each wait may last (RFC 5321)."""

    connect: float = 10
    reply: float = 30
    after_final_dot: float = 600


PATIENCE = Patience()


def mail_settings(config: Mapping[str, Any]) -> Mail:
    """Flask-Mail holding these `MAIL_*` settings; without a server, the built-in catcher's."""
    settings = dict(config)
    if not settings.get("MAIL_SERVER"):
        settings |= {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": settings.get("CATCHER_PORT")}
    mail = Mail()
    mail.state = mail.init_mail(settings)
    return mail


class Session(smtplib.SMTP):
    """An SMTP conversation in which a whole reply has to come within the patience there is."""

    def __init__(
        self, host: str, port: int, patience: Patience, trust: ssl.SSLContext | None
    ) -> None:
        self.patience = patience.reply
        self._trust = trust
        name = socket.gethostname()
        super().__init__(
            host,
            port,
            local_hostname=name if "." in name else "[127.0.0.1]",
            timeout=patience.connect,
        )

    def send(self, s: Any) -> None:
        if self.sock:
            self.sock.settimeout(self.patience)
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        if self.sock:
            if self.file is None:  # the beginning, or TLS has: what came before is not read on
                self._from = _BeforeDeadline(self.sock)
                self.file = io.BufferedReader(self._from)
            self._from.allow(self.patience)
        return super().getreply()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connected = socket.create_connection((host, port), timeout)
        # Commands are short, and each is waited for: nothing is won by holding them back.
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connected


class TlsSession(Session):
    """TLS from the first byte."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        assert self._trust is not None
        return self._trust.wrap_socket(
            super()._get_socket(host, port, timeout), server_hostname=host
        )


class MailConnection(flask_mail.Connection):
    """Flask-Mail's connection, with waits that end and certificates that are checked."""

    def __init__(self, mail: Mail, patience: Patience, trust: ssl.SSLContext | None) -> None:
        super().__init__(mail)
        self._patience = patience
        self._trust = trust

    def configure_host(self) -> Session:
        encrypted = self.mail.use_ssl or self.mail.use_tls
        trust = self._trust or (ssl.create_default_context() if encrypted else None)
        kind = TlsSession if self.mail.use_ssl else Session
        session = kind(self.mail.server, self.mail.port, self._patience, trust)
        try:
            if self.mail.use_tls:
                session.starttls(context=trust)
            if self.mail.username and self.mail.password:
                session.login(self.mail.username, self.mail.password)
        except BaseException:
            session.close()
            raise
        return session


class _BeforeDeadline(io.RawIOBase):
    """Reads from a socket until a deadline: a server dripping bytes does not move it."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._deadline = 0.0

    def allow(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)
        return self._sock.recv_into(buffer)


def with_final_dot(raw: bytes) -> bytes:
    """The message as the DATA command wants it: lines beginning with a dot get a second one."""
    stuffed = raw.replace(b"\r\n.", b"\r\n..")
    if stuffed.startswith(b"."):
        stuffed = b"." + stuffed
    return stuffed + (b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n")
