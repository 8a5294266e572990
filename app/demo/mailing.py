"""A made-up mailing that has gone: every step as people and the sender take it, without a wire."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.clock import LONDON
from app.core.mail.smtp_transport import Accepted, RecipientRefused, Reply
from app.demo.tracking import note_rows
from app.directory.models import Organisation, Person
from app.letters.approval import releasing, submitting
from app.letters.chasers import proposing
from app.letters.delivery import by_post, lifecycle, outcomes, queue
from app.letters.delivery.queue import ClaimedLetter
from app.letters.delivery.smtp_outcome import outcome_of
from app.letters.drafting import checking, row_decisions, templates
from app.letters.drafting.starter_templates import CHASER, STARTERS
from app.letters.models import (
    CcRule,
    Letter,
    LetterTemplate,
    Mailing,
    PostalState,
    Signatory,
)
from app.letters.print import post_state, posting
from app.letters.recipients.audience import Audience, How, SendBy
from app.settings.rules import MailKind, OutwardMail
from app.settings.services import Turn, settings_of

NAME = "Offer of support, made up"
TAKEN = Reply(250, "2.0.0 Ok (made up: nothing was sent)")
NO_SUCH_USER = Reply(550, "5.1.1 no such user (made up)")
ON = OutwardMail(MailKind.LIVE, "Made up for the demo.")
BETWEEN_LETTERS = timedelta(seconds=3)


@dataclass(frozen=True)
class MadeUpMailing:
    """Written by one, released by another, and handed to a mail server that is not there."""

    session: Session
    author: User
    approver: User
    at: datetime  # when it was written
    base_url: str

    def send(self, boards: Sequence[Organisation], bounces: Person) -> list[Letter]:
        """The letters that arrived; one is refused, as its reader's address is no more."""
        mailing = self._write(boards)
        checking.check(self.session, mailing, by=self.author, at=self.at, base_url=self.base_url)
        self._write_to_vacant_posts_too(mailing)
        submitting.waive_test(mailing, "Made up for the demo.", by=self.author)
        asked_at = self.at + timedelta(minutes=20)
        submitting.ask_for_approval(
            self.session, mailing, by=self.author, at=asked_at, base_url=self.base_url
        )
        self.session.flush()
        released_at = asked_at + timedelta(hours=2)
        releasing.approve_and_release(
            self.session, mailing.id, by=self.approver, at=released_at, base_url=self.base_url
        )
        self.session.flush()
        self._hand_over(mailing, bounces)
        self._post(mailing)
        note_rows(self.session, Letter, Letter.mailing_id == mailing.id)
        return self._sent(mailing)

    def chase(self, letters: Sequence[Letter], at: datetime) -> None:
        """To whoever has not answered any of these: a draft, as the clock would have made it."""
        mailing = self.session.get_one(Mailing, letters[0].mailing_id)
        words = self.session.scalars(
            select(LetterTemplate).where(LetterTemplate.name == CHASER)
        ).first()
        if words is None:
            return  # the group has renamed it: there are words of its own
        proposing.chase_when_silent(
            self.session,
            mailing,
            after_days=proposing.USUAL_DAYS,
            template=words,
            by=self.author,
        )
        chaser = proposing.propose(
            self.session, mailing, words, by=self.author, at=at, base_url=self.base_url
        )
        note_rows(self.session, Letter, Letter.mailing_id == chaser.id)

    def _write(self, boards: Sequence[Organisation]) -> Mailing:
        """In words of its own, so that the starters can be tried on the same readers."""
        starter = STARTERS[0]
        template = templates.write_template(
            self.session,
            name=NAME,
            purpose=starter.purpose,
            subject=starter.subject,
            body=starter.body,
            by=self.author,
            at=self.at,
        )
        signatory = self.session.scalars(select(Signatory).order_by(Signatory.id.desc())).first()
        assert signatory is not None
        mailing = templates.begin_mailing(
            self.session,
            name=f"{NAME}, {self.at:%B %Y}",
            template=template,
            signatory=signatory,
            reply_to="",
            cc_rule=CcRule.CHAIR,
            form_token="made-up-for-the-demo",
            by=self.author,
            at=self.at,
        )
        mailing.is_demo = True
        templates.archive_template(template, at=self.at)  # these readers have had its words
        chosen = Audience(
            how=How.BODIES,
            organisation_ids=tuple(board.id for board in boards),
            by=SendBy.EMAIL_OR_POST,
        )
        row_decisions.choose(self.session, mailing, chosen, by=self.author)
        self.session.flush()
        return mailing

    def _write_to_vacant_posts_too(self, mailing: Mailing) -> None:
        for letter in self.session.scalars(select(Letter).where(Letter.mailing_id == mailing.id)):
            if letter.findings["vacant"]:
                why = "Whoever is appointed should find our offer."
                row_decisions.decide(
                    self.session, mailing, letter, "write to the office", why, by=self.author
                )
        checking.check(self.session, mailing, by=self.author, at=self.at, base_url=self.base_url)

    def _hand_over(self, mailing: Mailing, bounces: Person) -> None:
        settings = settings_of(self.session)
        turn = Turn(settings.installation, letters_a_minute=0, may_send=True)
        at = mailing.hold_until or self.at
        lifecycle.keep_up(self.session, settings, ON, at)
        while (batch := queue.claim(self.session, turn, at)) is not None:
            for letter_id in batch.letter_ids:
                claimed = queue.look(self.session, batch, letter_id, at)
                at += BETWEEN_LETTERS
                if not (
                    claimed.needs_a_closer_look and queue.is_left_out(self.session, claimed, at)
                ):
                    self._answer_for_the_server(claimed, bounces, at)
        lifecycle.keep_up(self.session, settings, ON, at)

    def _post(self, mailing: Mailing) -> None:
        """Printed the same day and posted the next, as whoever does that marks it."""
        letters = [letter.id for letter in by_post.unprinted(self.session, mailing)]
        printed_at = (mailing.hold_until or self.at) + timedelta(hours=1)
        post_state.move(
            self.session,
            letters,
            leaving=by_post.TO_PRINT,
            to=PostalState.PRINTED,
            values={"printed_at": printed_at},
            note="Printed (made up).",
            at=printed_at,
            by_id=self.author.id,
        )
        posted_at = printed_at + timedelta(days=1)
        posting.mark_posted(
            self.session,
            letters,
            posted_on=posted_at.astimezone(LONDON).date(),
            by=self.author,
            at=posted_at,
        )
        lifecycle.finish(self.session, posted_at)

    def _answer_for_the_server(self, claimed: ClaimedLetter, bounces: Person, at: datetime) -> None:
        refused = claimed.person_id == bounces.id
        if not refused:
            queue.start_transmitting(self.session, claimed, at)
        outcome = RecipientRefused(NO_SUCH_USER) if refused else Accepted(TAKEN)
        outcomes.record(self.session, claimed, outcome_of(outcome), at)

    def _sent(self, mailing: Mailing) -> list[Letter]:
        return list(
            self.session.scalars(
                select(Letter)
                .where(Letter.mailing_id == mailing.id, Letter.where_gone())
                .order_by(Letter.id)
                .execution_options(populate_existing=True)
            )
        )
