"""Takes the pictures of the user guide anew, from the demo data in a real browser.

Run from the top folder, after ./test has set up: .venv/bin/python tools/pictures.py
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from subprocess import DEVNULL, PIPE
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.request import urlopen
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
LARGEST = 150_000
LINK = re.compile(r"^ *([^:\n]+): (http\S+)$", re.MULTILINE)
PASSWORD = "a lamp, nine ladders and some rain"

SHEET = """\
Leads of our boards, autumn round
Board,Title,Given name,Family name,Email,Job title,Checked on
NHS Devon Integrated Care Board,Dr,Tansy,Sample,tansy.sample@example.org,Chief Nurse,12/11/2026
NHS Dorset Integrated Care Board,,Sorrel,Specimen,sorrel.specimen@example,Director,12/11/2026
NHS Gloucestershire Integrated Care Board,Ms,Yarrow,Example,yarrow.example@example.org,,12/11/2026
"""


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, serving(Path(folder)) as links, sync_playwright() as play:
        named = os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell")
        browser = play.chromium.launch(
            executable_path=named or shutil.which("chromium"), args=["--disable-lcd-text"]
        )
        administrator = signed_in(browser, links["administrator"])
        writer = signed_in(browser, links["Demo Coordinator"])
        approver = signed_in(browser, links["Demo Approver"])
        of_the_record(writer)
        of_two_records(writer)
        of_our_work(writer)
        of_editing_together(writer, approver)
        of_milestones(writer)
        of_a_chaser(writer)
        of_the_morning(writer, administrator)
        of_an_import(writer, Path(folder))
        shorten_the_hold(administrator)
        of_a_mailing(writer, approver)
        of_paper(writer)
        of_the_settings(administrator)
        browser.close()


def of_the_record(page: Page) -> None:
    page.goto("/")
    take(page, "home", height=650)
    open_system(page)
    take(page, "system", height=640)
    page.goto("/people")
    page.locator("tbody th a").first.click()
    page.get_by_role("link", name="Change postal address").click()
    page.get_by_label("Postal address").fill("1 High Street\nExeter\nEX1 1QT")
    take(page, "one-fact", height=560, top="section:has(> header > #details)")
    page.get_by_label("Postal address").press("Escape")


def open_system(page: Page) -> None:
    page.goto("/systems?name=West+Yorkshire")
    page.get_by_role("link", name="West Yorkshire", exact=True).first.click()
    page.wait_for_load_state()


def of_two_records(page: Page) -> None:
    """Somebody is written down a second time, and both records are looked at."""
    page.goto("/people")
    page.locator("tbody th a").first.click()
    page.wait_for_load_state()
    record = page.url
    page.goto(f"{record}/edit")
    names = [page.get_by_label(label).input_value() for label in ("First name", "Family name")]
    page.goto("/people/new")
    page.get_by_label("First name").fill(f"{names[0][0]}.")
    page.get_by_label("Family name").fill(names[1])
    page.get_by_label("Phone").fill("01632 960123")
    page.get_by_label("Email").fill("second.record@example.org")
    press(page, "Add the person")
    page.get_by_role("button", name="Add anyway").last.click()
    page.wait_for_load_state()
    other = page.url.rpartition("/")[2]
    page.goto(f"{record}/merge/{other}")
    take(page, "merge", height=780)
    page.goto(f"{record.rpartition('/')[0]}/{other}")
    press(page, "Delete")
    page.goto(f"{record.partition('/people')[0]}/bin")
    take(page, "bin", height=400)


def of_our_work(page: Page) -> None:
    """Meetings and what came out of them, the list of what is due, the paper for the next one."""
    open_system(page)
    page.get_by_role("link", name="Meetings", exact=True).last.click()
    take(page, "timeline", height=460, top=".tl > li:nth-child(3)")
    page.get_by_role("link", name="Briefing", exact=True).click()
    take(page, "briefing", height=580, top="main")
    page.goto("/meetings?words=programme")
    page.get_by_role("link", name="Children’s programme").first.click()
    take(page, "meeting", height=600, top="main")
    page.goto("/follow-ups")
    take(page, "follow-ups", height=620, top="main")
    page.goto("/account/calendar")
    press(page, "Make my calendar address")
    take(page, "calendar", height=520)
    page.goto("/workstreams")
    page.get_by_role("link", name="Child information-sharing report").first.click()
    take(page, "workstream", height=620, top="main")


def of_milestones(page: Page) -> None:
    page.goto("/milestones")
    take(page, "milestones", height=640, top="main")
    page.goto("/milestones?since=2026-04-01&until=2026-04-01")
    page.get_by_role("link", name=re.compile("^Joint forward plan due")).first.click()
    take(page, "milestone", height=640, top="main")


def of_a_chaser(page: Page) -> None:
    page.goto("/letters/")
    page.get_by_role("link", name=re.compile("^Chaser of")).first.click()
    take(page, "chaser", height=520, top="h1")


def of_editing_together(writer: Page, other: Page) -> None:
    """Two people who change the purpose of one workstream: the second is asked."""
    writer.goto("/workstreams")
    writer.locator("table a[href^='/workstreams/']").first.click()
    writer.wait_for_load_state()
    address = writer.url + "/edit"
    for page in (other, writer):
        page.goto(address)
    purposes = ("One number for each child, by April.", "One number for each child, by summer.")
    for page, purpose in zip((other, writer), purposes, strict=True):
        page.locator("[name=purpose]").fill(purpose)
        press(page, "Save")
    take(writer, "together", height=650)


def of_the_morning(writer: Page, administrator: Page) -> None:
    """The mail of the next working morning, as the catcher has it, and where one chooses."""
    writer.goto("/account/notifications")
    take(writer, "told", height=620)
    administrator.goto("/caught-mail")
    row = administrator.get_by_role("row").filter(has_text="coordinator").first
    row.get_by_role("link").first.click()
    administrator.wait_for_load_state()
    address = administrator.locator("iframe").first.get_attribute("src") or ""
    administrator.set_viewport_size({"width": 640, "height": 720})
    administrator.goto(address)
    administrator.screenshot(path=PICTURES / "morning.png")
    administrator.set_viewport_size({"width": 1280, "height": 720})


def of_an_import(page: Page, folder: Path) -> None:
    sheet = folder / "Leads, autumn round.csv"
    sheet.write_text(SHEET)
    page.goto("/imports/new")
    page.locator("input[type=file]").set_input_files(sheet)
    press(page, "Upload and choose columns")
    press(page, "Check the rows")
    take(page, "import", height=660)


def shorten_the_hold(page: Page) -> None:
    page.goto("/settings")
    page.get_by_label("Hold, in minutes").fill("1")
    press(page, "Save settings")


def give_address(writer: Page, name: str, address: str) -> None:
    """Mail to them failed, so their letter goes by post."""
    writer.goto("/people?name=Alder+Specimen")
    writer.get_by_role("main").get_by_role("link", name=name, exact=True).first.click()
    writer.goto(f"{writer.url}/edit?only=postal_address")
    writer.get_by_label("Postal address").fill(address)
    press(writer, "Save")


def of_a_mailing(writer: Page, approver: Page) -> None:
    """From the words to the letters that have left, by two people."""
    writer.goto("/letters/templates")
    writer.get_by_role("link", name="Offer of support", exact=True).click()
    writer.get_by_role("link", name="Edit").first.click()
    take(writer, "words", height=660)
    give_address(writer, "Alder Specimen", "12 Made-up Street\nExampleton\nZA99 9ZZ")
    writer.goto("/letters/mailings/new")
    writer.get_by_label("What we call this mailing").fill("Offer of support, winter 2026")
    press(writer, "Choose who gets it")
    writer.get_by_label("by post to those without").check()
    take(writer, "choose")
    press(writer, "Check the letters")
    take(writer, "check", height=580)
    press(writer, "Send this letter to me as a test")
    writer.get_by_role("button", name="Ask for approval").click()
    approver.goto(writer.url)
    approver.get_by_role("button", name="Approve and release").click()
    take(approver, "hold")
    approver.get_by_text("11 caught here", exact=True).wait_for(timeout=180_000)
    press(approver, "Pause this mailing")
    table = approver.locator("main table").first
    table.evaluate("table => scrollTo(0, table.getBoundingClientRect().top - 300)")
    take(approver, "letters", height=640)


def of_paper(page: Page) -> None:
    """A second file of letters that were posted: each says that it is a reprint."""
    page.goto("/letters/")
    page.locator("main").get_by_role("link", name="Offer of support, made up").last.click()
    page.goto(page.url.rsplit("/", 1)[0] + "/print")
    page.get_by_role("radio", name="those printed before").check()
    press(page, "Make a print file")
    page.get_by_role("link", name="Fetch the file").wait_for(timeout=60_000)
    take(page, "print-file")


def of_the_settings(page: Page) -> None:
    page.goto("/settings/outward-mail")
    take(page, "switch")
    page.goto("/settings/window")
    take(page, "window", height=640)


@contextmanager
def serving(folder: Path) -> Iterator[dict[str, str]]:
    """Liaise with the demo data; gives the links that sign people in."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environ = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder), "PORT": port}
    command = [sys.executable, "-m", "app.cli"]

    def said_by(*words: str) -> str:
        done = subprocess.run([*command, *words], cwd=ROOT, env=environ, check=True, stdout=PIPE)
        return done.stdout.decode()

    links = dict(LINK.findall(said_by("demo")))
    who = ("administrator@example.org", "--name", "Sam Sample", "--member", "Sample Charity")
    invited = said_by("create-user", *who, "--permission", "view", "--permission", "administer")
    links["administrator"] = invited.split()[-1]
    said_by("tick", "--at", f"{next_monday()} 08:31")
    server = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=PIPE, stderr=DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/readyz")
        yield links
    finally:
        server.terminate()
        server.wait(15)


