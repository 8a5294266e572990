"""What people come to do, step by step, in the words of the pages. Any hands can do it."""

import re
from datetime import date, timedelta

from sqlalchemy import select

from app.accounts.authentication.hashing import hash_password
from app.accounts.models import SignInSession, User
from app.core import clock
from app.core.mail.catcher import Folder
from app.directory import reference
from app.directory.models import Organisation
from app.letters.drafting import starter_templates
from app.letters.models import Mailing, Signatory
from app.settings.services import settings_of
from tests.browser.conftest import Site
from tests.browser.hands import Visitor
from tests.factories import make_appointment, make_user

PASSWORD = "a long sentence nobody else would think of"
LINK = re.compile(r"https?://\S+")


def load_reference(site: Site) -> None:
    """What `./run load-reference` does."""
    with site.session() as session:
        reference.load(session, on=clock.today())
        starter_templates.load_starters(session, at=clock.now())
        session.commit()


def make_hold_end(site: Site) -> None:
    """As if the five minutes were over."""
    with site.session() as session:
        for mailing in session.scalars(select(Mailing).where(Mailing.hold_until.is_not(None))):
            mailing.hold_until = clock.now() - timedelta(seconds=1)
        session.commit()


def forget_password_was_given(site: Site, email: str) -> None:
    """As if it were an hour since they gave their password."""
    with site.session() as session:
        theirs = select(SignInSession).join(User, User.id == SignInSession.user_id)
        for one in session.scalars(theirs.where(User.email == email)):
            one.fresh_at = clock.now() - timedelta(hours=1)
        session.commit()


def make_first_account(visitor: Visitor, link: str) -> None:
    visitor.open(link)
    visitor.is_at("Set up Liaise")
    visitor.write("Your name", "Ines Invented")
    visitor.write("Email address", "ines@example.org")
    visitor.write("Your organisation", "Sample Children’s Charity")
    visitor.write("Password", PASSWORD)
    visitor.press("Make my account")


def set_up(visitor: Visitor) -> None:
    """What a letter cannot go without: who writes, from where, with which notice and signature."""
    visitor.open("/set-up")
    visitor.follow("Name and postal address")
    visitor.write("Name of the group", "The Sample Coalition")
    visitor.write("Postal address", "1 Example Street, Sampletown ZZ1 1ZZ")
    visitor.press("Save name and address")
    visitor.follow("From, Reply-To and opt-out line")
    visitor.write("From name", "The Sample Coalition")
    visitor.write("From address", "outreach@example.org")
    visitor.write("Reply-To address", "replies@example.org")
    visitor.write("Opt-out line", "Tell us if you would rather not hear from us.")
    visitor.press("Save addresses")
    visitor.follow("Privacy notice")
    visitor.write("Privacy notice", "We keep names and addresses of work, and our letters.")
    visitor.press("Save privacy notice")
    visitor.follow("Signatories")
    visitor.follow("Add a signatory")
    visitor.write("Name", "Prof. Made Up")
    visitor.write("Job title", "Chair")
    visitor.press("Save the signatory")
    visitor.open("/settings")
    visitor.write("Letters a minute", "600")
    visitor.press("Save")


def invite(visitor: Visitor, name: str, email: str, *permissions: str) -> None:
    visitor.open("/users")
    visitor.follow("Invite a colleague")
    visitor.write("Name", name)
    visitor.write("Email address", email)
    visitor.tick(*permissions)
    visitor.press("Send the invitation")


def accept_invitation(visitor: Visitor, site: Site, email: str) -> None:
    site.run("mail to colleagues")
    visitor.open(newest_link(site, email))
    visitor.write("Password", PASSWORD)
    visitor.press("Set the password and sign in")


def newest_link(site: Site, email: str) -> str:
    """What the newest mail to this address asks to follow."""
    folder = Folder(site.app.config["DATA_DIR"])
    caught = next(one for one in folder.newest_first() if email in one.recipients)
    text = folder.content(caught).decode().replace("=\r\n", "").replace("=3D", "=")
    found = LINK.search(text)
    assert found
    return found.group()


