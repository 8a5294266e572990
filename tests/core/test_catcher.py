import smtplib
from pathlib import Path

import pytest

from app.core.mail import catcher
from app.core.mail.catcher import Folder

RAW = b"Subject: Si\xc3\xa2n\r\n\r\n.a line with a dot first\r\nend\r\n"


def send(port: int, raw: bytes = RAW, *recipients: str) -> None:
    with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost") as server:
        server.sendmail("us@example.org", recipients or ("them@example.org",), raw)


def test_a_message_is_kept_to_the_byte_with_its_envelope(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    with catcher.catching(folder) as port:
        send(port, RAW, "one@example.org", "two@example.org")
    (caught,) = folder.newest_first()
    assert folder.content(caught) == RAW
    assert caught.sender == "us@example.org"
    assert caught.recipients == ["one@example.org", "two@example.org"]
    assert folder.find(caught.name) == caught


def test_the_newest_comes_first_and_the_oldest_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catcher, "KEPT", 3)
    folder = Folder(tmp_path)
    for number in range(5):
        folder.keep(b"%d" % number, "us@example.org", [])
    assert [folder.content(caught) for caught in folder.newest_first()] == [b"4", b"3", b"2"]
    assert len(list(folder.path.iterdir())) == 6


@pytest.mark.parametrize("name", ["../secret_key", "", "20261122T120000000000-0000000g"])
def test_only_a_message_can_be_found(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret_key").write_text("key")
    assert Folder(tmp_path).find(name) is None


def test_it_stops_though_somebody_is_still_connected(tmp_path: Path) -> None:
    with catcher.catching(Folder(tmp_path)) as port:
        talker = smtplib.SMTP("127.0.0.1", port, local_hostname="localhost")
        talker.helo()
    talker.close()