def next_monday() -> date:
    """A morning with mail, unless it is a bank holiday."""
    today = datetime.now(ZoneInfo("Europe/London")).date()
    return today + timedelta(days=7 - today.weekday())


def wait_for(address: str) -> None:
    for _ in range(200):
        try:
            urlopen(address).close()
        except URLError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("Liaise did not start.")


def signed_in(browser: Browser, link: str) -> Page:
    address = f"{link.split('/', 3)[0]}//{link.split('/', 3)[2]}"
    context = browser.new_context(base_url=address, locale="en-GB", timezone_id="Europe/London")
    page = context.new_page()
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(link)
    if page.locator("input[type=password]").count():
        page.locator("input[type=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    return page


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()
    page.wait_for_load_state()


def take(page: Page, name: str, *, height: int = 720, top: str = "") -> None:
    """What is seen, from the top of the page or of one part of it."""
    page.wait_for_load_state("networkidle")
    if top:
        page.locator(top).first.evaluate(
            "part => scrollBy({top: part.getBoundingClientRect().top, behavior: 'instant'})"
        )
    path = PICTURES / f"{name}.png"
    page.screenshot(path=path, clip={"x": 0, "y": 0, "width": 1280, "height": height})
    if path.stat().st_size > LARGEST:
        raise SystemExit(f"{path} has {path.stat().st_size} bytes: show less on it.")


if __name__ == "__main__":
    main()
