"""A foreign file may do what it likes to the process that opens it, and to nothing else.

What is “opened” here is Python itself: the worst that a file could make of its reader.
"""

import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from structlog.testing import CapturingLogger

from app.core.disposable import process
from app.core.disposable.process import Failed, Limits, NotNow, Refused, opened
from app.core.pictures.checking import checked
from app.core.pictures.decoding import UnusablePicture
from tests.letters.pictures import png

MEGABYTE = 1024 * 1024
TIGHT = Limits(memory=256 * MEGABYTE, cpu_seconds=1, seconds=5, answer=MEGABYTE)
SHORT = Limits(seconds=0.4)


def test_what_was_made_of_it_comes_back_and_nothing_of_ours_is_seen_by_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SECRET_KEY", "what only the app may know")

    assert opened(eval, b"{'a': ['\xc3\xb3', 1, None]}") == {"a": ["ó", 1, None]}
    assert set(opened(eval, b"list(os.environ)")) <= {
        *("TMPDIR", "MALLOC_ARENA_MAX", "RAYON_NUM_THREADS"),
        *("LC_CTYPE", "PYTHONEXECUTABLE", "__CF_USER_TEXT_ENCODING"),  # the system's own
    }
    assert opened(eval, b"[name for name in sys.modules if name.startswith('app.')]") == [
        "app.core",
        "app.core.errors",
    ]


def test_a_refusal_is_its_sentence() -> None:
    with pytest.raises(Refused, match=r"^Bring another\.$"):
        opened(exec, b"raise sys.modules['app.core.errors'].DomainError('Bring another.')")


def test_whatever_it_does_it_ends_alone_and_is_said_to_have_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = CapturingLogger()  # whatever commands the process has run before, and configured
    monkeypatch.setattr(process, "log", log)
    deeds = {
        b"bytearray(10**9)": "MemoryError",
        b"os.abort()": "SIGABRT",
        b"while True: pass": "SIG",  # the first of two limits that comes
        b"os._exit(7)": "code 7",
        b"os._exit(0)": "no answer",
        b"os.write(1, b'[1]'); os._exit(0)": "no answer",
        b"open('big', 'wb').write(bytes(2 * 1024 * 1024))": "OSError",
        b"raise ValueError('alex@example.org')": "ValueError in",
        b"sys.exit('over')": "SystemExit",
    }
    wrong = {}
    for deed, why in deeds.items():
        try:
            wrong[deed] = str(opened(exec, deed, TIGHT))
        except Failed as failure:
            if why not in str(failure):
                wrong[deed] = str(failure)
    assert wrong == {}
    with pytest.raises(Failed, match="too long an answer"):
        opened(eval, b"'x' * 2_000_000", TIGHT)
    assert [call.method_name for call in log.calls] == ["warning"] * (len(deeds) + 1)
    assert "alex" not in str(log.calls), "what a file says is in no log"


def test_it_is_ended_by_the_clock_with_all_it_started_and_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    pid_file = tmp_path.parent / f"{tmp_path.name}.pid"
    deed = (
        "import subprocess, time\n"
        "child = subprocess.Popen(['/bin/sleep', '60'])\n"
        f"open({str(pid_file)!r}, 'w').write(str(child.pid))\n"
        "time.sleep(60)"
    )
    began = time.monotonic()

    with pytest.raises(Failed, match="SIGKILL"):
        opened(exec, deed.encode(), SHORT)

    assert time.monotonic() - began < 5
    assert list(tmp_path.iterdir()) == []
    while not _is_over(pid_file.read_text()):
        assert time.monotonic() - began < 5
        time.sleep(0.02)


def _is_over(pid: str) -> bool:
    """Gone, or dead and waiting for somebody to notice."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_only_so_many_are_opened_at_once_and_the_next_is_asked_to_come_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(process, "LONGEST_WAIT", 0.1)

    def dawdle() -> None:
        with suppress(Failed):
            opened(exec, b"import time; time.sleep(60)", SHORT)

    others = [threading.Thread(target=dawdle) for _ in range(process.MOST_AT_ONCE)]
    for other in others:
        other.start()
    time.sleep(0.1)
    with pytest.raises(NotNow, match="Try again in a minute"):
        opened(eval, b"1")
    for other in others:
        other.join()
    assert opened(eval, b"1") == 1


def test_a_machine_without_room_asks_to_come_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "not there"))
    with pytest.raises(NotNow, match="no room just now"):
        opened(eval, b"1")


def test_a_picture_over_the_limit_is_refused() -> None:
    with pytest.raises(UnusablePicture, match="larger than 500 kB"):
        checked(png() + b"\0" * 600_000)
