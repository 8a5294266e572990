"""The way to the mail server: encrypted as told or not at all, and every wait comes to an end."""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.core.mail.connection import Patience, mail_settings
from app.core.mail.smtp_transport import (
    Accepted,
    DeliveryOutcome,
    Envelope,
    LostAfterFirstByte,
    ServerProblem,
    Temporary,
    Transport,
)
from tests.smtp_server import SmtpServer, smtp_server

ENVELOPE = Envelope("letters@example.org", "lead@example.com")
MESSAGE = b"From: letters@example.org\r\nSubject: x\r\n\r\n.dot\r\n..two\r\nend\r\n"
SHORT = Patience(connect=0.4, reply=0.4, after_final_dot=0.4)


@dataclass(frozen=True)
class Certificate:
    """For 127.0.0.1, signed by itself: trusted only by who is told to."""

    server: ssl.SSLContext
    trusting: ssl.SSLContext


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls"), "127.0.0.1")


def make_certificate(folder: Path, host: str) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "misbehaving server")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), False)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{host}.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return Certificate(server, ssl.create_default_context(cafile=str(file)))


@contextmanager
def transport_to(port: int, **options: Any) -> Iterator[Transport]:
    trust = options.pop("trust", None)
    patience = options.pop("patience", SHORT)
    settings = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": port, **options}
    transport = Transport(mail_settings(settings), patience, trust=trust)
    yield transport
    transport.close()


def deliver(transport: Transport) -> DeliveryOutcome:
    return transport.deliver(ENVELOPE, MESSAGE, before_first_byte=lambda: None)


@pytest.mark.parametrize("how", ["MAIL_USE_TLS", "MAIL_USE_SSL"])
def test_an_untrusted_certificate_is_refused_and_nothing_is_sent_in_the_clear(
    certificate: Certificate, how: str
) -> None:
    with (
        smtp_server(tls=certificate.server, starttls=how == "MAIL_USE_TLS") as server,
        transport_to(server.port, **{how: True}) as transport,
    ):
        outcome = deliver(transport)
        assert isinstance(outcome, ServerProblem)
        assert outcome.kind == "certificate"
        assert "could not be trusted" in outcome.sentence
        assert not any(command.upper().startswith("MAIL") for command in server.story.commands)


@pytest.mark.parametrize("how", ["MAIL_USE_TLS", "MAIL_USE_SSL"])
def test_a_certificate_for_another_name_is_refused(tmp_path: Path, how: str) -> None:
    other = make_certificate(tmp_path, "127.0.0.2")
    with (
        smtp_server(tls=other.server, starttls=how == "MAIL_USE_TLS") as server,
        transport_to(server.port, trust=other.trusting, **{how: True}) as transport,
    ):
        outcome = deliver(transport)
    assert isinstance(outcome, ServerProblem)
    assert outcome.kind == "certificate"


@pytest.mark.parametrize("how", ["MAIL_USE_TLS", "MAIL_USE_SSL"])
def test_a_trusted_certificate_is_used(certificate: Certificate, how: str) -> None:
    with (
        smtp_server(tls=certificate.server, starttls=how == "MAIL_USE_TLS") as server,
        transport_to(server.port, trust=certificate.trusting, **{how: True}) as transport,
    ):
        assert isinstance(deliver(transport), Accepted)
        assert server.messages[0].content == MESSAGE


@pytest.mark.parametrize("reply", ["454 not now", "502 never heard of it"])
def test_a_server_that_takes_back_its_offer_of_encryption_gets_nothing(
    certificate: Certificate, reply: str
) -> None:
    with (
        smtp_server(tls=certificate.server, starttls=True) as server,
        transport_to(server.port, MAIL_USE_TLS=True) as transport,
    ):
        server.at("starttls", "reply", reply)
        assert isinstance(deliver(transport), ServerProblem | Temporary)
        assert not server.messages


def test_a_server_without_encryption_gets_nothing_when_encryption_is_wanted() -> None:
    with smtp_server() as server, transport_to(server.port, MAIL_USE_TLS=True) as transport:
        outcome = deliver(transport)
        assert isinstance(outcome, ServerProblem)
        assert outcome.kind == "no TLS"
        assert not server.messages


def test_lines_that_begin_with_a_dot_arrive_as_they_were() -> None:
    with smtp_server() as server, transport_to(server.port) as transport:
        deliver(transport)
        assert server.messages[0].content == MESSAGE


def test_a_black_hole_is_an_error_in_time() -> None:
    """A port where connections are accepted and never answered."""
    with socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        hole.listen(1)
        began = time.monotonic()
        with transport_to(hole.getsockname()[1]) as transport:
            outcome = deliver(transport)
    assert isinstance(outcome, ServerProblem)
    assert outcome.kind == "silent"
    assert time.monotonic() - began < 2


def test_the_waits_are_those_of_the_standard() -> None:
    assert Patience() == Patience(connect=10, reply=30, after_final_dot=600)


@pytest.mark.parametrize(
    ("stage", "kind"),
    [("ehlo", ServerProblem), ("rcpt", ServerProblem), ("dot", LostAfterFirstByte)],
)
def test_dripping_bytes_does_not_lengthen_a_wait(stage: str, kind: type) -> None:
    with smtp_server() as server, transport_to(server.port) as transport:
        server.at(stage, "drip")
        began = time.monotonic()
        assert isinstance(deliver(transport), kind)
        assert time.monotonic() - began < 2


def test_a_connection_the_server_closed_meanwhile_is_made_anew() -> None:
    with smtp_server() as server, transport_to(server.port) as transport:
        server.at("dot", "reply", "250 ok", then_drop=True, left=1)
        assert isinstance(deliver(transport), Accepted)
        transport._used_at -= 2  # as if it had waited for its turn
        assert isinstance(deliver(transport), Accepted)
        assert server.story.connections == 2


@pytest.mark.parametrize("last_word", ["250 ok", "421 enough for one connection"])
def test_a_server_that_hangs_up_after_each_message_gets_the_next_at_once(last_word: str) -> None:
    with smtp_server() as server, transport_to(server.port) as transport:
        for _ in range(3):
            assert isinstance(deliver(transport), Accepted)
            stage = "dot" if last_word.startswith("250") else "mail"
            server.at(stage, "reply", last_word, then_drop=True, left=1)
        assert isinstance(deliver(transport), Accepted)
        assert (len(server.messages), server.story.connections > 1) == (4, True)


def test_a_server_that_never_takes_anything_is_asked_once() -> None:
    with smtp_server() as server, transport_to(server.port) as transport:
        server.at("mail", "drop")
        assert isinstance(deliver(transport), ServerProblem)
        assert server.story.connections == 1


def test_what_goes_wrong_before_the_first_byte_leaves_no_letter_behind(
    server_and_transport: tuple[SmtpServer, Transport],
) -> None:
    server, transport = server_and_transport

    def fails() -> None:
        raise RuntimeError("the database is gone")

    with pytest.raises(RuntimeError):
        transport.deliver(ENVELOPE, MESSAGE, before_first_byte=fails)
    assert isinstance(deliver(transport), Accepted)
    assert len(server.messages) == 1


@pytest.fixture
def server_and_transport() -> Iterator[tuple[SmtpServer, Transport]]:
    with smtp_server() as server, transport_to(server.port) as transport:
        yield server, transport
