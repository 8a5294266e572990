"""A letter on paper says exactly what the mail says, in PDF and in Word."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import docx
import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdf.generic import StreamObject
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.models import AuditEvent
from app.core.pictures.checking import Picture
from app.letters.approval import submitting
from app.letters.content import images
from app.letters.content.document import Document, paper_of
from app.letters.content.fields import SAMPLE, SAMPLE_OFFICE, Addressee, Writing
from app.letters.content.images import Stationery
from app.letters.content.rendering import Renderer, letterhead
from app.letters.drafting.starter_templates import STARTERS
from app.letters.models import Letter, LetterPicture, LetterState, Mailing, Signatory
from app.letters.print import pdf, word
from app.letters.tracking import results
from app.settings import services as group_settings
from app.settings.models import Logo
from app.settings.rules import starter_privacy_notice
from tests.factories import NOON, make_person, make_user
from tests.letters.conftest import BASE_URL, board, chair, lead
from tests.letters.payloads import PAYLOADS
from tests.letters.pictures import UNUSABLE, far_too_wide, png
from tests.letters.test_rendering import HOUSE

LONG = "Featherstonehaugh" * 5 + "Smith"
AWKWARD = ("A & B <C>", "Siân Ó Brádaigh-Łuczak", LONG, "Teller", "Ŵil Ŷnyr")
EVERYTHING = """\
((salutation)),

# A heading

We **write** to _you_ at ((board)), with `code` and [a link](https://example.org/x?a=1&b=2).

- one
- two

  more of two
  1. inside
  2. twice

7. seven
8. eight

> what they said
> about us

---

```
two  spaces
  and more
```

A line,\\
and another.

### Deep

((close)),
"""
NOTHING = Stationery()


def merged(
    body: str, addressee: Addressee = SAMPLE, subject: str = "Support"
) -> tuple[Document, str]:
    """The letter on paper, and the text of its mail."""
    renderer = Renderer(subject, body)
    writing = Writing(addressee, HOUSE, "AAAAA-BBBBB", ("Jo Example, Chair, NHS Sampleshire",))
    made = renderer.render(writing)
    return paper_of(subject=made.subject, html=made.html), made.text


def pdf_of(paper: Document, mark: str = "") -> PdfReader:
    with pdf.press(NOTHING) as press:
        return PdfReader(io.BytesIO(press.pdf_of(paper, at=NOON, mark=mark)))


def text_of_pdf(pdf: PdfReader) -> str:
    """Without what Typst puts there by itself: page numbers, and the dots of lists."""
    text = "\n".join(page.extract_text() for page in pdf.pages)
    text = re.sub(r"Page\s+\d+\s+of\s+\d+", "", text)
    return close(re.sub(r"[•‣–](?=\s)", "", text))


def text_of_word(content: bytes) -> str:
    return close("".join(one.text for one in docx.Document(io.BytesIO(content)).paragraphs))


def close(text: str) -> str:
    """Without any space, so that only the words count and not where their lines end."""
    return "".join(text.split())


def of_mail(text: str) -> str:
    """The words of the mail without the dashes and marks that stand for lists and quotations."""
    lines = [re.sub(r"^(?:> )?\s*(?:-  |\d+\. )?", "", line) for line in text.split("\n")]
    return close("".join(lines)).replace("—" * 20, "")


@pytest.mark.parametrize("name", AWKWARD)
@pytest.mark.parametrize("starter", STARTERS, ids=lambda one: one.name)
def test_mail_pdf_and_word_say_the_same_to_whatever_name(starter: Any, name: str) -> None:
    reader = replace(SAMPLE, family_name=name)
    paper, mail = merged(starter.body, reader, starter.subject)
    said = close("".join(paper.words())).replace("—" * 20, "")
    assert close(name) in said
    assert said.replace(close(paper.subject), "", 1) == of_mail(mail)
    assert text_of_pdf(pdf_of(paper)) == said
    assert text_of_word(word.docx_of(paper, NOTHING)) == said


def test_every_kind_of_paragraph_reaches_all_three() -> None:
    paper, mail = merged(EVERYTHING)
    said = close("".join(paper.words())).replace("—" * 20, "")
    assert said.replace("Support", "", 1) == of_mail(mail)
    on_page = text_of_pdf(pdf_of(paper))
    for number in ("7.", "8.", "1.", "2."):  # Typst writes the numbers of lists, Word counts them
        on_page = on_page.replace(number, "", 1)
    assert on_page == said
    assert text_of_word(word.docx_of(paper, NOTHING)).replace("—" * 20, "") == said


TYPED = """\
((salutation)),

We offer:
• evidence
•\tinsight
·       time

Our office:
First floor
10 High Street

\tA tab is in front of this paragraph.

    And four spaces in front of this.

Ring us:
+ 44 1632 960001

2026. That was the year we first wrote.

A line
--
and one below it

a) one
b) two

