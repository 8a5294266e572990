"""A mail server on loopback that keeps what it is given, and misbehaves exactly as told."""

import re
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

STAGES = ("connect", "ehlo", "starttls", "mail", "rcpt", "data", "body", "dot", "rset", "quit")


@dataclass
class Rule:
    """What to do at a stage instead of saying yes: reply, hang, drop or drip."""

    stage: str
    action: str
    reply: str = ""
    address: str = ""  # only for this address, at mail and rcpt
    left: int | None = None  # how often still; None for always
    keeps: bool = False  # at "dot": the message is delivered all the same
    then_drop: bool = False


@dataclass(frozen=True)
class Received:
    """A message this server took responsibility for."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    at: float

    @property
    def message_id(self) -> str:
        found = re.search(rb"(?im)^message-id: (\S+)", self.content)
        return found[1].decode() if found else ""


@dataclass
class Story:
    """Everything that happened, shared by the server's threads."""

    rules: list[Rule] = field(default_factory=list)
    messages: list[Received] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    complaints: list[str] = field(default_factory=list)
    greylisted: set[str] = field(default_factory=set)
    lock: Any = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)


class SmtpServer:
    """`with smtp_server() as server:` then `server.port`, `server.at(...)`, `server.messages`."""

    def __init__(
        self, tls: ssl.SSLContext | None, starttls: bool, greylists: bool, size: int
    ) -> None:
        self.story = Story()
        self.tls, self.starttls = tls, starttls
        self.greylists, self.size = greylists, size
        server = self

        class Conversation(_Conversation):
            owner = server

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._server.request_queue_size = 50
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def messages(self) -> list[Received]:
        return self.story.messages

    def copies(self) -> dict[str, int]:
        """How many copies of each Message-ID are outside."""
        ids = [message.message_id for message in list(self.messages)]
        return {one: ids.count(one) for one in ids}

    def at(self, stage: str, action: str, reply: str = "", **more: Any) -> Rule:
        """Misbehave: action is `reply`, `hang`, `drop` or `drip`."""
        assert stage in STAGES
        rule = Rule(stage, action, reply, **more)
        self.story.rules.append(rule)
        return rule

    def behave(self) -> None:
        self.story.rules.clear()

    def close(self) -> None:
        self.story.over.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def smtp_server(
    *,
    tls: ssl.SSLContext | None = None,
    starttls: bool = False,
    greylists: bool = False,
    size: int = 0,
) -> Iterator[SmtpServer]:
    server = SmtpServer(tls, starttls, greylists, size)
    try:
        yield server
        assert not server.story.complaints, server.story.complaints
    finally:
        server.close()


class _Gone(Exception):
    """This conversation is over."""


class _Conversation(socketserver.BaseRequestHandler):
    owner: SmtpServer

    def handle(self) -> None:
        self.story = self.owner.story
        self.story.connections += 1
        self.sender, self.recipients = "", list[str]()
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(_Gone, OSError):
            if self.owner.tls and not self.owner.starttls:
                self._encrypt()
            self.file = self.request.makefile("rb")
            self._stage("connect", "220 misbehaving server")
            while not self.story.over.is_set():
                self._command(self._line())

    def finish(self) -> None:
        with suppress(OSError):
            self.request.close()

    def _encrypt(self) -> None:
        assert self.owner.tls is not None
        self.request = self.owner.tls.wrap_socket(self.request, server_side=True)
        self.file = self.request.makefile("rb")

    def _line(self) -> bytes:
        line: bytes = self.file.readline()
        if not line:
            raise _Gone
        if not line.endswith(b"\r\n") or b"\r" in line[:-2]:
            self.story.complaints.append(f"a line without CRLF: {line[:80]!r}")
        return line[:-2]

    def _command(self, line: bytes) -> None:
        words = line.decode("ascii")
        self.story.commands.append(words)
        verb, _, rest = words.partition(" ")
        answer = getattr(self, f"_{verb.lower()}", None)
        if answer is None:
            self._say("502 what?")
        else:
            answer(rest)

    def _ehlo(self, _rest: str) -> None:
        extensions = ["250-misbehaving server"]
        if self.owner.size:
            extensions.append(f"250-SIZE {self.owner.size}")
        if self.owner.starttls:
            extensions.append("250-STARTTLS")
        self._stage("ehlo", "\r\n".join([*extensions, "250 8BITMIME"]))

    def _starttls(self, _rest: str) -> None:
        self._stage("starttls", "220 go ahead")
        self._encrypt()

    def _mail(self, rest: str) -> None:
        self.sender, self.recipients = _address(rest), []
        announced = re.search(r"size=(\d+)", rest)
        if self.owner.size and announced and int(announced[1]) > self.owner.size:
            self._say("552 too big")
        else:
            self._stage("mail", "250 ok", self.sender)

    def _rcpt(self, rest: str) -> None:
        address = _address(rest)
        if self.owner.greylists and address not in self.story.greylisted:
            self.story.greylisted.add(address)
            self._say("451 4.7.1 greylisted, come back later")
        elif self._stage("rcpt", "250 ok", address):
            self.recipients.append(address)

    def _data(self, _rest: str) -> None:
        if not self._stage("data", "354 go on"):
            return
        lines: list[bytes] = []
        self._quietly("body")
        while (line := self._line()) != b".":
            lines.append(line[1:] if line.startswith(b".") else line)
        content = b"".join(line + b"\r\n" for line in lines)
        rule = self._rule("dot", self.sender)
        if rule is None or rule.keeps or rule.reply.startswith("2"):
            received = Received(self.sender, tuple(self.recipients), content, time.monotonic())
            with self.story.lock:
                self.story.messages.append(received)
        self._obey(rule, f"250 taken as {len(self.story.messages)}")

    def _rset(self, _rest: str) -> None:
        self._stage("rset", "250 ok")

    def _noop(self, _rest: str) -> None:
        self._say("250 ok")

    def _quit(self, _rest: str) -> None:
        self._stage("quit", "221 bye")
        raise _Gone

    def _stage(self, stage: str, yes: str, address: str = "") -> bool:
        return self._obey(self._rule(stage, address), yes)

    def _quietly(self, stage: str) -> None:
        if rule := self._rule(stage, ""):
            self._obey(rule, "")

    def _rule(self, stage: str, address: str) -> Rule | None:
        with self.story.lock:
            for rule in self.story.rules:
                fits = rule.stage == stage and rule.address in {"", address} and rule.left != 0
                if fits:
                    rule.left = None if rule.left is None else rule.left - 1
                    return rule
        return None

    def _obey(self, rule: Rule | None, yes: str) -> bool:
        """Act on the rule, or say yes; whether it was a yes."""
        if rule is None:
            self._say(yes)
            return True
        if rule.action == "hang":
            self.story.over.wait(60)
            raise _Gone
        if rule.action == "drop":
            raise _Gone
        if rule.action == "drip":
            self._drip(yes)
            return True
        self._say(rule.reply)
        if rule.then_drop:
            raise _Gone
        return rule.reply[:1] in {"2", "3"}

    def _drip(self, words: str) -> None:
        """One byte at a time, so that no single wait is long."""
        for byte in words.encode() + b"\r\n":
            self.request.sendall(bytes([byte]))
            if self.story.over.wait(0.1):
                raise _Gone

    def _say(self, words: str) -> None:
        self.request.sendall(words.encode() + b"\r\n")


def _address(rest: str) -> str:
    found = re.search(r"<([^>]*)>", rest)
    return found[1] if found else ""
