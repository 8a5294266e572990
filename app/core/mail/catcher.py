"""The built-in mail catcher: a real mail server, on loopback, whose mail goes nowhere.

While no mail server is configured, everything Liaise sends ends here as files in DATA_DIR/caught:
`….eml` exactly as it was received, `….json` with its envelope.
"""

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from email import policy
from email.parser import BytesHeaderParser
from pathlib import Path
from secrets import token_hex

from aiosmtpd.smtp import SMTP, Envelope, Session

from app.core import clock
from app.core.mail.caught import REPLY
from config import Config

KEPT = 2000
LARGEST = 40 * 1024 * 1024
NAME = re.compile(r"\d{8}T\d{12}-[0-9a-f]{8}")


@dataclass(frozen=True)
class Caught:
    """One message: who it was for, and when it came."""

    name: str
    at: datetime
    sender: str
    recipients: list[str]
    subject: str = ""


class Folder:
    """Where caught mail is kept: the newest 2,000 messages."""

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / "caught"
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def newest_first(self) -> list[Caught]:
        files = sorted(self.path.glob("*.json"), reverse=True)
        return [caught for file in files if (caught := self._envelope(file)) is not None]

    def find(self, name: str) -> Caught | None:
        return self._envelope(self.path / f"{name}.json") if NAME.fullmatch(name) else None

    def content(self, caught: Caught) -> bytes:
        """The message as it was received, to the byte."""
        return (self.path / f"{caught.name}.eml").read_bytes()

    def keep(self, content: bytes, sender: str, recipients: list[str]) -> None:
        at = clock.now()
        caught = Caught(
            f"{at:%Y%m%dT%H%M%S%f}-{token_hex(4)}", at, sender, recipients, _subject(content)
        )
        (self.path / f"{caught.name}.eml").write_bytes(content)
        # The envelope is written last and moved into place: who finds it finds the message too.
        unfinished = self.path / f"{caught.name}.new"
        unfinished.write_text(json.dumps({**asdict(caught), "at": at.isoformat()}))
        unfinished.rename(self.path / f"{caught.name}.json")
        self._drop_oldest()

    def _drop_oldest(self) -> None:
        for file in sorted(self.path.glob("*.json"))[:-KEPT]:
            file.unlink(missing_ok=True)
            file.with_suffix(".eml").unlink(missing_ok=True)

    def _envelope(self, file: Path) -> Caught | None:
        with suppress(FileNotFoundError):
            values = json.loads(file.read_text())
            return Caught(**{**values, "at": datetime.fromisoformat(values["at"])})
        return None


def _subject(content: bytes) -> str:
    headers = BytesHeaderParser(policy=policy.default).parsebytes(content)
    return str(headers["Subject"] or "")


class Catcher:
    """What the mail server does with a message."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        self.folder.keep(content, envelope.mail_from or "", list(envelope.rcpt_tos))
        return REPLY


@contextmanager
def standing_in(config: Config) -> Iterator[Config]:
    """The same settings, with a catcher for a mail server if none is configured."""
    if not config.MAIL_IS_CAUGHT:
        yield config
        return
    with catching(Folder(config.DATA_DIR)) as port:
        yield replace(config, CATCHER_PORT=port)


@contextmanager
def catching(folder: Folder) -> Iterator[int]:
    """Runs the server in a thread of its own; gives the port it listens on."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(
        loop.create_server(
            lambda: SMTP(
                Catcher(folder),
                hostname="localhost",
                enable_SMTPUTF8=True,
                data_size_limit=LARGEST,
                loop=loop,
            ),
            "127.0.0.1",
            0,
        )
    )
    thread = threading.Thread(target=loop.run_forever, name="catcher", daemon=True)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.run_until_complete(_hang_up(server))
        loop.close()


async def _hang_up(server: asyncio.Server) -> None:
    """End the conversations still going on."""
    server.close()
    conversations = asyncio.all_tasks() - {asyncio.current_task()}
    for conversation in conversations:
        conversation.cancel()
    await asyncio.gather(*conversations, return_exceptions=True)
