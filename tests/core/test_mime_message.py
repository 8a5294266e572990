"""A letter's bytes say what was meant, and cannot be made to say more."""

import email
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from app.core.mail.mime_message import (
    AttachedFile,
    Mailbox,
    MessageParts,
    UnfitForMail,
    address,
    build,
    dated,
    message_id,
)

PARTS = MessageParts(
    from_name="Health, Children's Policy",
    from_email="letters@example.org",
    to=(Mailbox("Siân Ó Brádaigh-Łuczak", "sian@example.com"),),
    cc=(Mailbox("A & B <C>", "chair@example.com"), Mailbox("Pat O'Brien", "pat@example.com")),
    reply_to="letters+ab12@example.org",
    subject="Offer of support, £0 → for your board",
    text="Dear Siân,\n\n.a line with a dot\nFrom here on\n",
    html="<p>Dear Siân,</p>",
    message_id="<ab12@example.org>",
    headers={"X-Liaise-Reference": "ab12"},
)

LINE_BREAKS = ["\r\nBcc: x@example.com", "\nX: y", "\rX: y", "\x00", "\u2028X: y", "\x0bX", "\x85X"]


def read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=SMTP)
    assert isinstance(message, EmailMessage)
    assert not [part.defects for part in message.walk() if part.defects]
    return message


def names_in(message: EmailMessage, header: str) -> list[tuple[str, str]]:
    return [(one.display_name, one.addr_spec) for one in message[header].addresses]


def test_building_twice_gives_the_same_bytes() -> None:
    file = AttachedFile("a.pdf", "application/pdf", b"%PDF")
    parts = replace(PARTS, attachments=(file,))
    assert build(parts) == build(parts)
    assert build(parts) != build(replace(parts, message_id="<other@example.org>"))


def test_every_part_is_read_back_as_it_was_meant() -> None:
    message = read(build(PARTS))
    assert names_in(message, "From") == [("Health, Children's Policy", "letters@example.org")]
    assert names_in(message, "To") == [("Siân Ó Brádaigh-Łuczak", "sian@example.com")]
    assert names_in(message, "Cc") == [
        ("A & B <C>", "chair@example.com"),
        ("Pat O'Brien", "pat@example.com"),
    ]
    assert message["Subject"] == PARTS.subject
    assert message["Message-ID"] == "<ab12@example.org>"
    assert message["Reply-To"] == "letters+ab12@example.org"
    assert message["X-Liaise-Reference"] == "ab12"
    assert message["Date"] is None
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == PARTS.text
    assert html.get_content().strip() == PARTS.html


@pytest.mark.parametrize(
    "name",
    [
        "Health, Children's Policy",
        "Alex “Al” O'Brien",
        'Alex "Al" O\'Brien',
        "back\\slash",
        "=?utf-8?q?Sam?=",
        "Łuczak, Siân <x@example.com>",
        "Dr. Sam (deputy); Sample: Council",
        "(comment) Sample",
        "Ŵyn, Ŷ",
    ],
)
def test_a_display_name_is_one_name_of_one_address(name: str) -> None:
    message = read(build(replace(PARTS, from_name=name, to=(Mailbox(name, "a@example.com"),))))
    assert names_in(message, "From") == [(name, "letters@example.org")]
    assert names_in(message, "To") == [(name, "a@example.com")]


def test_only_the_date_is_added_on_sending() -> None:
    raw = build(PARTS)
    sent = dated(raw, datetime(2026, 11, 22, 12, 30, tzinfo=UTC))
    assert sent == b"Date: Sun, 22 Nov 2026 12:30:00 +0000\r\n" + raw


@pytest.mark.parametrize("payload", LINE_BREAKS)
@pytest.mark.parametrize("field", ["subject", "from_name", "from_email", "reply_to", "message_id"])
def test_a_line_break_in_a_header_is_refused_with_a_sentence(field: str, payload: str) -> None:
    with pytest.raises(UnfitForMail):
        build(replace(PARTS, **{field: getattr(PARTS, field) + payload}))


@pytest.mark.parametrize("payload", LINE_BREAKS)
def test_a_line_break_in_a_name_or_file_name_is_refused(payload: str) -> None:
    bad = [
        {"to": (Mailbox("Sam" + payload, "sam@example.com"),)},
        {"cc": (Mailbox("Sam", "sam@example.com" + payload),)},
        {"headers": {"X-Ref": "a" + payload}},
        {"headers": {"X-Ref" + payload: "a"}},
        {"attachments": (AttachedFile("a" + payload + ".pdf", "application/pdf", b""),)},
    ]
    for change in bad:
        with pytest.raises(UnfitForMail):
            build(replace(PARTS, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["Bcc", "To", "content-type", "DATE", "X Y", ""])
def test_a_further_header_may_not_be_one_of_ours(name: str) -> None:
    with pytest.raises(UnfitForMail):
        build(replace(PARTS, headers={name: "x"}))


@pytest.mark.parametrize(
    "bad", ["siân@example.org", "a b@example.org", "@example.org", "a@", "a@-x", "a@b@c", "<a@b.c>"]
)
def test_an_address_no_server_would_take_is_refused_with_a_sentence(bad: str) -> None:
    with pytest.raises(UnfitForMail, match="is not an address"):
        address(bad)


def test_accents_after_the_at_sign_become_what_servers_understand() -> None:
    assert address(" sam.o'brien+x@bücher.example ") == "sam.o'brien+x@xn--bcher-kva.example"


def test_a_line_of_three_thousand_characters_arrives_whole_in_short_lines() -> None:
    long = "<p>" + "é x" * 1000 + "</p>"
    raw = build(replace(PARTS, html=long, text="y" * 3000, subject="z" * 3000))
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78
    html = read(raw).get_body(("html",))
    assert html is not None
    assert html.get_content().strip() == long
    assert read(raw)["Subject"] == "z" * 3000


def test_lines_end_as_mail_wants_and_nothing_is_eight_bit() -> None:
    file = AttachedFile("a.txt", "text/plain", b"one\ntwo\r\nthree\rfour")
    raw = build(replace(PARTS, text="a\nb\r\nc\rd", attachments=(file,)))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert raw.isascii()
    assert [part.get_content() for part in read(raw).iter_attachments()] == [
        "one\ntwo\r\nthree\rfour"
    ]


@pytest.mark.parametrize(
    "name", ["Cynllun ŵ £5 → plant.pdf", "x" * 250 + ".pdf", 'a "b"; c=d.pdf', "A & B <C>.pdf"]
)
def test_a_file_keeps_its_name_and_bytes(name: str) -> None:
    file = AttachedFile(name, "application/pdf", bytes(range(256)))
    (part,) = read(build(replace(PARTS, attachments=(file,)))).iter_attachments()
    assert part.get_filename() == name
    assert part.get_content() == bytes(range(256))


def test_a_message_id_depends_on_its_facts_alone() -> None:
    first = message_id("example.org", "installation", 1, "person:2", 1)
    assert first == message_id("example.org", "installation", 1, "person:2", 1)
    assert first != message_id("example.org", "installation", 1, "person:2", 2)
    assert first.endswith("@example.org>")
    build(replace(PARTS, message_id=first))
