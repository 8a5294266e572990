"""A Liaise with something on every page: the demo, mailings in each state, an import, links."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.authentication import secret_links
from app.accounts.models import LinkPurpose, MemberOrganisation, User
from app.administration import deleting
from app.core import clock
from app.core.mail.catcher import Folder
from app.demo import services as demo
from app.demo.services import demo_users
from app.directory.models import (
    Appointment,
    Organisation,
    OrganisationKind,
    Person,
    PersonEmail,
    Post,
)
from app.directory.queries.bodies import boards_on
from app.documents.models import Document
from app.followups import bulk
from app.followups.models import FollowUp
from app.interactions.drafts import autosave
from app.interactions.models import Interaction, OutcomeKind, PromisedBy, Theme
from app.interactions.offers import offers
from app.interactions.outcomes import outcomes
from app.letters.approval import releasing, submitting
from app.letters.content import attachments
from app.letters.delivery import controls
from app.letters.drafting import checking, row_decisions, starter_templates, templates
from app.letters.models import (
    CcRule,
    Letter,
    LetterState,
    LetterTemplate,
    Mailing,
    MailingState,
    Signatory,
)
from app.letters.print import runs
from app.letters.recipients.audience import Audience, How
from app.milestones.models import BulkMark, Milestone, MilestoneSeries
from app.reminders import services as reminders
from app.reminders.suggestions import suggested_for
from app.settings.services import settings_of
from app.workstreams.models import (
    Workstream,
    WorkstreamDate,
    WorkstreamInteraction,
    WorkstreamPaper,
)
from tests.browser.conftest import Site
from tests.factories import make_draft, make_user

MAIL = b"""\
From: outreach@example.org\r
To: somebody@example.org\r
Subject: Made up\r
MIME-Version: 1.0\r
Content-Type: text/html\r
\r
<!doctype html><html lang="en"><head><title>Made up</title></head><body><main><h1>Made up</h1>
</main></body></html>
"""
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass
class Furnished:
    """Whom to visit as, a value for each part of an address, and further pages worth seeing.

    `only_for` has, by endpoint, what a page needs that is not about just any record.
    """

    user: User
    values: dict[str, Any] = field(default_factory=dict)
    only_for: dict[str, dict[str, Any]] = field(default_factory=dict)
    further: list[str] = field(default_factory=list)


def furnish(site: Site) -> Furnished:
    with site.session() as session:
        demo.fill(session, on=clock.today(), at=clock.now(), base_url=site.address)
        starter_templates.load_starters(session, at=clock.now())
        settings_of(session).privacy_notice = "We keep names and addresses of work."
        settings_of(session).opt_out_line = "Tell us if you would rather not hear from us."
        user = make_user(session, "Vera Visitor", email="vera@example.org")
        furnished = Furnished(user)
        _name_records(session, furnished)
        Mailings(session, site, furnished).make()
        _make_links(session, site, furnished)
        session.commit()
    furnished.values["name"] = _catch_mail(site)
    return furnished


def _catch_mail(site: Site) -> str:
    folder = Folder(site.app.config["DATA_DIR"])
    folder.keep(MAIL, "outreach@example.org", ["somebody@example.org"])
    return folder.newest_first()[0].name


def _promise(session: Session, furnished: Furnished, board: Organisation) -> None:
    """What comes out of a meeting: a promise with its follow-up, an offer, a change of many."""
    user, on, at = furnished.user, clock.today(), clock.now()
    theme = Theme(name="Made-up theme")
    session.add(theme)
    promised = outcomes.OutcomeDetails(
        OutcomeKind.COMMITMENT, "Send the plan", PromisedBy.THEM, board, owner=user, due_on=on
    )
    entry = _first(session, Interaction)
    point = outcomes.add(session, promised, interaction=entry, by=user, at=at, on=on)
    follow_up = session.get_one(FollowUp, point.follow_up_id)
    offer = offers.make(session, offers.OfferDetails("A session", board, on, user), by=user, on=on)
    change = bulk.reassign(session, [follow_up], user, by=user, at=at)
    session.flush()
    furnished.values |= {
        "theme_id": theme.id,
        "point_id": point.id,
        "follow_up_id": follow_up.id,
        "offer_id": offer.id,
        "change_id": change.id,
    }


def _delete(session: Session, furnished: Furnished) -> None:
    """Something in the bin."""
    theme = Theme(name="A theme nobody used")
    session.add(theme)
    session.flush()
    binned = deleting.delete(session, "theme", theme, by=furnished.user, at=clock.now())
    furnished.values["binned_id"] = binned.id


def _april(session: Session, by: User) -> dict[str, Any]:
    """A milestone of which much is recorded, the duty it belongs to, and a rule that reminds."""
    change = _first(session, BulkMark)
    milestone = session.get_one(Milestone, change.milestone_id)
    duty = session.get_one(MilestoneSeries, milestone.series_id)
    rule = reminders.make(session, suggested_for(duty), duty, by=by, at=clock.now())
    return {
        "rule_id": rule.id,
        "milestone_id": milestone.id,
        "series_id": milestone.series_id,
        "mark_id": change.id,
    }


def _first(session: Session, model: Any, *wanted: Any) -> Any:
    return session.scalars(select(model).where(*wanted).order_by(model.id)).first()


def _last(session: Session, model: Any) -> Any:
    return session.scalars(select(model).order_by(model.id.desc())).first()


def _name_records(session: Session, furnished: Furnished) -> None:
    lead = _first(session, Appointment)
    post = session.get_one(Post, lead.post_id)
    board = session.get_one(Organisation, post.organisation_id)
    furnished.values |= {
        "appointment_id": lead.id,
        "post_id": lead.post_id,
        "person_id": lead.person_id,
        "organisation_id": board.id,
        "system_id": board.part_of_id,
        "post_type_id": post.post_type_id,
        "email_id": _first(session, PersonEmail, PersonEmail.person_id == lead.person_id).id,
        "other_id": _first(session, Person, Person.id != lead.person_id).id,
        "user_id": furnished.user.id,
        "member_id": _first(session, MemberOrganisation).id,
        "interaction_id": _first(session, Interaction).id,
        "workstream_id": _first(session, Workstream).id,
        "paper_id": _first(session, WorkstreamPaper).id,
        "date_id": _first(session, WorkstreamDate).id,
        "kind": "organisation",
        "record_id": board.id,
        "document_id": _first(session, Document).id,
        **_april(session, furnished.user),
    }
    entry = _first(session, Interaction)
    entry.author_id = furnished.user.id
    draft = make_draft(session, furnished.user, entry)
    autosave.discard(
        make_draft(session, furnished.user, _last(session, Interaction)), at=clock.now()
    )
    furnished.values["draft_id"] = draft.id
    _promise(session, furnished, board)
    _delete(session, furnished)
    objected = _first(session, Person, Person.objected_on.is_not(None))
    ended = _first(session, Organisation, Organisation.dissolved_on.is_not(None))
    council = _first(session, Organisation, Organisation.kind == OrganisationKind.LOCAL_AUTHORITY)
    strand = furnished.values["workstream_id"]
    with_it = session.scalars(select(WorkstreamInteraction.interaction_id)).first()
    furnished.further += [
        f"/workstreams/{strand}/add?q=nothing+like+it",
        f"/interactions/{with_it}",
        f"/milestones/{_first(session, Milestone, Milestone.code == 'M13').id}",
        "/milestones?show=table",
        f"/reminders/new?about=series-{furnished.values['series_id']}",
        f"/reminders/{furnished.values['rule_id']}/each?state=expired",
        "/milestones?q=nothing+like+it",
        "/?on=2026-03-31",
        "/?on=2019-01-01",
        "/systems?region=South+West&sort=-name",
        "/organisations?q=nothing+is+called+this",
        f"/people/{objected.id}",
        f"/organisations/{ended.id}",
        f"/organisations/{council.id}",
        "/letters/?state=draft",
        "/letters/templates?show=archived",
    ]


def _make_links(session: Session, site: Site, furnished: Furnished) -> None:
    guest = make_user(session, "Gus Guest", email="gus@example.org")
    for purpose in (LinkPurpose.INVITATION, LinkPurpose.PASSWORD_RESET, LinkPurpose.DEMO_SIGN_IN):
        address = secret_links.make(
            session, purpose, user=guest, base_url=site.address, at=clock.now()
        )
        furnished.further.append(address)
    furnished.further.append(
        secret_links.make(
            session,
            LinkPurpose.FIRST_ADMINISTRATOR,
            user=None,
            base_url=site.address,
            at=clock.now(),
        )
    )


@dataclass
class Mailings:
    """One mailing in each state it can be in, each to two boards of its own."""

    session: Session
    site: Site
    furnished: Furnished

    def make(self) -> None:
        users = demo_users(self.session)
        assert users is not None
        self.author, self.approver = users.coordinator, users.approver
        self.template = _first(self.session, LetterTemplate)
        self.signatory = _first(self.session, Signatory) or Signatory(name="Prof. Made Up")
        self.session.add(self.signatory)
        self.boards = [b for b in boards_on(self.session, clock.today())][14:34]
        everybody = self.draft("To every board", Audience())
        attachments.attach(
            self.session, everybody, file_name="offer.pdf", content=PDF, by=self.author
        )
        self.check(everybody)
        self.draft("Not chosen yet", Audience())
        waiting = self.ask("Waiting for approval")
        holding = self.release("On hold")
        for state in (
            MailingState.SENDING,
            MailingState.PAUSED,
            MailingState.STOPPED,
            MailingState.EXPIRED,
            MailingState.FINISHED,
        ):
            self.at(self.release(f"{state.value.capitalize()} mailing"), state)
        letter = self.letters(waiting)[0]
        self.furnished.values |= {
            "mailing_id": waiting.id,
            "template_id": self.template.id,
            "signatory_id": self.signatory.id,
            "letter_id": letter.id,
        }
        draft = self.letters(everybody)
        for view in ("html", "text", "table", "differs"):
            self.further(f"/mailings/{everybody.id}/check?letter={draft[1].id}&view={view}")
        self.further(f"/mailings/{holding.id}/truth", f"/letters/{self.letters(holding)[0].id}")
        self.see_chaser()
        self.print_again()

    def see_chaser(self) -> None:
        """Of the demo: as its draft is checked, and as its letters and those before lead on."""
        chaser = _first(self.session, Mailing, Mailing.chases_id.is_not(None))
        going = _first(
            self.session, Letter, Letter.mailing_id == chaser.id, Letter.state == LetterState.READY
        )
        pages = ("check", "choose", "chase", "write")
        self.further(*(f"/mailings/{chaser.id}/{page}" for page in pages))
        self.further(f"/mailings/{chaser.chases_id}/truth", f"/letters/{going.id}")

    def print_again(self) -> None:
        """A file of the demo's posted letters, one of which may come back."""
        posted = _first(self.session, Letter, Letter.posted_on.is_not(None))
        run = runs.ask(
            self.session,
            self.session.get_one(Mailing, posted.mailing_id),
            letter_ids=[posted.id],
            both_sides=True,
            form_token="again",
            by=self.author,
            at=clock.now(),
        )
        self.furnished.values["run_id"] = run.id
        self.furnished.only_for["letters.letter_came_back"] = {"letter_id": posted.id}
        self.further(f"/letters/{posted.id}", f"/mailings/{posted.mailing_id}/print")

    def further(self, *paths: str) -> None:
        self.furnished.further += [f"/letters{path}" for path in paths]

    def draft(self, name: str, audience: Audience) -> Mailing:
        mailing = templates.begin_mailing(
            self.session,
            name=name,
            template=self.template,
            signatory=self.signatory,
            reply_to="",
            cc_rule=CcRule.CHAIR,
            form_token=name,
            by=self.author,
            at=clock.now(),
        )
        row_decisions.choose(self.session, mailing, audience, by=self.author)
        return mailing

    def check(self, mailing: Mailing) -> None:
        at, base_url = clock.now(), self.site.address
        checking.check(self.session, mailing, by=self.author, at=at, base_url=base_url)

    def ask(self, name: str) -> Mailing:
        two = (self.boards.pop().id, self.boards.pop().id)
        mailing = self.draft(name, Audience(how=How.BODIES, organisation_ids=two))
        self.check(mailing)
        submitting.waive_test(mailing, "Made for looking at pages.", by=self.author)
        submitting.ask_for_approval(
            self.session, mailing, by=self.author, at=clock.now(), base_url=self.site.address
        )
        return mailing

    def release(self, name: str) -> Mailing:
        mailing = self.ask(name)
        releasing.approve_and_release(
            self.session, mailing.id, by=self.approver, at=clock.now(), base_url=self.site.address
        )
        return mailing

    def at(self, mailing: Mailing, state: MailingState) -> None:
        """Brought there directly: how it comes there is told in the tests of sending."""
        if state is MailingState.STOPPED:
            controls.stop(self.session, mailing, by=self.approver, at=clock.now(), why="Made up.")
        mailing.state = state
        one, other = self.letters(mailing)
        now = clock.now()
        if state is MailingState.SENDING:
            one.state, one.sent_at, mailing.resume_at = LetterState.SENT, now, None
            mailing.hold_until = now + timedelta(days=1)
        elif state is MailingState.PAUSED:
            one.state, mailing.state_reason = LetterState.WAITING_TO_RETRY, "The server is full."
        elif state is MailingState.EXPIRED:
            one.state = other.state = LetterState.EXPIRED
        elif state is MailingState.FINISHED:
            one.state, one.sent_at, other.state = LetterState.SENT, now, LetterState.REFUSED
            other.server_reply = "550 5.1.1 no such user (made up)"
        self.further(f"/mailings/{mailing.id}/truth", f"/letters/{one.id}", f"/letters/{other.id}")
        if state is MailingState.FINISHED:
            self.further(f"/{one.id}/answer")

    def letters(self, mailing: Mailing) -> Sequence[Letter]:
        theirs = select(Letter).where(Letter.mailing_id == mailing.id).order_by(Letter.id)
        return self.session.scalars(theirs).all()


def sheet(folder: Path) -> Path:
    """Leads to import: one new, one that names no board."""
    path = folder / "leads.csv"
    path.write_text(
        "ICB,First name,Surname,Email,Source,Checked on\n"
        "Dorset ICB,Robin,Made-Up,robin@example.org,Board page,2026-11-20\n"
        "No such board,Alex,Invented,alex@example.org,Board page,2026-11-20\n"
    )
    return path
