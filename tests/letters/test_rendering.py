"""One merge, two forms: what a reader's mail program is given."""

import re
import time
from dataclasses import replace
from datetime import date

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.mail import mime_message
from app.core.mail.mime_message import Mailbox, MessageParts
from app.directory.models import PostState
from app.letters.content.fields import (
    SAMPLE,
    SAMPLE_EARLIER,
    SAMPLE_OFFICE,
    Addressee,
    House,
    Writing,
)
from app.letters.content.references import message_id_for, reference_for, reply_address
from app.letters.content.rendering import Rendered, Renderer
from app.letters.drafting.starter_templates import STARTERS, Starter
from tests.letters.payloads import PAYLOADS

HOUSE = House(
    group_name="Sample Group",
    postal_address="1 Sample Street\nSampleton",
    from_name="Sample Group",
    from_email="letters@group.example.org",
    reply_to="replies@group.example.org",
    signatory_name="Sam Signatory",
    privacy_url="https://group.example.org/privacy",
    opt_out_line="Reply “no more letters” and we stop.",
    written_on=date(2026, 11, 22),
)


def render(body: str, addressee: Addressee = SAMPLE, subject: str = "S") -> Rendered:
    renderer = Renderer(subject, body)
    assert not renderer.problems()
    return renderer.render(Writing(addressee, HOUSE, "AAAAA-BBBBB"))


def words_of(html: str) -> str:
    apart = html.replace("<br>", " ").replace("</p>", " </p>")
    body = html5lib.parse(apart, namespaceHTMLElements=False).find("body")
    assert body is not None
    return " ".join("".join(body.itertext()).split())


@pytest.mark.parametrize("name", ["today’s date", "today's date", "Today's-Date"])
def test_a_field_has_its_name_with_either_apostrophe(name: str) -> None:
    assert "On 22 November 2026" in render(f"On (({name}))").text


def test_a_payload_as_a_name_is_the_same_words_in_both_forms(subtests: pytest.Subtests) -> None:
    for payload in PAYLOADS:
        with subtests.test(payload):
            shown = " ".join(payload.split())
            letter = render("Dear **((family name))**!", replace(SAMPLE, family_name=payload))
            assert f"Dear {shown}!" in letter.text
            assert f"Dear {shown}!" in words_of(letter.html)
            only_ours(letter.html)


def test_a_payload_in_a_template_runs_nothing_and_fetches_nothing(
    subtests: pytest.Subtests,
) -> None:
    for payload in PAYLOADS:
        if "((" in payload or payload.startswith("!["):
            continue
        with subtests.test(payload):
            # Most are refused as gaps to fill in; a renderer runs nothing all the same.
            letter = Renderer("S", f"((salutation)),\n\nx {payload} y\n").render(
                Writing(SAMPLE, HOUSE, "AAAAA-BBBBB")
            )
            only_ours(letter.html)
            assert "49" not in letter.text
            assert "SECRET" not in letter.html or "SECRET" in payload


def only_ours(html: str) -> None:
    """Nothing but text, our own elements, and links to http, https or mailto."""
    page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
    allowed = {
        *("html", "head", "meta", "title", "body", "div", "p", "br", "strong", "em", "code", "a"),
        *("ul", "ol", "li", "blockquote", "h2", "h3", "h4", "h5", "h6", "hr", "pre"),
    }
    for element in page.iter():
        assert element.tag in allowed
        assert not any(name.startswith(("on", "hx-", "data-hx")) for name in element.attrib)
        assert "src" not in element.attrib
        href = element.get("href", "")
        assert not href or re.match(r"(https?|mailto):", href)


def test_no_entity_stands_for_a_bracket_or_a_quote() -> None:
    letter = render(
        'It\'s (so) “said” "here" ((family name))', replace(SAMPLE, family_name="O'(x)")
    )
    assert "&#" not in letter.html
    assert "lpar" not in letter.html
    assert "It's (so)" in letter.html


def test_optional_paragraphs_leave_no_hole() -> None:
    body = "A\n\n((if lead is unknown))\nB ((stands in))\n((end))\n\nC\n"
    assert "A\n\nC" in render(body).text
    office = render(body, SAMPLE_OFFICE)
    assert "A\n\nB as the name of the Executive Lead" in office.text
    assert "<p" in office.html


VACANT_OFFICE = replace(
    SAMPLE_OFFICE, seats=(replace(SAMPLE_OFFICE.seats[0], gap=PostState.VACANT),)
)
# By post to the board itself, where there is no office to write to.
NO_OFFICE = replace(
    SAMPLE_OFFICE, email="", seats=(replace(SAMPLE_OFFICE.seats[0], stands_in_as=""),)
)


@pytest.mark.parametrize("starter", STARTERS, ids=lambda one: one.name)
def test_no_starter_tells_whoever_opens_it_that_they_are_the_lead_nobody_knows(
    starter: Starter,
) -> None:
    claim = re.compile(r"you,? as (the )?Executive Lead|As Executive Lead")
    for earlier in (None, SAMPLE_EARLIER):
        for addressee in (SAMPLE_OFFICE, VACANT_OFFICE, NO_OFFICE):
            writing = Writing(addressee, HOUSE, "AAAAA-BBBBB", earlier=earlier)
            letter = Renderer(starter.subject, starter.body).render(writing)
            assert not letter.blanks
            assert not claim.search(" ".join(letter.text.split()))
    assert "seven criteria" not in starter.body


