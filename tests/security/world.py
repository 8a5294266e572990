"""A group in the middle of its work: something stands in every table, and every page has a row."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.authentication import secret_links, sessions
from app.accounts.models import LinkPurpose, SignInSession, Throttle, User
from app.calendars import services as calendars
from app.core import clock
from app.core.mail import mime_message
from app.core.mail.catcher import Folder
from app.core.mail.mime_message import Mailbox, MessageParts
from app.core.pictures.checking import Picture
from app.demo.models import DemoRow
from app.directory.models import (
    CouncilShare,
    Organisation,
    OrganisationCode,
    OrganisationKind,
    OrganisationName,
    Ownership,
    PersonEmail,
    PostObservation,
    PostState,
    ReferenceFact,
    Region,
    Tile,
)
from app.followups import bulk
from app.followups import services as followups
from app.followups.models import Repeats
from app.followups.services import FollowUpDetails
from app.imports import services as imports
from app.imports.models import LeadImport, LeadImportChange, LeadImportRow, RowOutcome
from app.interactions.entries import services as interactions
from app.interactions.models import (
    Interaction,
    InteractionKind,
    InteractionTheme,
    OfferState,
    OutcomeKind,
    PromisedBy,
    Theme,
)
from app.interactions.offers import offers
from app.interactions.offers.offers import OfferDetails
from app.interactions.outcomes import outcomes, promises
from app.interactions.outcomes.outcomes import OutcomeDetails
from app.letters.content import attachments, images
from app.letters.drafting import checking, row_decisions, templates
from app.letters.models import (
    CcRule,
    Letter,
    LetterEvent,
    LetterFile,
    LetterState,
    MailingState,
    Signatory,
)
from app.letters.recipients.audience import Audience
from app.notifications.models import Event, Notification
from app.notifications.services import notify
from app.outbox import services as outbox
from app.settings.models import FailingPiece, Heartbeat, Logo, MailCheck, Settings
from app.settings.rules import CHECKS
from app.settings.services import settings_of
from tests.factories import (
    NOON,
    TODAY,
    make_answer,
    make_appointment,
    make_organisation,
    make_person,
    make_post,
    make_sent_letter,
    make_succession,
    make_system,
    make_user,
)
from tests.imports.sheets import leads_csv
from tests.letters.pictures import png
from tests.overview.briefed import make_contact
from tests.scenes import laid_out
from tests.security.duties import make_duties
from tests.security.second_thoughts import make_second_thoughts
from tests.security.strands import make_strands
from tests.sending.mailings import make_released

BASE_URL = "http://127.0.0.1:8000"
PNG = png()


@dataclass
class World:
    """Who is there, and what the addresses of its pages are made of."""

    me: User
    colleague: User
    names: dict[str, Any]  # a value for every argument of every address


def make_world(session: Session, app: Flask) -> World:
    names = {**laid_out(session, _set_up), "name": _caught(app)}
    me, colleague = (session.get_one(User, names[who]) for who in ("me_id", "user_id"))
    return World(me, colleague, names)


def _set_up(session: Session) -> dict[str, Any]:
    """Everything but a caught mail, which is a file."""
    me = make_user(session, "Morgan Me")
    colleague = make_user(session, "Cory Colleague")
    settings = settings_of(session)
    _group(session, settings)
    names = {
        "me_id": me.id,
        **_bodies(session, me),
        **_promises(session, me),
        **_letters(session, me, colleague),
        **_files(session, me),
        **_accounts(session, me, colleague),
        "secret": calendars.make(session, user=me, at=NOON),
        "notification_id": _told(session, me).id,
        "check": CHECKS[0].name,
    }
    names |= make_strands(session, names, by=me)
    names |= make_duties(session, names, by=me)
    names |= make_second_thoughts(session, names, by=me)
    session.add(DemoRow(table="person", key={"id": 0}, old=None))
    session.add(
        FailingPiece(
            key="bin", kind="Bin", name="Emptying the bin", since=NOON, tried_at=NOON, times=1
        )
    )
    # Pages must not begin to say that the jobs have stopped while a long walk goes on.
    session.add(Heartbeat(name="jobs", at=clock.now() + timedelta(hours=1)))
    session.commit()
    return names


def _group(session: Session, settings: Settings) -> None:
    settings.group_name = "Sample Health Policy Group"
    settings.postal_address = "1 Sample Street\nSampleton SA1 1AA"
    settings.from_name = "Sample Health Policy Group"
    settings.from_email = "letters@group.example.org"
    settings.reply_to = "replies@group.example.org"
    settings.privacy_notice = "We keep your name."
    settings.opt_out_line = "Reply “no more letters” and we stop."
    settings.quiet_reason = "Pre-election period"
    session.add(
        MailCheck(
            name=CHECKS[1].name,
            mail_server="mail.example.org",
            confirmed_at=NOON,
            confirmed_by="Me",
        )
    )
    session.add(Logo(id=1, media_type="image/png", content=PNG, uploaded_at=NOON))


def _bodies(session: Session, me: User) -> dict[str, Any]:
    region = Region(ods_code="Y99", name="Sample Region")
    session.add(region)
    system, board = make_system(session)
    old_system, old = make_system(session, "Oldshire", dissolved_on=TODAY - timedelta(days=200))
    for body in (system, board, old_system, old):
        body.region_id = region.id
        body.note, body.website = "A note.", "https://example.org/"
        body.postal_address, body.office_email = "1 Road", "office@example.org"
    make_succession(session, old, board)
    make_succession(session, old_system, system)
    council = make_organisation(session, "Sample Council", kind=OrganisationKind.LOCAL_AUTHORITY)
    session.flush()
    session.add_all(
        (
            OrganisationName(organisation_id=board.id, name="Sample ICB"),
            OrganisationCode(organisation_id=board.id, scheme="ODS", code="QX1"),
            CouncilShare(board_id=board.id, council_id=council.id, role="constituent"),
            Tile(
                board_id=board.id,
                abbreviation="SAM",
                column=1,
                row=1,
                x_centre=1.0,
                y_centre_down=1.0,
                holder_2026_id=board.id,
            ),
            ReferenceFact(
                kind="organisation",
                record_id=board.id,
                field="name",
                value=board.name,
                source="a file",
                confidence="high",
            ),
            Ownership(organisation_id=board.id, user_id=me.id, started_on=TODAY),
        )
    )
    person = make_person(session, title="Dr")
    person.note, person.phone, person.known_as = "Met twice.", "01632 960001", "Al"
    person.details_source, person.postal_address = "Board page", "1 Road"
    objector = make_person(session, "Objector", objected_on=TODAY)
    objector.objection_note = "No more, please."
    email = session.scalars(select(PersonEmail).where(PersonEmail.person_id == person.id)).one()
    failed = PersonEmail(
        person_id=person.id,
        address="gone@example.org",
        address_key="gone@example.org",
        is_preferred=False,
        failed_on=TODAY,
        failure="550 no such user",
    )
    session.add(failed)
    appointment = make_appointment(session, person=person, organisation=board)
    appointment.checked_by_id, appointment.job_title = me.id, "Chief Nurse"
    make_appointment(session, person=objector, organisation=board, code="chair")
    send = make_post(session, board, "send")
    send_type = send.post_type
    send_type.duty, send_type.source = "A duty.", "A source"
    session.add(
        PostObservation(
            post_id=send.id,
            state=PostState.VACANT,
            observed_on=TODAY,
            source="https://example.org/",
            note="Looked.",
        )
    )
    note = interactions.write_down(
        session,
        kind=InteractionKind.NOTE,
        happened_on=TODAY,
        subject="A call about the offer",
        body="What **happened**.",
        organisations=[system, board],
        people=[person],
        by=me,
        at=NOON,
        today=TODAY,
    )
    theme = Theme(name="Co-production")
    session.add(theme)
    session.flush()
    session.add(InteractionTheme(interaction_id=note.id, theme_id=theme.id))
    session.flush()
    return {
        "theme_id": theme.id,
        "organisation_id": board.id,
        "system_id": system.id,
        "person_id": person.id,
        "objector_id": objector.id,
        "email_id": failed.id,
        "own_email_id": email.id,
        "post_id": send.id,
        "post_type_id": send_type.id,
        "appointment_id": appointment.id,
        "interaction_id": note.id,
        "meeting_id": make_contact(session, board, me, person=person).id,
    }


def _promises(session: Session, me: User) -> dict[str, Any]:
    """A promise with its follow-up, a series, an offer on its way, a change of many."""
    board = session.scalars(
        select(Organisation).where(Organisation.kind == OrganisationKind.ICB)
    ).first()
    assert board is not None, "the bodies come first"
    note = session.scalars(select(Interaction)).first()
    promise = outcomes.add(
        session,
        OutcomeDetails(
            OutcomeKind.COMMITMENT, "A promise", PromisedBy.THEM, board, owner=me, due_on=TODAY
        ),
        interaction=note,
        by=me,
        at=NOON,
        on=TODAY,
    )
    promise.evidence, promise.evidence_link = "A letter", "https://example.org/"
    series = followups.add(
        session,
        FollowUpDetails(
            "Ask again", me, TODAY, "Details.", organisation=board, repeats=Repeats.WEEKLY
        ),
        by=me,
        at=NOON,
        on=TODAY,
    )
    promises.finish(session, series, by=me, at=NOON, on=TODAY)
    later = followups.add(session, FollowUpDetails("Later", me, TODAY), by=me, at=NOON, on=TODAY)
    followups.snooze(later, until=TODAY + timedelta(days=3), reason="A reason", on=TODAY)
    offer = offers.make(
        session, OfferDetails("A session", board, TODAY, me, details="Details."), by=me, on=TODAY
    )
    offers.take_step(
        session, offer, OfferState.ACCEPTED, reached_on=TODAY, note="By mail", by=me, on=TODAY
    )
    change = bulk.reassign(session, [later], me, by=me, at=NOON)
    session.flush()
    return {
        "point_id": promise.id,
        "follow_up_id": promise.follow_up_id,
        "offer_id": offer.id,
        "change_id": change.id,
    }


def _letters(session: Session, me: User, colleague: User) -> dict[str, Any]:
    template = templates.write_template(
        session,
        name="An offer",
        purpose="To offer support",
        subject="Support in ((system))",
        body="((salutation)),\n\nWe write to ((board)).\n\n((close)),\n",
        by=me,
        at=NOON,
    )
    signatory = Signatory(name="Sam Signatory", job_title="Chair", organisation="Our Group")
    session.add(signatory)
    session.flush()
    images.put_signature(session, signatory, Picture("image/png", png()))
    draft = templates.begin_mailing(
        session,
        name="A draft",
        template=template,
        signatory=signatory,
        reply_to="",
        cc_rule=CcRule.CHAIR,
        form_token="a-form",
        by=me,
        at=NOON,
    )
    row_decisions.choose(session, draft, Audience(), by=me)
    attachment = attachments.attach(
        session, draft, file_name="offer.txt", content=b"An offer.", by=me
    )
    checking.check(session, draft, by=me, at=NOON, base_url=BASE_URL)
    letter = session.scalars(select(Letter).where(Letter.mailing_id == draft.id)).first()
    assert letter is not None, "the draft has letters"
    released, sent = make_released(session, name="A release", author=colleague, approver=me)
    sent[0].state, sent[0].sent_at, sent[0].sent_on = LetterState.SENT, NOON, TODAY
    sent[0].server_reply = "250 taken"
    sent[1].state, sent[1].state_reason = LetterState.UNKNOWN, "The line was lost."
    for state in (MailingState.STOPPED, MailingState.EXPIRED, MailingState.AWAITING_APPROVAL):
        other, _ = make_released(session, 1, name=f"Was {state.value}", state=state, author=me)
        other.state_reason = "A reason."
    session.add(LetterEvent(letter_id=sent[0].id, at=NOON, state=LetterState.SENT, note="Sent."))
    outside = make_sent_letter(session, make_organisation(session, "NHS Outer ICB"))
    file = LetterFile(
        letter_id=outside.id,
        file_name="scan.pdf",
        media_type="application/pdf",
        size=5,
        sha256=hashlib.sha256(b"%PDF-").hexdigest(),
        content=b"%PDF-",
    )
    session.add(file)
    make_answer(session, sent[0], by=me)
    session.flush()
    return {
        "template_id": template.id,
        "signatory_id": signatory.id,
        "mailing_id": draft.id,
        "released_id": released.id,
        "letter_id": letter.id,
        "sent_id": sent[0].id,
        "unknown_id": sent[1].id,
        "outside_id": outside.id,
        "file_id": file.id,
        "attachment_id": attachment.id,
    }


def _told(session: Session, me: User) -> Notification:
    made = notify(
        session,
        user=me,
        event=Event.MENTION,
        key="mention:interaction:1",
        text="Cory Colleague mentioned you in a note of 22 November 2026.",
        path="/people",
        at=NOON,
    )
    assert made is not None
    return made


def _files(session: Session, me: User) -> dict[str, Any]:
    content = leads_csv(
        (
            "NHS Sampleshire Integrated Care Board",
            "Dr",
            "New",
            "Lead",
            "",
            "new@example.org",
            "",
            "",
        ),
        ("NHS Atlantis ICB", "", "No", "Board", "", "none@example.org", "", ""),
    )
    _kept, token = imports.keep_file(
        session, file_name="leads.csv", content=content, by=me, at=clock.now()
    )
    made = LeadImport(
        file_name="earlier.csv",
        file_sha256="0" * 64,
        imported_at=NOON,
        imported_by_id=me.id,
        new_count=1,
    )
    session.add(made)
    session.flush()
    story = {"changes": [["Name", "old", "new"]], "notes": ["A note"], "problems": ["A problem"]}
    session.add(
        LeadImportRow(
            lead_import_id=made.id,
            number=2,
            outcome=RowOutcome.PROBLEM,
            who="Somebody",
            where="Somewhere",
            story=story,
        )
    )
    session.add(
        LeadImportChange(lead_import_id=made.id, table="person", record_id=0, old=None, new="{}")
    )
    return {"token": token, "import_id": made.id}


def _accounts(session: Session, me: User, colleague: User) -> dict[str, Any]:
    made = {
        purpose: secret_links.make(session, purpose, user=user, base_url=BASE_URL, at=clock.now())
        for purpose, user in (
            (LinkPurpose.PASSWORD_RESET, colleague),
            (LinkPurpose.INVITATION, make_user(session, "Ines Invited")),
        )
    }
    sessions.start(session, user=colleague, at=clock.now(), agent="A browser")
    session.add(Throttle(key="sign-in:account:x", tokens=1.0, refilled_at=clock.now()))
    outbox.enqueue(
        session, recipient=colleague.email, subject="A mail", body="Words.", send_after=NOON
    )
    return {
        "user_id": colleague.id,
        "session_id": session.scalars(select(SignInSession.id)).one(),
        "member_id": me.member_organisation_id,
        "reset": made[LinkPurpose.PASSWORD_RESET].rpartition("/")[2],
        "invitation": made[LinkPurpose.INVITATION].rpartition("/")[2],
    }


def _caught(app: Flask) -> str:
    """A message in the catcher's folder."""
    folder = Folder(app.config["DATA_DIR"])
    raw = mime_message.build(
        MessageParts(
            from_name="Sample",
            from_email="letters@group.example.org",
            to=(Mailbox("Alex", "alex@example.org"),),
            subject="Our offer",
            text="Words.",
            html="<p>Words.</p>",
            message_id=mime_message.message_id("example.org", "caught"),
        )
    )
    folder.keep(raw, "letters@group.example.org", ["alex@example.org"])
    return folder.newest_first()[0].name
