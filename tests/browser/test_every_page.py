"""Every page there is: nothing a machine can fault, in light and dark, with scripts and without."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize
from werkzeug.routing import Rule

from app.demo.services import demo_users
from tests.browser import furnished as furnishing
from tests.browser.conftest import AXE_RULES, PHONE, Site, Visit, site_on
from tests.browser.furnished import Furnished
from tests.browser.hands import Mouse, Visitor
from tests.databases import SqliteDatabases

# Answers that are no pages: files, data, and one that only leads on.
NOT_PAGES = frozenset(
    {
        "briefings.briefing_pdf",
        "briefings.joint_briefing_pdf",
        "calendars.feed",
        "calendars.one_meeting",
        "accounts.form_token",
        "interactions.choose",
        "interactions.people_there",
        "health.healthz",
        "health.readyz",
        "imports.example_text",
        "imports.example_xlsx",
        "imports.problem_rows",
        "letters.letter_file",
        "letters.letter_message",
        "letters.letter_pdf",
        "letters.letter_word",
        "letters.mailing",
        "letters.mailing_chaser",
        "letters.mailing_print_file",
        "letters.print_file_pdf",
        "letters.signatory_signature",
        "letters.template_pdf",
        "letters.template_word",
        "notifications.colleagues",
        "outbox.caught_raw",
        "settings.logo",
        "settings.window_test_page",
        "static",
    }
)
# Letters as their readers see them: pages without anything of ours around them.
MAILS = frozenset({"letters.letter_html", "letters.mailing_letter_frame", "outbox.caught_html"})
# For whoever holds a secret link; each is among the further addresses.
BY_LINK = frozenset(
    {
        "accounts.demo_sign_in",
        "accounts.first_administrator",
        "accounts.invitation",
        "accounts.new_password",
    }
)
FOR_STRANGERS = ("/sign-in", "/new-password", "/signed-out", "/privacy", "/no-such-page")

# What a page without its scripts must not have: a control that does nothing.
DEAD_CONTROLS = """() => {
  const shown = e => e.checkVisibility({visibilityProperty: true});
  const buttons = [...document.querySelectorAll('button, input[type=submit]')].filter(shown)
    .filter(e => !(e.form && e.type === 'submit') && !e.popoverTargetElement);
  const links = [...document.querySelectorAll('a:not([href])')].filter(shown);
  const waiting = [...document.querySelectorAll('.htmx-indicator')].filter(shown);
  return [...buttons, ...links, ...waiting].map(e => e.outerHTML.slice(0, 120));
}"""
# What htmx improves must be a link or a button that works without it.
WITHOUT_FALLBACK = """() => [...document.querySelectorAll('[hx-get], [hx-post]')]
  .filter(e => !(e.tagName === 'A' && e.getAttribute('href'))
    && !(e.tagName === 'BUTTON' && e.type === 'submit' && e.form && e.form.method === 'post'))
  .map(e => e.outerHTML.slice(0, 120))"""
AXE = Axe().axe_script
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
# Only the faults travel back: what is right would be megabytes.
FAULTS = """async (rules) => (await axe.run(document, {...rules, resultTypes: ['violations']}))
  .violations.map(v => v.nodes.map(n => `${v.id}: ${n.html.slice(0, 160)} ${n.failureSummary}`))
  .flat()"""


@pytest.fixture(scope="module")
def site(
    sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("every_page")
    with site_on(sqlite_databases.copy(), folder) as site:
        yield site


@pytest.fixture(scope="module")
def furnished(site: Site) -> Furnished:
    return furnishing.furnish(site)


# A wide window at 400%, as WCAG 1.4.10 has it.
NARROW: ViewportSize = {"width": 320, "height": 640}
USUAL: ViewportSize = {"width": 1360, "height": 900}
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Inspection:
    """Looks at one page after another, and remembers what is wrong and what was seen."""

    site: Site
    page: Page
    seen: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._note)

    def _note(self, said: Any) -> None:
        # A page that says 404 is fetched with that status; anything else is ours to mend.
        if said.type == "error" and "responded with a status of 4" not in said.text:
            self.wrong.append(f"{self.page.url} console: {said.text}")

    def look(self, address: str, status: int = 200) -> None:
        response = self.page.goto(address)
        assert response is not None
        if response.status != status:
            self.wrong.append(f"{address} answered {response.status}")
        elif status == 200:
            self._note_seen(response.url)
        self.page.evaluate(AXE)
        self._keep("light", self.page.evaluate(FAULTS, AXE_RULES))
        self.page.emulate_media(color_scheme="dark")
        self._keep("dark", self.page.evaluate(FAULTS, COLOURS))
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size(NARROW)
        if over := self.page.evaluate(TOO_WIDE):
            self.wrong.append(f"{address} scrolls sideways by {over} pixels where 320 are wide")
        self.page.set_viewport_size(USUAL)
        for what in self.page.evaluate(WITHOUT_FALLBACK):
            self.wrong.append(f"{address} htmx without a way round: {what}")

    def look_at_mail(self, address: str) -> None:
        """A letter in its frame may run nothing, not even this inspection: look at a copy."""
        response = self.page.context.request.get(address)
        assert response.ok
        self._note_seen(response.url)
        self.page.goto("about:blank")
        self.page.set_content(response.text())
        self.page.evaluate(AXE)
        self._keep(f"{address} light", self.page.evaluate(FAULTS, AXE_RULES))

    def _note_seen(self, url: str) -> None:
        path = url.removeprefix(self.site.address).partition("?")[0]
        endpoint, _ = self.site.app.url_map.bind("127.0.0.1").match(path or "/", "GET")
        self.seen.add(endpoint)

    def _keep(self, theme: str, faults: list[str]) -> None:
        self.wrong += [f"{self.page.url} {theme} {fault}" for fault in faults]


def address_of(site: Site, rule: Rule, furnished: Furnished) -> str:
    """A page with new kinds of parts in its address needs values for them in `furnished`."""
    known = furnished.values | furnished.only_for.get(rule.endpoint, {})
    values = {part: known[part] for part in rule.arguments}
    return site.app.url_map.bind("127.0.0.1").build(rule.endpoint, values)


def pages_of(site: Site) -> list[Rule]:
    rules = sorted(site.app.url_map.iter_rules(), key=lambda rule: rule.endpoint)
    return [
        rule
        for rule in rules
        if "GET" in (rule.methods or ()) and rule.endpoint not in NOT_PAGES | BY_LINK
    ]


def test_no_page_has_a_fault_a_machine_can_find(
    site: Site, furnished: Furnished, visit: Visit, tmp_path: Path
) -> None:
    inspection = Inspection(site, visit(furnished.user))
    import_leads(inspection, furnished, tmp_path)
    for rule in pages_of(site):
        look = inspection.look_at_mail if rule.endpoint in MAILS else inspection.look
        look(address_of(site, rule, furnished))
    for address in furnished.further:
        inspection.look(address)
    inspection.look("/no-such-page", status=404)
    stranger = Inspection(site, visit(), inspection.seen, inspection.wrong)
    for address in FOR_STRANGERS:
        stranger.look(address, status=404 if address == "/no-such-page" else 200)
    assert not inspection.wrong, "\n".join(inspection.wrong)
    every = {r.endpoint for r in site.app.url_map.iter_rules() if "GET" in (r.methods or ())}
    assert every - inspection.seen == NOT_PAGES


def import_leads(inspection: Inspection, furnished: Furnished, folder: Path) -> None:
    """A file that waits to be checked, one that was imported, and every page on the way."""
    visitor = Visitor(inspection.page, Mouse())
    upload(visitor, furnished, folder)
    visitor.press("Check the rows")
    visitor.tick("Leave out the 1 row with a problem")
    visitor.press("Import 1 new row")
    furnished.values["import_id"] = int(visitor.page.url.rsplit("/", 1)[-1])
    upload(visitor, furnished, folder)


def upload(visitor: Visitor, furnished: Furnished, folder: Path) -> None:
    visitor.open("/imports/new")
    visitor.give("file", furnishing.sheet(folder))
    visitor.press("Upload and choose columns")
    furnished.values["token"] = visitor.page.url.rsplit("/", 2)[-2]


# By page, what must be on the first screen of a phone: what is to be done, or the first of a list.
FIRST_ON_A_PHONE = {
    "/": ("#coming", "#your-list", ".card:has(#your-list) li"),
    "/systems/{system_id}": ("#next-steps", ".next-steps li", "#lead", ".card:has(#lead) .body a"),
    "/milestones/{milestone_id}": ("#finding", "#bodies"),
    "/letters/mailings/{mailing_id}/check": (".go-on a[href='#next-heading']",),
    **dict.fromkeys(
        (
            "/people",
            "/documents",
            "/organisations",
            "/systems",
            "/letters/",
            "/milestones?show=table",
        ),
        ("tbody tr",),
    ),
}
A_LINE = 24  # pixels of it that must be in sight too
TOPS = """(parts) => parts.map(
  p => [p, document.querySelector(p)?.getBoundingClientRect().top ?? null])"""
# Tables a reader would have to push sideways.
CLIPPED = """() => [...document.querySelectorAll('.scroll')]
  .filter(e => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1)
  .map(e => `${e.getAttribute('aria-label')} needs ${e.scrollWidth} of ${e.clientWidth}`)"""
WITH_TABLES = (
    *("/people/{person_id}", "/organisations/{organisation_id}", "/posts/{post_id}", "/post-types"),
    *("/owners", "/workstreams/{workstream_id}/add", "/letters/mailings/3/check?view=table"),
)


def test_on_a_phone_what_is_to_be_done_is_on_the_first_screen(
    site: Site, furnished: Furnished, visit: Visit
) -> None:
    with site.session() as session:
        users = demo_users(session)
    assert users is not None
    page, of_demo = (visit(user, size=PHONE) for user in (furnished.user, users.coordinator))
    wrong = []
    for address, parts in {**FIRST_ON_A_PHONE, **dict.fromkeys(WITH_TABLES, ())}.items():
        one = of_demo if address == "/" else page
        one.goto(address.format(**furnished.values))
        for part, top in one.evaluate(TOPS, list(parts)):
            if top is None or top + A_LINE > PHONE["height"]:
                wrong.append(f"{one.url}: {part} at {top}")
        wrong += [f"{one.url}: {words}" for words in one.evaluate(CLIPPED)]
    assert not wrong, "\n".join(wrong)


def test_filters_are_folded_on_a_phone_and_never_on_a_desk(
    site: Site, furnished: Furnished, visit: Visit
) -> None:
    page = visit(furnished.user, scripts=False, size=PHONE)
    name = page.get_by_label("Name or email")
    page.goto("/people")
    assert not name.is_visible()
    page.get_by_text("Filter this list").click()
    name.fill("Sample")
    page.get_by_role("button", name="Show matching").click()
    assert not name.is_visible()
    assert page.get_by_text("1 in use").is_visible()
    page.get_by_text("Filter this list").click()
    assert name.input_value() == "Sample"
    page.set_viewport_size(USUAL)
    page.goto("/people")
    assert name.is_visible()
    assert not page.get_by_text("Filter this list").is_visible()


KEY_PAGES = ("/", "/systems", "/organisations", "/people", "/letters/", "/letters/mailings/new")


def test_nothing_on_a_page_is_dead_when_its_scripts_do_not_arrive(
    site: Site, furnished: Furnished, visit: Visit
) -> None:
    page = visit(furnished.user)
    page.route("**/*.js", lambda route: route.abort())
    mailings = [path for path in furnished.further if path.startswith("/letters/mailings/")]
    parts = furnished.values
    others = (
        f"/systems/{parts['system_id']}",
        f"/organisations/{parts['organisation_id']}",
        f"/letters/templates/{parts['template_id']}/edit",
        f"/letters/mailings/{parts['mailing_id']}/check",
    )
    for path in (*KEY_PAGES, *others, *mailings):
        page.goto(path)
        assert page.evaluate(DEAD_CONTROLS) == [], path
