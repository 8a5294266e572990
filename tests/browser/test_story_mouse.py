"""The main job from the first link to the last answer, with a mouse."""

import re
from email import message_from_bytes, policy
from pathlib import Path

from openpyxl import Workbook
from playwright.sync_api import expect
from sqlalchemy import select
from sqlalchemy.orm import undefer

from app.accounts.services import first_admin_link
from app.core import clock
from app.core.mail.catcher import Folder
from app.letters.models import Letter
from tests.browser import journeys
from tests.browser.conftest import Site, Visit
from tests.browser.hands import Mouse, Visitor


def spreadsheet(folder: Path, *rows: tuple[str, ...]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["ICB", "Title", "First name", "Surname", "Email", "Source", "Checked on"])
    for row in rows:
        sheet.append(row)
    book.save(folder / "leads.xlsx")
    return folder / "leads.xlsx"


def text_of(raw: bytes) -> str:
    body = message_from_bytes(raw, policy=policy.SMTP).get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def without_date(raw: bytes) -> bytes:
    return re.sub(rb"^Date: .*\r\n", b"", raw, count=1, flags=re.MULTILINE)


SUBJECT = "Support for babies, children and young people in Essex"
SIAN = "Dr Siân Ó Brádaigh-Łuczak"


def test_the_main_job_from_the_first_link_to_the_last_answer(
    site: Site, visit: Visit, tmp_path: Path
) -> None:
    with site.session() as session:
        link = first_admin_link(session, base_url=site.address, at=clock.now())
        session.commit()
    ines, amal = Visitor(visit(), Mouse()), Visitor(visit(), Mouse())
    begin(ines, amal, site, link)
    fill_register(ines, tmp_path)
    write_and_check(ines)
    journeys.test_and_ask(ines)
    release_with_fresh_password(amal, site)
    send(ines, site)
    read_what_one_board_got(ines, site)
    mark_answer(ines)
    for visitor in (ines, amal):
        nothing_is_kept_in_the_browser(visitor)


def nothing_is_kept_in_the_browser(visitor: Visitor) -> None:
    """Only cookies, which no script can read and no other site can have sent along."""
    local, session = visitor.page.evaluate("[{...localStorage}, {...sessionStorage}]")
    assert local == {}
    where = session.pop("htmx-current-path-for-history", "/")  # until the window is closed
    assert re.fullmatch(r"/[a-z-]*(/[a-z0-9-]{1,12})*/?(\?[a-z_=&0-9]*)?", where), where
    assert session == {}
    for cookie in visitor.page.context.cookies():
        flags = cookie["httpOnly"], cookie["sameSite"], cookie["path"]
        assert flags == (True, "Lax", "/"), cookie["name"]
    assert visitor.page.evaluate("document.cookie") == ""


def begin(ines: Visitor, amal: Visitor, site: Site, link: str) -> None:
    journeys.make_first_account(ines, link)
    journeys.set_up(ines)
    journeys.load_reference(site)
    invited = "amal@example.org"
    journeys.invite(ines, "Amal Approver", invited, "View", "Log", "Approve")
    journeys.accept_invitation(amal, site, invited)


def fill_register(ines: Visitor, folder: Path) -> None:
    """One lead by hand, one post found vacant, two leads from a spreadsheet."""
    journeys.open_system(ines, "Devon")
    ines.sees("Children’s lead", "Not known")
    journeys.record_lead(ines, given="Robin", family="Made-Up", email="robin@example.org")
    ines.sees("Dr Robin Made-Up")
    link = ines.page.get_by_role("link", name="Link")
    expect(link).to_have_attribute("href", "https://board.example.org/people")
    journeys.open_system(ines, "Dorset")
    journeys.record_vacant(ines)
    ines.sees("Vacant")
    source, day = "https://board.example.org/people", clock.today().isoformat()
    sheet = spreadsheet(
        folder,
        ("Essex", *SIAN.split(" ", 2), "sian@example.org", source, day),
        ("Somerset ICB", "Ms", "Alex", "Invented", "alex@example.org", source, day),
    )
    ines.open("/imports")
    ines.follow("Import leads")
    ines.give("file", sheet)
    ines.press("Upload and choose columns")
    ines.press("Check the rows")
    ines.is_at("2 new, 0 changed, 0 with problems")
    ines.sees("Nothing has been written yet")
    ines.press("Import 2 new rows")
    ines.sees("Applied")


def write_and_check(ines: Visitor) -> None:
    """Dorset has nobody to write to until its office’s address is known; and as its post is vacant,
    somebody has to say that the office is to have the letter."""
    journeys.write_offer(ines, "Offer of support, winter")
    journeys.choose_boards(ines, "Devon", "Dorset", "Essex", "Somerset")
    ines.is_at("Check before approval")
    ines.sees("3 of 4 letters ready, to 3 people at 3 boards", "1 row needs you")
    ines.follow("Add a contact")
    ines.follow("Edit")
    ines.write("Email of the office of the chair or chief executive", "office@example.org")
    ines.press("Save")
    ines.open("/letters/")
    ines.follow("Offer of support, winter")
    ines.press("Check again")
    ines.sees("1 letter goes to a post with nobody named in it", "is recorded as vacant")
    ines.unfold("Write to the office anyway")
    ines.write("Why", "Whoever is appointed should find it")
    ines.press("Write to the office")
    ines.sees("4 letters ready, all by email", "Letter 2 of 4")
    ines.follow("Previous letter")
    ines.sees("Letter 1 of 4")
    ines.follow("Next letter")
    ines.sees("Letter 2 of 4")


def release_with_fresh_password(amal: Visitor, site: Site) -> None:
    journeys.forget_password_was_given(site, "amal@example.org")
    journeys.release(amal, "Offer of support, winter")
    expect(amal.page.get_by_role("button", name="Stop this mailing")).to_be_visible()


def send(ines: Visitor, site: Site) -> None:
    site.run("letters")
    ines.open("/letters/")
    ines.follow("Offer of support, winter")
    ines.sees("Nothing has left yet", "0 of 4 sent")
    journeys.make_hold_end(site)
    site.run("letters")
    ines.open("/letters/")
    ines.follow("Offer of support, winter")
    ines.sees("4 of 4 caught here, not sent to anybody")


def read_what_one_board_got(ines: Visitor, site: Site) -> None:
    """The page, the stored bytes and what the mail server was given say the same."""
    ines.follow(SIAN)
    ines.is_at(f"Letter to {SIAN}")
    folder = Folder(site.app.config["DATA_DIR"])
    caught = next(o for o in folder.newest_first() if "sian@example.org" in o.recipients)
    got = folder.content(caught)
    with site.session() as session:
        to_her = select(Letter).where(Letter.to_email == "sian@example.org")
        stored = session.scalars(to_her.options(undefer(Letter.mime))).one().mime
    assert stored is not None
    assert without_date(got) == without_date(stored)
    ines.unfold("Plain text")
    assert ines.page.locator("pre.mail-text").inner_text().strip() == text_of(got).strip()


def mark_answer(ines: Visitor) -> None:
    ines.follow("Log a reply")
    ines.write("What they said", "Yes please: **next week** suits us.")
    ines.press("Save")
    journeys.open_system(ines, "Essex: Replied")
    ines.sees(f"email to {SIAN}", SUBJECT, "next week suits us")