> + 44 1632 960002
"""


def test_lines_bullets_and_numbers_stay_as_they_were_typed_in_all_three() -> None:
    """As in every mail program, and as a word processor leaves them in the clipboard."""
    paper, mail = merged(TYPED)
    kinds = [block.kind for block in paper.body]
    assert kinds == ["paragraph", "bullets", *["paragraph"] * 7, "quote"]
    assert [item.inside[0].text for item in paper.body[1].inside] == ["evidence", "insight", "time"]
    typed = (
        "Our office:\nFirst floor\n10 High Street",
        "\n\nA tab is in front of this paragraph.\n\nAnd four spaces in front of this.\n\n",
        "Ring us:\n+ 44 1632 960001\n\n2026. That was the year we first wrote.",
        "A line\n--\nand one below it",
        "a) one\nb) two",
        "> + 44 1632 960002",
    )
    for words in (*typed, "We offer:\n\n-  evidence\n-  insight\n-  time"):
        assert words in mail
    made = docx.Document(io.BytesIO(word.docx_of(paper, NOTHING)))
    in_word = "\n\n".join(one.text for one in made.paragraphs)
    with pdf.press(NOTHING) as press:
        on_page = PdfReader(io.BytesIO(press.pdf_of(paper, at=NOON))).pages[0].extract_text()
    for words in typed:
        assert words.strip().removeprefix("> ") in in_word
        for line in words.strip().removeprefix("> ").split("\n"):
            assert any(line in one for one in on_page.split("\n"))
    assert not re.search("First floor.*10 High|a\\) one.*b\\)|A line.*--", on_page)


@pytest.mark.parametrize(
    "begins",
    ["Sample Group\n", "sample  group,\n", "The Sample Group, ", "SAMPLE GROUP.\n"],
)
def test_the_groups_name_is_said_once_where_the_address_begins_with_it(begins: str) -> None:
    house = replace(HOUSE, postal_address=f"{begins}1 Sample Street\nSampleton")
    letter = Renderer("Support", "Words.\n").render(Writing(SAMPLE, house, "AAAAA-BBBBB"))
    once = ["Sample Group", "1 Sample Street", "Sampleton", HOUSE.reply_to]
    assert letter.text.split("\n")[:4] == once
    paper = paper_of(subject=letter.subject, html=letter.html)
    assert paper.letterhead == once
    made = (text_of_pdf(pdf_of(paper)), text_of_word(word.docx_of(paper, NOTHING)))
    for words in made:
        assert len(re.findall("samplegroup", words, re.IGNORECASE)) == 1
    notice = starter_privacy_notice("Sample Group", house.postal_address, "")
    assert "to Sample Group, 1 Sample Street, Sampleton. We answer" in " ".join(notice.split())


def test_an_address_that_only_resembles_the_name_is_kept_whole() -> None:
    for first in ("Sample Groupings House", "c/o Sample Group"):
        assert letterhead(replace(HOUSE, postal_address=first))[1] == first


def test_word_gives_each_paragraph_its_style_and_each_list_its_own_numbers() -> None:
    paper, _ = merged("((salutation)),\n\n1. one\n2. two\n\ntext\n\n4. four\n\n> said\n\n# Head\n")
    made = docx.Document(io.BytesIO(word.docx_of(paper, NOTHING)))
    styles = {one.text: one.style.name for one in made.paragraphs if one.style}
    assert styles["one"] == styles["two"] == styles["four"] == "List Number"
    assert styles["said"] == "Quote"
    assert (styles["Support"], styles["Head"]) == ("Heading 1", "Heading 2")
    numbers = {
        one.text: one._p.pPr.numPr.numId.val  # type: ignore[attr-defined]
        for one in made.paragraphs
        if one._p.pPr is not None and one._p.pPr.numPr is not None
    }
    assert numbers["one"] == numbers["two"] != numbers["four"]


@pytest.mark.slow("typesets every payload")
def test_a_payload_as_a_name_is_only_words_in_pdf_and_word(subtests: pytest.Subtests) -> None:
    for payload in PAYLOADS:
        with subtests.test(payload):
            paper, mail = merged(
                "Dear ((family name)),\n\nWords.\n", replace(SAMPLE, family_name=payload)
            )
            said = close("".join(paper.words())).replace("—" * 20, "")
            assert said.replace("Support", "", 1) == of_mail(mail)
            assert close(payload) in said
            assert text_of_pdf(pdf_of(paper)) == said
            assert text_of_word(word.docx_of(paper, NOTHING)) == said


TYPST = (
    '#read("/etc/passwd")',
    '#eval("1+1")',
    "$x^2$",
    "*b* _i_ @ref <label>",
    "= Head",
    "{_{ x }_} {_% y %_}",
    "\\u{41}",
    '#import "@preview/x:0.1.0"',
    "// gone",
    "/* gone */",
)


@pytest.mark.parametrize("payload", TYPST)
def test_the_source_of_a_typesetter_is_only_words(payload: str) -> None:
    paper, _ = merged("Dear ((family name)),\n\nWords.\n", replace(SAMPLE, family_name=payload))
    assert close(payload) in text_of_pdf(pdf_of(paper))
    assert close(payload) in text_of_word(word.docx_of(paper, NOTHING))


@pytest.mark.parametrize("payload", ["{{7*7}}", "{% for x in y %}", '#read("x")'])
def test_a_payload_in_the_words_of_a_template_runs_nothing(payload: str) -> None:
    paper, _ = merged(f"((salutation)),\n\nx {payload} y\n", subject=payload)
    for text in (text_of_pdf(pdf_of(paper)), text_of_word(word.docx_of(paper, NOTHING))):
        assert text.count(close(payload)) == 2


@pytest.mark.slow("typesets forty made-up texts")
@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=0x17F, exclude_categories=["C"])))
def test_whatever_latin_words_there_are_reach_paper(words: str) -> None:
    paper, _ = merged(
        "((salutation)),\n\n((job title))\n",
        replace(SAMPLE, seats=(replace(SAMPLE.seats[0], job_title=words or "x"),)),
    )
    said = close("".join(paper.words())).replace("—" * 20, "")
    assert text_of_pdf(pdf_of(paper)) == text_of_word(word.docx_of(paper, NOTHING)) == said


def test_the_pdf_is_tagged_named_and_carries_its_fonts() -> None:
    paper, _ = merged(EVERYTHING)
    pdf = pdf_of(paper)
    root = pdf.root_object
    assert "/Marked': True" in str(root["/MarkInfo"])
    assert str(root["/Lang"]) == "en-GB"
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Support"
    described = root["/Metadata"].get_object()
    assert isinstance(described, StreamObject)
    assert b"pdfuaid" in described.get_data()
    tags = set(_tags(root["/StructTreeRoot"]))
    assert {"/H1", "/H2", "/P", "/L", "/LI", "/BlockQuote", "/Link"} <= tags
    for page in pdf.pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            below = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            assert {"/FontFile2", "/FontFile3"} & set(below.get_object())


def _tags(node: Any) -> list[str]:
    node = node.get_object()
    if not isinstance(node, dict):
        return []
    inside = node.get("/K", [])
    inside = inside if isinstance(inside, list) else [inside]
    found = [tag for one in inside if not isinstance(one, int) for tag in _tags(one)]
    return [str(node["/S"]), *found] if "/S" in node else found


@pytest.mark.parametrize(("paragraphs", "pages"), [(3, 1), (16, 2), (36, 3)])
def test_a_letter_counts_its_own_pages(paragraphs: int, pages: int) -> None:
    words = "\n\n".join(
        "These are some of the words of a longer letter. " * 3 for _ in range(paragraphs)
    )
    pdf = pdf_of(merged(f"((salutation)),\n\n{words}\n\n((close)),\n")[0])
    assert len(pdf.pages) == pages
    for number, page in enumerate(pdf.pages, start=1):
        assert f"Page {number} of {pages}" in page.extract_text()
    assert "Sam Signatory" in pdf.pages[-1].extract_text()
    assert "Yours sincerely" in pdf.pages[-1].extract_text()  # the close stays with the name


def test_an_office_is_written_to_as_the_office() -> None:
    paper, mail = merged(STARTERS[0].body, SAMPLE_OFFICE, STARTERS[0].subject)
    assert "by way of the office of the chair" in paper.to
    assert of_mail(mail) == close("".join(paper.words())).replace("—" * 20, "").replace(
        close(paper.subject), "", 1
    )


def test_a_letter_that_is_not_ours_is_refused() -> None:
    with pytest.raises(ValueError, match="not the HTML of one of our letters"):
        paper_of(subject="S", html="<p>Hello</p>")


@pytest.fixture
def letter(
    session: Session, begin: Callable[..., Mailing], check: Callable[[Mailing], list[Letter]]
) -> Letter:
    """To a lead of three boards, with copies to their chairs."""
    person = make_person(session, "Brádaigh-Łuczak", given_name="Siân", title="Dr")
    for name in ("Ashshire", "Birchshire", "Cedarshire"):
        body = board(session, name)
        lead(session, body, person)
        chair(session, body, make_person(session, f"Chair of {name}"))
    return check(begin())[0]


def test_a_lead_of_three_boards_has_one_letter_in_all_three_forms(
    client: FlaskClient, session: Session, letter: Letter
) -> None:
    author = make_user(session, "Ada Author")
    mailing = session.get_one(Mailing, letter.mailing_id)
    submitting.waive_test(mailing, "Tested before.", by=author)
    submitting.ask_for_approval(session, mailing, by=author, at=NOON, base_url=BASE_URL)
    session.commit()
    kept = results.letter(session, letter.id)
    assert kept is not None
    assert kept.mime is not None
    mail = of_mail(results.read_bytes(kept.mime).text)
    pdf = client.get(f"/letters/letters/{letter.id}/letter.pdf")
    assert pdf.content_type == "application/pdf"
    file = client.get(f"/letters/letters/{letter.id}/letter.docx")
    assert file.content_type == word.MEDIA_TYPE
    on_page = text_of_pdf(PdfReader(io.BytesIO(pdf.data))).replace("Draft,notapproved", "")
    for text in (on_page, text_of_word(file.data)):
        assert text.replace(close(letter.subject), "", 1) == mail
        for name in ("Ashshire", "Birchshire", "Cedarshire"):
            assert f"NHS{name}IntegratedCareBoard" in text


def test_downloading_a_letter_is_recorded(
    client: FlaskClient, session: Session, letter: Letter
) -> None:
    client.get(f"/letters/letters/{letter.id}/letter.pdf")
    client.get(f"/letters/letters/{letter.id}/letter.docx")
    said = session.scalars(select(AuditEvent.summary).where(AuditEvent.action == "exported")).all()
    assert [("PDF" in one, "Word" in one) for one in said] == [(True, False), (False, True)]


@pytest.mark.parametrize(
    ("state", "mark"),
    [
        (LetterState.READY, "Draft, not approved"),
        (LetterState.STOPPED, "Not sent"),
        (LetterState.SENT, ""),
    ],
)
def test_a_letter_that_never_went_says_so_on_every_page(
    client: FlaskClient, session: Session, letter: Letter, state: LetterState, mark: str
) -> None:
    session.get_one(Letter, letter.id).state = state
    session.commit()
    pdf = PdfReader(io.BytesIO(client.get(f"/letters/letters/{letter.id}/letter.pdf").data))
    file = docx.Document(io.BytesIO(client.get(f"/letters/letters/{letter.id}/letter.docx").data))
    for page in pdf.pages:
        assert ("Draft" in page.extract_text() or "Not sent" in page.extract_text()) == bool(mark)
        assert mark in page.extract_text()
    assert file.sections[0].header.paragraphs[0].text == mark


def test_the_letter_shows_the_logo_and_signature_it_was_checked_with(
    client: FlaskClient,
    session: Session,
    begin: Callable[..., Mailing],
    check: Callable[[Mailing], list[Letter]],
) -> None:
    mailing = begin()
    lead(session, board(session))
    signatory = session.get_one(Signatory, mailing.signatory_id)
    group_settings.put_up_logo(session, Picture("image/png", png(60, 20)), at=NOON)
    signature = Picture("image/png", png(30, 10, (0, 0, 90)))
    images.put_signature(session, signatory, signature)
    letter = check(mailing)[0]
    group_settings.put_up_logo(session, Picture("image/png", png(10, 10)), at=NOON)
    images.take_signature_away(session.get_one(Signatory, mailing.signatory_id))
    session.commit()
    shown = images.stationery_of(session, session.get_one(Mailing, mailing.id))
    assert shown.logo == Picture("image/png", png(60, 20))
    assert shown.signature == signature
    pdf = PdfReader(io.BytesIO(client.get(f"/letters/letters/{letter.id}/letter.pdf").data))
    assert len(pdf.pages[0].images) == 2
    file = docx.Document(io.BytesIO(client.get(f"/letters/letters/{letter.id}/letter.docx").data))
    said = [one._inline.docPr.get("descr") for one in file.inline_shapes]
    assert said == ["Logo of Sample Health Policy Group", "Signature of Sam Signatory"]


def test_a_signature_is_put_in_seen_and_taken_away(client: FlaskClient, session: Session) -> None:
    session.add(Signatory(id=7, name="Sam Signatory"))
    session.commit()
    assert client.get("/letters/signatories/7/signature/picture").status_code == 404
    client.post("/letters/signatories/7/signature", data={"picture": (io.BytesIO(png()), "a.png")})
    answer = client.get("/letters/signatories/7/signature/picture")
    assert (answer.content_type, answer.data) == ("image/png", png())
    assert "Take the signature away" in client.get("/letters/signatories/7").text
    client.post("/letters/signatories/7/signature/take-away")
    assert client.get("/letters/signatories/7/signature/picture").status_code == 404
    assert len(session.scalars(select(LetterPicture)).all()) == 1  # older letters may show it


def test_a_signature_that_cannot_be_printed_is_refused_with_a_reason(
    client: FlaskClient, session: Session
) -> None:
    session.add(Signatory(id=7, name="Sam Signatory"))
    session.commit()
    wrong = []
    for content, said in [(b"", "Choose a PNG or JPEG file first."), *UNUSABLE]:
        page = client.post(
            "/letters/signatories/7/signature",
            data={"picture": (io.BytesIO(content), "a.png" if content else "")},
        )
        if page.status_code != 200 or said not in page.text:
            wrong.append((content[:40], said, page.status_code))
    assert wrong == []
    assert session.get_one(Signatory, 7).picture_id is None


def test_a_logo_from_before_that_cannot_be_printed_holds_a_mailing_until_it_is_replaced(
    client: FlaskClient,
    session: Session,
    begin: Callable[..., Mailing],
    check: Callable[[Mailing], list[Letter]],
) -> None:
    mailing = begin()
    lead(session, board(session))
    session.add(Logo(id=1, media_type="image/png", content=far_too_wide(), uploaded_at=NOON))
    check(mailing)
    session.commit()

    address = f"/letters/mailings/{mailing.id}/check"

    page = client.get(address).text

    assert "Our logo cannot be printed" in page
    assert "/set-up/logo" in page
    group_settings.put_up_logo(session, Picture("image/png", png()), at=NOON)
    session.commit()
    assert "Our logo cannot be printed" not in client.get(address).text


def test_words_being_written_can_be_looked_at_on_paper(client: FlaskClient) -> None:
    form = {
        "name": "An offer",
        "subject": "Help",
        "body": "((salutation)),\n\nWords.\n",
        "act": "pdf",
        "reader": "sample",
    }
    pdf = client.post("/letters/templates/new", data=form)
    assert pdf.content_type == "application/pdf"
    assert "Preview of a template" in PdfReader(io.BytesIO(pdf.data)).pages[0].extract_text()
    wrong = client.post("/letters/templates/new", data={**form, "body": "((nonsense))"})
    assert "there is no field called “nonsense”" in wrong.text
    assert "((nonsense))" in wrong.text  # what was typed stays


def test_a_letter_sent_outside_is_not_made_into_paper_of_ours(
    client: FlaskClient, session: Session
) -> None:
    outside = Letter(subject="Sent by hand", state=LetterState.SENT)
    session.add(outside)
    session.commit()
    for kind in ("pdf", "docx"):
        assert client.get(f"/letters/letters/{outside.id}/letter.{kind}").status_code == 404
