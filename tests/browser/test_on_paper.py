"""Pages as they come out of a printer, asked for from a dark screen."""

import io
import re
import sys
from collections.abc import Iterator
from contextlib import closing
from unicodedata import category, normalize

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader
from pypdfium2 import PdfDocument

from tests.browser import furnished as furnishing
from tests.browser.conftest import PHONE, Site, Visit, site_on
from tests.browser.furnished import Furnished
from tests.browser.test_every_page import address_of
from tests.databases import SqliteDatabases

# Who adds a record or a list adds its page here.
PAGES = (
    *("overview.home", "overview.system", "overview.systems"),
    *("overview.organisation_timeline", "overview.person_timeline"),
    *("directory.organisation", "directory.organisations", "directory.people", "directory.person"),
    *("directory.post", "directory.post_types", "directory.owners"),
    *("interactions.read", "interactions.meetings", "interactions.themes"),
    *("promises.follow_up", "promises.follow_ups", "promises.point", "promises.commitments"),
    *("promises.offer", "promises.offers"),
    *("documents.show", "documents.listing"),
    *("milestones.show", "milestones.listing", "milestones.duty", "milestones.duties"),
    *("reminders.rule", "reminders.occurrences", "reminders.rules"),
    *("workstreams.workstream", "workstreams.meetings", "workstreams.promises"),
    "workstreams.workstreams",
    *("letters.mailings", "letters.truth", "letters.mailing_check", "letters.letter"),
    *("letters.template", "letters.templates", "letters.signatory", "letters.signatories"),
    *("audit.record", "audit.history", "accounts.users", "imports.imports", "help.show"),
    *("bin.listing", "merging.twice", "letters.mailing_ways"),
)
# What only a screen has a use for.
FURNITURE = (
    "Skip to the content",
    "Sign out",
    "My account",
    "Log a meeting, call or note",
    "Show matching",
)
A4_BETWEEN_MARGINS = 680
# Chromium lays a printed page out as wide as the paper lets it; this is what would not fit on it.
TOO_WIDE = """width => [...document.querySelectorAll('main *')]
  .filter(e => e.checkVisibility({visibilityProperty: true})
    && !e.closest('svg, .visually-hidden') && e.getClientRects().length)
  .filter(e => e.getBoundingClientRect().right > width + 1)
  .map(e => e.outerHTML.replace(/\\s+/g, ' ').slice(0, 140))"""
GROUNDS = """() => {
  const pale = /rgba\\(0, 0, 0, 0\\)|rgb\\((2[345]\\d, ){2}2[345]\\d\\)/;
  return [...document.querySelectorAll('html, body, main, main :is(.card, td, th, .notice)')]
    .map(e => getComputedStyle(e).backgroundColor).filter(colour => !pale.test(colour));
}"""
CLOSED = """() => [...document.querySelectorAll('main details:not([open])')]
  .filter(e => getComputedStyle(e).display != 'none')
  .filter(e => getComputedStyle(e, '::details-content').contentVisibility == 'hidden').length"""