def test_the_first_letter_says_why_an_office_gets_it_and_asks_it_to_be_passed_on() -> None:
    offer = STARTERS[0]
    for addressee, why in (
        (SAMPLE_OFFICE, "as the name of the Executive Lead for Children and Young People is not"),
        (NO_OFFICE, "as the name of the Executive Lead for Children and Young People is not"),
        (VACANT_OFFICE, "as we understand that the post of Executive Lead for Children"),
    ):
        said = render(offer.body, addressee).text
        assert f"and are sending it to you {why}" in said
        assert "Please could you pass it on" in said
    assert "Dear colleague," in render(offer.body, VACANT_OFFICE).text
    named = render(offer.body).text
    assert "We are writing to you as Executive Lead for Children and Young People at" in named
    assert "pass it on" not in named


def test_both_forms_say_the_same_words() -> None:
    for starter in STARTERS:
        for addressee in (SAMPLE, SAMPLE_OFFICE):
            letter = render(starter.body, addressee, starter.subject)
            assert not letter.blanks
            plain = re.sub(r"(?m)^-  |^—+$", "", letter.text)
            assert words_of(letter.html) == " ".join(plain.split())


def test_lists_links_and_quotations_read_well_as_plain_text() -> None:
    letter = render("> quoted\n\n- one\n- [two](https://example.org/x)\n\n1. a\n2. b\n\n---\n\n# H")
    assert "> quoted\n\n-  one\n-  two (https://example.org/x)\n\n1. a\n2. b\n\n" in letter.text


def test_a_gap_left_by_another_tool_is_refused_with_its_line_and_what_to_do() -> None:
    said = Renderer(
        "Support for «Title»",
        "((salutation)),\n\nWe met on XX/XX/2026.\n\n[INSERT BOARD], {First Name}, TBC [sic]\n",
    ).problems()
    assert said == {
        "subject": [
            "“«Title»” is still to be filled in. Write the words themselves, or use ((title))."
        ],
        "body": [
            "Line 3: “XX/XX/2026” is still to be filled in. Write the words themselves, or take it "
            "out.",
            "Line 5: “[INSERT BOARD]” is still to be filled in. Write the words themselves, or use "
            "((board)).",
            "Line 5: “{First Name}” is still to be filled in. Write the words themselves, or use "
            "((given name)).",
            "Line 5: “TBC” is still to be filled in. Write the words themselves, or take it out.",
        ],
    }


def test_a_picture_and_a_field_in_a_links_address_are_refused_with_a_reason() -> None:
    picture = Renderer("S", "![logo](https://example.org/a.png)").problems()
    assert "no pictures" in picture["body"][0]
    link = Renderer("S", "[a](https://example.org/((system)))").problems()
    assert "cannot be part of a link’s address" in link["body"][0]


@given(st.text(max_size=300), st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_no_template_and_no_name_make_rendering_raise(body: str, name: str) -> None:
    renderer = Renderer("S ((family name))", body)
    letter = renderer.render(Writing(replace(SAMPLE, family_name=name), HOUSE, "AAAAA-BBBBB"))
    assert "\ue000" not in letter.html
    assert len(letter.text) < 20 * (len(body) + len(name)) + 2_000
    message(letter)


def message(letter: Rendered) -> bytes:
    return mime_message.build(
        MessageParts(
            from_name=HOUSE.from_name,
            from_email=HOUSE.from_email,
            to=(Mailbox("Dr Alex Sample", "alex@example.org"),),
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            message_id=message_id_for("here", 1, "person:1", 1, HOUSE.from_email),
        )
    )


def test_a_name_in_the_subject_adds_no_header(subtests: pytest.Subtests) -> None:
    for payload in (*PAYLOADS, "x\r\nBcc: a@evil.test", "x\nTo: b@evil.test"):
        with subtests.test(payload):
            letter = render("x", replace(SAMPLE, family_name=payload), "Hello ((family name))")
            head = message(letter).partition(b"\r\n\r\n")[0].decode()
            assert len(re.findall(r"(?m)^To:", head)) == 1
            assert not re.search(r"(?mi)^(Bcc|Cc):", head)


def test_references_are_the_same_for_the_same_letter_and_differ_for_any_other() -> None:
    first = reference_for("here", 1, "person:12", 1)
    assert first == reference_for("here", 1, "person:12", 1)
    others = {
        reference_for("there", 1, "person:12", 1),
        reference_for("here", 2, "person:12", 1),
        reference_for("here", 1, "person:13", 1),
        reference_for("here", 1, "person:12", 2),
    }
    assert len(others | {first}) == 5
    assert re.fullmatch(r"[2-9A-Z]{5}-[2-9A-Z]{5}", first)
    house = House(reply_to="a@b.example")
    assert reply_address(house, "AAAAA-BBBBB") == "a+aaaaabbbbb@b.example"
    plain = replace(house, replies_carry_reference=False)
    assert reply_address(plain, "AAAAA-BBBBB") == "a@b.example"


def test_a_thousand_letters_are_merged_in_a_moment() -> None:
    renderer = Renderer(STARTERS[0].subject, STARTERS[0].body)
    began = time.process_time()
    for _ in range(1_000):
        renderer.render(Writing(SAMPLE, HOUSE, "AAAAA-BBBBB"))
    assert time.process_time() - began < 5
