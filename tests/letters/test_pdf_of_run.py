"""One file for the printer: fresh sheets, honest counts, and each address in its window."""

import io
from collections.abc import Callable, Sequence
from dataclasses import replace

import pypdfium2
import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy.orm import Session

from app.core.pictures.checking import Picture
from app.letters.content.fields import SAMPLE
from app.letters.content.images import Stationery
from app.letters.models import Letter, LetterState, Mailing
from app.letters.print import pdf_of_run
from app.letters.print.pdf_of_run import Cover, PagesDiffer, ToPrint, sheets
from app.letters.print.printable import sheets_of
from app.settings.window import C5, Window, refuse_what_does_not_fit
from tests.factories import NOON, TODAY
from tests.letters.conftest import board, lead, unknown_lead
from tests.letters.pictures import png
from tests.letters.test_document import AWKWARD, merged

MM = 72 / 25.4
ADDRESS = (
    "Dr Alex Sample OBE",
    "NHS Sampleshire Integrated Care Board",
    "Floor 2",
    "County Hall",
    "Topsham Road",
    "Exeter",
    "EX2 4QD",
)
LONG_ONE = 16  # paragraphs of a letter of two pages
LONGER = 36


def letter(paragraphs: int = 2, name: str = "Sample", window: Sequence[str] = ADDRESS) -> ToPrint:
    words = "\n\n".join(["These are some of the words of a longer letter. " * 3] * paragraphs)
    paper, _ = merged(
        f"((salutation)),\n\n{words}\n\n((close)),\n", replace(SAMPLE, family_name=name)
    )
    return ToPrint(f"Dr {name}", paper, window)


def made(
    letters: Sequence[ToPrint],
    *,
    both_sides: bool = True,
    left_out: Sequence[str] = (),
    stationery: Stationery | None = None,
) -> tuple[pdf_of_run.Printed, list[str]]:
    run = pdf_of_run.print_run(
        letters,
        stationery or Stationery(),
        cover=Cover("To print: An offer", left_out=left_out),
        both_sides=both_sides,
        at=NOON,
    )
    return run, [page.extract_text() for page in PdfReader(io.BytesIO(run.content)).pages]


def test_each_letter_begins_on_a_sheet_of_its_own_and_counts_its_own_pages() -> None:
    run, pages = made(
        [letter(2, "One"), letter(LONG_ONE, "Two"), letter(LONGER, "Three"), letter(2, "Four")]
    )
    assert (run.cover_pages, run.pages) == (1, (1, 2, 3, 1))
    ends = [page.strip().rsplit("\n", 1)[-1] for page in pages]
    assert ends == [
        "Cover 1 of 1, page 1 of 1",
        "",
        "Page 1 of 1",
        "",
        "Page 1 of 2",
        "Page 2 of 2",
        "Page 1 of 3",
        "Page 2 of 3",
        "Page 3 of 3",
        "",
        "Page 1 of 1",
        "",
    ]
    for place, name in ((2, "One"), (4, "Two"), (6, "Three"), (10, "Four")):
        assert f"Dear Dr {name}" in pages[place]
        assert place % 2 == 0  # the front of a sheet


def test_on_one_side_nothing_is_left_empty() -> None:
    run, pages = made([letter(2), letter(LONG_ONE)], both_sides=False)
    assert run.pages == (1, 2)
    assert len(pages) == 4
    assert all(page.strip() for page in pages)
    assert (sheets(3, both_sides=True), sheets(3, both_sides=False)) == (2, 3)


def test_the_cover_names_every_letter_with_its_pages_and_sheets() -> None:
    _, pages = made([letter(2, "One"), letter(LONGER, "Two", ())], left_out=["Dr No: objected"])
    cover = " ".join(pages[0].split())
    assert "2 letters, 4 pages, 3 sheets of A4 on both sides" in cover
    assert "1 Dr One Dr Alex Sample OBE" in cover
    assert "2 Dr Two no postal address 3 2" in cover
    assert "Dr No: objected" in cover


def test_a_file_that_does_not_hold_what_its_cover_says_is_not_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pdf_of_run, "_append", lambda *_, **__: 1)
    with pytest.raises(PagesDiffer):
        made([letter(2)])


def boxes(page: pypdfium2.PdfPage) -> list[tuple[str, float, float, float, float]]:
    """Each letter on the page with its left, top, right and bottom in millimetres."""
    text, height = page.get_textpage(), page.get_height()
    found = []
    for index in range(text.count_chars()):
        left, bottom, right, top = text.get_charbox(index)
        character = text.get_text_range(index, 1)
        if character.strip():
            found.append(
                (character, left / MM, (height - top) / MM, right / MM, (height - bottom) / MM)
            )
    return found


WINDOWS = (
    C5,
    Window(left=20, top=50, width=90, height=35),  # DL, as most are sold
    Window(left=115, top=45, width=80, height=40),  # on the right, as on the continent
    Window(left=24.6, top=39.5, width=75, height=24),  # the smallest there may be
    Window(left=15, top=18, width=100, height=45),
    Window(left=20, top=80, width=95, height=25),
)


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_the_address_is_inside_the_window_wherever_that_is(window: Window) -> None:
    refuse_what_does_not_fit(window)
    stationery = Stationery(logo=Picture("image/png", png(300, 100)), window=window)
    for address in (ADDRESS, ADDRESS[:3], tuple(f"{line} and some more words" for line in ADDRESS)):
        only_the_address_is_in(window, stationery, "Sample", address)