def sign_in(visitor: Visitor, email: str) -> None:
    visitor.open("/")
    visitor.write("Email address", email)
    visitor.write("Password", PASSWORD)
    visitor.press("Sign in")


def open_system(visitor: Visitor, name: str) -> None:
    """From home, by its tile."""
    visitor.open("/")
    visitor.follow(f"{name}")


def record_lead(visitor: Visitor, *, given: str, family: str, email: str) -> None:
    """On the page of a system whose lead is not known."""
    visitor.follow("Record who holds the post: Executive lead, children")
    visitor.write("Title", "Dr")
    visitor.write("First name", given)
    visitor.write("Family name", family)
    visitor.write("Email", email)
    visitor.write("Source", "https://board.example.org/people")
    visitor.write("Checked on", clock.today().isoformat())
    visitor.press("Record who holds it")


def record_vacant(visitor: Visitor) -> None:
    visitor.follow("Executive lead, children")
    visitor.follow("Vacant or not published")
    visitor.pick("Vacant")
    visitor.write("Seen on", clock.today().isoformat())
    visitor.write("Source", "https://board.example.org/people")
    visitor.press("Record what you found")


def write_offer(visitor: Visitor, name: str) -> None:
    """From the template to a mailing with words and a signature."""
    visitor.open("/letters/templates")
    visitor.follow("Write with this Offer of support")
    visitor.write("What we call this mailing", name)
    visitor.choose("Signed by", "Prof. Made Up")
    visitor.press("Choose who gets it")


def choose_boards(visitor: Visitor, *boards: str) -> None:
    visitor.pick("The role at particular organisations")
    visitor.tick(*boards)
    visitor.press("Check the letters")


def test_and_ask(visitor: Visitor) -> None:
    visitor.press("Send this letter to me as a test")
    visitor.sees("A test is on its way")
    visitor.press("Ask for approval of")
    visitor.sees("wait for a second person")


def release(visitor: Visitor, name: str) -> None:
    visitor.open("/letters/")
    visitor.follow(name)
    visitor.is_at("Read before release")
    visitor.press("Approve and release")
    if "password again" in visitor.page.title():
        visitor.write("Password", PASSWORD)
        visitor.press("Continue")
    visitor.sees("Nothing has left yet", "On hold until")


def note_a_call(visitor: Visitor, subject: str) -> None:
    """On a system's page."""
    visitor.follow("Log a meeting, call or note")
    visitor.pick("A call")
    visitor.write("When", date(2026, 11, 2).isoformat())
    visitor.write("Summary", subject)
    visitor.write("What happened", "They asked for the evidence on asthma.")
    visitor.press("Save")


def people_of_the_group(site: Site) -> None:
    """Reference data, a group that can write, a coordinator and an approver with passwords."""
    load_reference(site)
    with site.session() as session:
        settings = settings_of(session)
        settings.group_name = "The Sample Coalition"
        settings.from_name = "The Sample Coalition"
        settings.from_email, settings.reply_to = "outreach@example.org", "replies@example.org"
        settings.postal_address = "1 Example Street\nSampletown\nZZ1 1ZZ"
        settings.privacy_notice = "We keep names and addresses of work."
        settings.opt_out_line = "Tell us if you would rather not hear from us."
        settings.letters_a_minute = 600
        session.add(Signatory(name="Prof. Made Up", job_title="Chair"))
        hashed = hash_password(PASSWORD)
        for name in ("Coordinator", "Approver"):
            user = make_user(session, f"Casey {name}", email=f"{name.lower()}@example.org")
            user.password_hash, user.password_version = hashed, 1
        session.commit()


def three_leads_known(site: Site) -> None:
    """Three boards whose leads are known, and nothing written yet."""
    with site.session() as session:
        for name in ("Devon", "Essex", "Somerset"):
            known = select(Organisation).where(
                Organisation.short_name == f"{name} ICB", Organisation.dissolved_on.is_(None)
            )
            make_appointment(session, organisation=session.scalars(known).one())
        session.commit()
