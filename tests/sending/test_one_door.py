"""Mail leaves by one door, and to outsiders only out of a released mailing."""

import ast
from functools import cache
from pathlib import Path

import app

ROOT = Path(app.__file__).parent
SPEAKS_SMTP = {"core/mail/connection.py", "core/mail/smtp_transport.py"}
MAY_DELIVER = {"letters/delivery/sender.py", "outbox/jobs.py", "scheduler.py"}
# The bench sends made-up letters to a mail server of its own, in a process held to loopback.
MEASURES = {"bench/draining.py"}


@cache
def imports_of(path: Path) -> frozenset[str]:
    """Every module and every name imported, wherever in the file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return frozenset(found)


def files_that(import_what: str) -> set[str]:
    return {
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.py")
        if any(f"{name}.".startswith(f"{import_what}.") for name in imports_of(path))
    }


def test_smtp_is_spoken_in_one_place() -> None:
    assert files_that("smtplib") == SPEAKS_SMTP | MEASURES
    assert files_that("flask_mail") == SPEAKS_SMTP
    receives = {"core/mail/catcher.py", "bench/sink.py"}
    assert files_that("aiosmtpd") == receives, "which send nothing"


def test_only_the_two_senders_hold_a_transport() -> None:
    assert files_that("app.core.mail.smtp_transport.Transport") <= MAY_DELIVER | MEASURES
    assert files_that("app.core.mail.connection.MailConnection") == {"core/mail/smtp_transport.py"}


def test_the_letters_sender_takes_only_letters_of_mailings_that_are_sending() -> None:
    """The one SELECT by which a letter is chosen names the state of its mailing."""
    source = (ROOT / "letters" / "delivery" / "queue.py").read_text()
    assert source.count("LETTER.moving((LetterState.QUEUED,), LetterState.CLAIMED)") == 1
    assert "Mailing.state == MailingState.SENDING" in source
