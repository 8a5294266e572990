"""The briefing as it comes out of a printer."""

import io
import re
from unicodedata import normalize

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app.core import clock
from app.demo import services as demo
from app.demo.story import FULL
from app.directory.models import Organisation
from app.interactions.models import PromisedBy
from tests.browser.conftest import PHONE, Site, Visit, check_no_sideways_scroll, check_with_axe
from tests.factories import make_organisation, make_user
from tests.overview.briefed import make_full_system, make_promise, meet


@pytest.mark.parametrize("words", [8, 40])
def test_the_briefing_on_a_full_system_prints_to_one_page(
    site: Site, visit: Visit, words: int
) -> None:
    with site.session() as session:
        user = make_user(session)
        system = make_full_system(session, user, words=words)
        session.commit()
    page = visit(user)
    page.goto(f"/organisations/{system.id}/briefing")
    check_with_axe(page)
    made = page.pdf(prefer_css_page_size=True)
    pdf = PdfReader(io.BytesIO(made))

    assert len(pdf.pages) == 1
    box = pdf.pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == (595, 842)
    printed = normalize("NFKC", " ".join(pdf.pages[0].extract_text().split()))
    for wanted in (
        "Briefing: Sampleshire",
        "They promised",
        "We promised",
        "Last contacts",
        "Letters and replies",
        "Printed by Sam Sample",
        "Page 1 of 1",
        "more",
    ):
        assert wanted in printed, wanted
    address = site.url(f"/organisations/{system.id}/briefing")
    assert address in printed.replace(" ", "")  # it may stand on two lines
    for unwanted in ("Skip to the content", "Organisations", "Sign out", "Download as PDF"):
        assert unwanted not in printed, unwanted

    page.set_viewport_size({"width": 320, "height": PHONE["height"]})
    check_no_sideways_scroll(page)


def test_forty_open_promises_on_each_side_leave_the_briefing_on_one_page(
    site: Site, visit: Visit
) -> None:
    with site.session() as session:
        user = make_user(session)
        system = make_full_system(session, user, words=20)
        board = session.scalars(
            select(Organisation).where(Organisation.part_of_id == system.id)
        ).one()
        for number in range(40):
            for side in PromisedBy:
                make_promise(session, board, user, f"Another promise {number}", side=side)
        session.commit()
    page = visit(user)
    page.goto(f"/organisations/{system.id}/briefing")
    pdf = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    taken = PdfReader(
        io.BytesIO(page.request.get(f"/organisations/{system.id}/briefing.pdf").body())
    )

    for made in (pdf, taken):
        assert len(made.pages) == 1
        printed = normalize("NFKC", " ".join(made.pages[0].extract_text().split()))
        for wanted in ("They promised", "To follow up", "Open questions", "Letters and replies"):
            assert wanted in printed, wanted
        assert len(re.findall(r"and \d+ more", printed)) >= 2


@pytest.mark.parametrize("words", [8, 40])
def test_one_document_on_several_bodies_prints_at_most_a_page_for_each_and_one_for_all(
    site: Site, visit: Visit, words: int
) -> None:
    with site.session() as session:
        user = make_user(session)
        full = make_full_system(session, user, words=words)
        one, two = make_organisation(session, "NHS One ICB"), make_organisation(session, "NHS Two")
        meeting = meet(session, user, full, one, two)
        session.commit()
    page = visit(user)
    page.goto(f"/interactions/{meeting.id}")
    page.get_by_role("link", name="Briefing on all of them").click()
    check_with_axe(page)
    pdf = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    printed = [normalize("NFKC", " ".join(one.extract_text().split())) for one in pdf.pages]

    assert 2 <= len(printed) <= 3  # what is short shares a page
    assert "They promised" in printed[0]
    (of_full,) = (said for said in printed if f"{full.name} What it is" in said)
    for wanted in ("Posts", "What we offered", "Last contacts", "Letters and replies", "Letter 0"):
        assert wanted in of_full[of_full.index(full.name) :], wanted
    assert any("NHS Two What it is" in said for said in printed)
    assert "Printed by Sam Sample" in printed[-1]

    page.set_viewport_size({"width": 320, "height": PHONE["height"]})
    check_no_sideways_scroll(page)


def test_the_briefing_on_the_full_demo_system_prints_to_one_page(site: Site, visit: Visit) -> None:
    with site.session() as session:
        users = demo.fill(session, on=clock.today(), at=clock.now(), base_url=site.address)
        board = session.scalars(select(Organisation).where(Organisation.ods_code == FULL)).one()
        session.commit()
    page = visit(users.member)
    for organisation_id in (board.part_of_id, board.id):
        page.goto(f"/organisations/{organisation_id}/briefing")
        pdf = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
        assert len(pdf.pages) == 1
        taken = page.request.get(f"/organisations/{organisation_id}/briefing.pdf")
        assert len(PdfReader(io.BytesIO(taken.body())).pages) == 1
        printed = normalize("NFKC", pdf.pages[0].extract_text())
        for heading in (
            *("Posts", "They promised", "We promised", "To follow up", "Open questions"),
            "Letters and replies",
        ):
            assert heading in printed, heading