@pytest.fixture(scope="module")
def site(
    sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with site_on(sqlite_databases.copy(), tmp_path_factory.mktemp("on_paper")) as site:
        yield site


@pytest.fixture(scope="module")
def furnished(site: Site) -> Furnished:
    return furnishing.furnish(site)


@pytest.fixture
def page(visit: Visit, furnished: Furnished) -> Page:
    return visit(furnished.user, dark=True)


def printed(page: Page) -> list[str]:
    pdf = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    for sheet in pdf.pages:
        box = sheet.mediabox
        assert (round(float(box.width)), round(float(box.height))) == (595, 842), page.url
    return [normalize("NFKC", " ".join(sheet.extract_text().split())) for sheet in pdf.pages]


def as_others_read(pdf: bytes) -> str:
    sheets = [sheet.extract_text() for sheet in PdfReader(io.BytesIO(pdf)).pages]
    return " ".join(" ".join(sheets).split())


def as_chromium_reads(pdf: bytes) -> str:
    with closing(PdfDocument(pdf)) as document:
        sheets = [sheet.get_textpage().get_text_range() for sheet in document]
    return " ".join(" ".join(sheets).split())


def wrong_on(page: Page, sheets: list[str]) -> Iterator[str]:
    heading = normalize("NFKC", " ".join(page.locator("h1").inner_text().split()))
    everything = " ".join(sheets)
    if heading.replace(" ", "") not in everything.replace(" ", ""):
        yield f"does not say “{heading}”"
    if "Printed by Vera Visitor" not in everything:
        yield "does not say who printed it"
    yield from (f"says “{words}”" for words in FURNITURE if words in everything)
    for number, sheet in enumerate(sheets, 1):
        if f"Page {number} of {len(sheets)}" not in sheet:
            yield f"page {number} has no number"
        if len(sheet) < 30:
            yield f"page {number} is empty"


def wrong_before_printing(page: Page) -> Iterator[str]:
    page.emulate_media(media="print")
    page.set_viewport_size({"width": A4_BETWEEN_MARGINS, "height": 900})
    yield from (
        f"wider than the paper: {one}" for one in page.evaluate(TOO_WIDE, A4_BETWEEN_MARGINS)
    )
    yield from (f"a ground of {colour}" for colour in set(page.evaluate(GROUNDS)))
    if folded := page.evaluate(CLOSED):
        yield f"{folded} folded parts stay folded"
    page.emulate_media(media="null")


def test_every_record_and_list_prints_to_white_a4(
    site: Site, page: Page, furnished: Furnished
) -> None:
    wrong: list[str] = []
    rules = {rule.endpoint: rule for rule in site.app.url_map.iter_rules()}
    for endpoint in PAGES:
        address = address_of(site, rules[endpoint], furnished)
        response = page.goto(address)
        assert response is not None
        assert response.ok, address
        found = [*wrong_on(page, printed(page)), *wrong_before_printing(page)]
        wrong += [f"{address} {one}" for one in found]
    assert not wrong, "\n".join(wrong)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a browser takes no fonts from us")
def test_what_is_printed_where_inter_is_installed_can_be_copied(
    page: Page, furnished: Furnished
) -> None:
    page.goto(f"/documents/{furnished.values['document_id']}")
    assert fonts_of(page, "h1") == {"Inter"}
    pdf = page.pdf(prefer_css_page_size=True)
    for reader in (as_others_read, as_chromium_reads):
        words = reader(pdf)
        assert re.search(r"published on \d+ \w+ \d{4}", words)
        assert "Page 1 of 1" in words
        assert not [letter for letter in words if category(letter) == "Co"]


def fonts_of(page: Page, selector: str) -> set[str]:
    """The families that its letters are really drawn in."""
    chromium = page.context.new_cdp_session(page)
    chromium.send("DOM.enable")
    chromium.send("CSS.enable")
    document = chromium.send("DOM.getDocument")["root"]
    element = chromium.send(
        "DOM.querySelector", {"nodeId": document["nodeId"], "selector": selector}
    )
    used = chromium.send("CSS.getPlatformFontsForNode", {"nodeId": element["nodeId"]})
    return {font["familyName"] for font in used["fonts"]}


def test_a_long_table_says_on_each_page_what_its_columns_are(
    page: Page, furnished: Furnished
) -> None:
    page.goto("/systems")
    sheets = printed(page)
    assert len(sheets) > 1
    assert all("Engagement" in sheet and "Last contact" in sheet for sheet in sheets)


def test_an_outside_address_stands_beside_its_link_and_ours_do_not(
    page: Page, furnished: Furnished
) -> None:
    page.goto(f"/documents/{furnished.values['document_id']}")
    [sheet] = printed(page)
    link = page.locator("main dd a[href^=http]").first
    assert f"({link.get_attribute('href')})" in sheet.replace(" ", "")
    assert "(/organisations" not in sheet


def test_a_phone_prints_the_same_pages(visit: Visit, furnished: Furnished) -> None:
    wide, phone = visit(furnished.user), visit(furnished.user, size=PHONE)
    for path in ("/systems", f"/people/{furnished.values['person_id']}"):
        wide.goto(path)
        phone.goto(path)
        assert printed(wide) == printed(phone)