@pytest.mark.parametrize("name", AWKWARD)
def test_the_address_is_inside_the_window_and_nothing_else_is(name: str) -> None:
    stationery = Stationery(logo=Picture("image/png", png(300, 100)))
    only_the_address_is_in(C5, stationery, name, (f"Dr {name[:50]}", *ADDRESS[1:]))


def only_the_address_is_in(
    window: Window, stationery: Stationery, name: str, address: Sequence[str]
) -> None:
    run, _ = made([letter(2, name, address)], stationery=stationery)
    document = pypdfium2.PdfDocument(run.content)
    page = document[2]
    inside = [
        one
        for one in boxes(page)
        if one[3] > window.left
        and one[1] < window.right
        and one[4] > window.top
        and one[2] < window.bottom
    ]
    assert "".join(one[0] for one in inside) == "".join("".join(address).split())
    for _, left, top, its_right, its_bottom in inside:
        assert window.left <= left
        assert its_right <= window.right
        assert window.top <= top
        assert its_bottom <= window.bottom
    page.close()
    document.close()


def test_nothing_stands_in_the_margins() -> None:
    run, _ = made([letter(LONGER, AWKWARD[2])])
    document = pypdfium2.PdfDocument(run.content)
    for index in range(2, 5):
        page = document[index]
        for _, left, top, right, bottom in boxes(page):
            assert left >= 15
            assert right <= 195
            assert top >= 5
            assert bottom <= 292
        page.close()
    document.close()


@pytest.fixture
def mailing(
    session: Session, begin: Callable[..., Mailing], check: Callable[[Mailing], list[Letter]]
) -> Mailing:
    """One lead with an address of her own, one at a body that has one, one office without."""
    mailing = begin()
    own = lead(session, board(session, "Ashshire"))
    own.postal_address = "County Hall\nTopsham Road\nExeter\nEX2 4QD"
    body = board(session, "Birchshire")
    body.postal_address = "1 Birch Street\nBirchton\nBT1 1AA"
    lead(session, body)
    unknown_lead(session, "Cedarshire").office_email = "office@cedar.example.org"
    check(mailing)
    session.commit()
    return session.get_one(Mailing, mailing.id)


def test_the_envelope_shows_the_persons_own_address_or_that_of_their_body(
    session: Session, mailing: Mailing
) -> None:
    ash, birch, cedar = sheets_of(session, mailing)
    assert ash.window[1:] == ("County Hall", "Topsham Road", "Exeter", "EX2 4QD")
    assert birch.window[1:] == (
        "NHS Birchshire Integrated Care Board",
        "1 Birch Street",
        "Birchton",
        "BT1 1AA",
    )
    assert cedar.address.problem == "no postal address is recorded."
    assert cedar.window == ()


def test_the_page_says_which_envelopes_lack_an_address(
    client: FlaskClient, mailing: Mailing
) -> None:
    page = client.get(f"/letters/mailings/{mailing.id}/print").text
    assert "2 of 3 have a postal address that fits" in page
    assert "No postal address is recorded." in page
    assert "These letters are not approved" in page
    file = client.get(f"/letters/mailings/{mailing.id}/print.pdf?sides=one")
    pages = [one.extract_text() for one in PdfReader(io.BytesIO(file.data)).pages]
    assert len(pages) == 4
    assert all("Draft, not approved" in page for page in pages[1:])


def test_who_objected_and_what_never_went_is_not_printed(
    client: FlaskClient, session: Session, mailing: Mailing
) -> None:
    ash, birch, _ = [one.letter for one in sheets_of(session, mailing)]
    assert ash.person is not None
    ash.person.objected_on = TODAY
    birch.state, birch.state_reason = LetterState.STOPPED, "Stopped by Ada."
    session.commit()
    file = client.get(f"/letters/mailings/{mailing.id}/print.pdf")
    pages = [one.extract_text() for one in PdfReader(io.BytesIO(file.data)).pages]
    assert len(pages) == 4  # a cover, one letter, and the backs of both
    assert "asked not to be contacted" in pages[0]
    assert "stopped. Stopped by Ada" in pages[0]
    assert "Ashshire" not in "".join(pages[1:])


def test_a_letter_whose_words_cannot_be_read_is_named_and_the_rest_are_printed(
    client: FlaskClient, session: Session, mailing: Mailing
) -> None:
    sheets_of(session, mailing)[0].letter.html = "<p>Hello</p>"
    session.commit()
    page = client.get(f"/letters/mailings/{mailing.id}/print").text
    assert "its words are not in the form of our letters" in page
    assert client.get(f"/letters/mailings/{mailing.id}/print.pdf").status_code == 200


def test_a_mailing_without_letters_has_no_file(
    client: FlaskClient, session: Session, begin: Callable[..., Mailing]
) -> None:
    mailing = begin()
    session.commit()
    assert "There is no letter to print" in client.get(f"/letters/mailings/{mailing.id}/print").text
    assert client.get(f"/letters/mailings/{mailing.id}/print.pdf").status_code == 404
