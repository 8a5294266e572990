import socket
from collections.abc import Iterator

import pytest

from app.core import loopback
from app.core.loopback import LeftTheMachine, is_loopback


@pytest.fixture
def trying() -> Iterator[None]:
    """This test means to try; the guard of every test must not hold it against it."""
    yield
    loopback.attempts.clear()


@pytest.mark.usefixtures("trying")
def test_no_connection_leaves_this_machine() -> None:
    with pytest.raises(LeftTheMachine, match=r"192\.0\.2\.1"):
        socket.create_connection(("192.0.2.1", 25), timeout=1)
    assert loopback.attempts


@pytest.mark.usefixtures("trying")
def test_no_datagram_leaves_this_machine() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
        pytest.raises(LeftTheMachine),
    ):
        sender.sendto(b"hello", ("192.0.2.1", 53))


@pytest.mark.usefixtures("trying")
def test_no_name_is_even_looked_up() -> None:
    with pytest.raises(LeftTheMachine, match="mail"):
        socket.getaddrinfo("mail.example.org", 25)


def test_loopback_itself_may_be_reached() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=1),
    ):
        assert not loopback.attempts


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost", "LOCALHOST"])
def test_loopback_goes_by_these_names(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.1", "localhost.example.org", "fe80::1%eth0"])
def test_other_names_are_other_machines(host: str) -> None:
    assert not is_loopback(host)
