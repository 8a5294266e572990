"""The made-up story of the demo: who leads where, what was written, what was said."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.demo.mailing import MadeUpMailing
from app.demo.meetings import meet
from app.demo.people import address, made_up, postal_address
from app.demo.promises import Promiser
from app.directory.models import Organisation, Person, Post, PostState, PostType
from app.directory.queries import bodies
from app.directory.services import owners, people, posts
from app.interactions.entries.services import write_down
from app.interactions.models import InteractionKind
from app.letters.models import Letter
from app.letters.tracking.external_letters import record_outside_letter
from app.letters.tracking.replies import record_answer

# Which boards, in the order of their names, show what.
LEADS_THREE = slice(0, 3)
UNKNOWN = slice(3, 7)
VACANT = 7
OBJECTED = 8
BOUNCED = 9
WRITTEN_TO = 3  # two in so many get the mailing, and those above
NUMBER_IN_FULL = 8
ACTING = 12
ON_PAPER = (10, 11)  # leads without an email address, who get the mailing by post
WORKING_WITH = slice(13, 15)
FULL = "QWO"

# Which made-up person holds which post at the full system, at its partnership and at one of its
# councils; its lead is also its chief nurse.
AT_BOARD = {
    "send": 36,
    "safeguarding": 36,
    "learning_disability_autism": 37,
    "down_syndrome": 37,
    "childrens_mental_health": 38,
    "chief_executive": 39,
}
AT_PARTNERSHIP = {"chair": 76}
AT_COUNCIL = {"dcs": 77, "lead_member": 79}

MADE_UP = "Made up for the demo"
BOARD_PAGE = "https://example.org/made-up-board-page"
JOB_TITLES = {
    "children": "Chief Nurse",
    "send": "Director of Strategy",
    "safeguarding": "Director of Strategy",
    "learning_disability_autism": "Medical Director",
    "down_syndrome": "Medical Director",
}
CONVERSATION = """They said the plan refresh will have a chapter on **co-production**.

- asked for evidence on asthma pathways
- will send a draft chapter
"""


@dataclass(frozen=True)
class DemoUsers:
    coordinator: User
    approver: User
    reviewer: User
    member: User

    def all(self) -> tuple[User, ...]:
        return self.coordinator, self.approver, self.reviewer, self.member


@dataclass(frozen=True)
class Teller:
    """Tells the made-up story, in the words of the ordinary services."""

    session: Session
    users: DemoUsers
    boards: list[Organisation]  # the full system's last
    types: dict[str, PostType]
    on: date
    at: datetime
    base_url: str

    def tell(self) -> None:
        leads = self.name_leads()
        self.name_chairs()
        self.share_out()
        self.object(leads)
        self.write_to_two_in_three(leads)
        self.tell_full_system(leads[self.boards[-1].id])

    def name_leads(self) -> dict[int, Person]:
        """A lead for most boards: one leads three, four have none known, one post is vacant."""
        leads: dict[int, Person] = {}
        for number, board in enumerate(self.boards):
            if number == VACANT:
                self.find_vacant(board)
            elif board not in self.boards[UNKNOWN]:
                shared = board in self.boards[LEADS_THREE] and leads
                person = leads[self.boards[0].id] if shared else self.make_up(number)
                self.appoint(board, "children", person, number)
                leads[board.id] = person
        return leads

    def make_up(self, number: int) -> Person:
        on_paper = number in ON_PAPER
        postal = {"postal_address": postal_address(number)} if on_paper else {}
        return people.add_person(
            self.session,
            details=made_up(number) | postal,
            email="" if on_paper else address(number),
            details_obtained_on=self.ago(40),
            is_demo=True,
        )

    def appoint(self, board: Organisation, code: str, person: Person, number: int) -> None:
        began = self.ago(200 + 11 * number)
        posts.appoint(
            self.session,
            post=self.seat(board, code),
            person=person,
            by=self.users.coordinator,
            on=self.on,
            started_on=max(began, board.established_on or began),
            is_acting=number == ACTING and code == "children",
            job_title=JOB_TITLES.get(code, ""),
            source=BOARD_PAGE,
            checked_on=self.ago((number * 13) % 210),
        )

    def find_vacant(self, board: Organisation) -> None:
        posts.record_state(
            self.session,
            post=self.seat(board, "children"),
            state=PostState.VACANT,
            observed_on=self.ago(40),
            by=self.users.coordinator,
            on=self.on,
            source=MADE_UP,
        )

    def name_chairs(self) -> None:
        for number, board in enumerate(self.boards, start=40):
            self.appoint(board, "chair", self.make_up(number), number)

    def share_out(self) -> None:
        """The coordinator and the member look after most systems; some have nobody."""
        for number, board in enumerate(self.boards):
            owner = (self.users.coordinator, self.users.member, None)[number % 3]
            if board is self.boards[-1]:
                owner = self.users.member
            if owner:
                owners.set_owner(self.session, organisation=board, owner=owner, on=self.on)

    def object(self, leads: dict[int, Person]) -> None:
        people.record_objection(
            self.session,
            person=leads[self.boards[OBJECTED].id],
            objected_on=self.ago(60),
            note="Made up: asked by telephone not to be written to.",
            on=self.on,
        )

    def write_to_two_in_three(self, leads: dict[int, Person]) -> None:
        """A mailing that has gone: one letter to who leads three boards, one refused, one left out,
        some by way of the chair's office, two by post. Half of those that arrived were answered; a
        chaser to the others is a draft."""
        boards = [
            board
            for number, board in enumerate(self.boards)
            if number % WRITTEN_TO
            or number in (OBJECTED, BOUNCED)
            or board in (*self.boards[LEADS_THREE], self.boards[-1])
        ]
        mailing = MadeUpMailing(
            self.session,
            self.users.coordinator,
            self.users.approver,
            self.at - timedelta(days=35),
            self.base_url,
        )
        sent = mailing.send(boards, bounces=leads[self.boards[BOUNCED].id])
        for number, letter in enumerate(sent):
            if number % 2:
                said = "they welcome the offer and suggest a talk."
                self.answer(letter, 33 - number % 20, said)
        mailing.chase(sent, self.at)

    def tell_full_system(self, holder: Person) -> None:
        """One system with every post settled, letters, notes, calls and meetings."""
        board = self.boards[-1]
        others = self.fill_posts(board, holder)
        for number in range(1, NUMBER_IN_FULL):  # the latest of them is in the mailing
            letter = self.post_letter(
                f"Made-up letter {NUMBER_IN_FULL - number}", 35 + 50 * number, board, holder
            )
            if number % 3 == 0:
                self.answer(letter, 25 + 50 * number, "thank you, noted.")
        for number in range(10):
            self.talk(number, board, (holder, *others)[number % 3])
        meet(
            self.session,
            board,
            (holder, *others),
            ours=(self.users.member, self.users.coordinator),
            on=self.on,
            at=self.at,
        )
        promiser = Promiser(
            self.session, self.users.coordinator, self.users.member, self.on, self.at
        )
        promiser.tell(board, self.boards[WORKING_WITH])

    def fill_posts(self, board: Organisation, lead: Person) -> list[Person]:
        """All that its lead and its chair do not hold; those of its board come first."""
        self.appoint(board, "chief_nurse", lead, 1)
        system = bodies.system_of(self.session, board, self.on)
        held = [(board, AT_BOARD)]
        for share in bodies.councils_of(self.session, board.id, self.on)[:1]:
            held.append((self.session.get_one(Organisation, share.council.id), AT_COUNCIL))
        if system and system.partnership:
            held.append((system.partnership, AT_PARTNERSHIP))
        holders: dict[int, Person] = {}
        for body, posts_there in held:
            for code, number in posts_there.items():
                if number not in holders:
                    holders[number] = self.make_up(number)
                self.appoint(body, code, holders[number], number)
        return list(holders.values())

    def talk(self, number: int, board: Organisation, person: Person) -> None:
        write_down(
            self.session,
            kind=InteractionKind.CALL if number % 2 else InteractionKind.NOTE,
            happened_on=self.ago(4 + 17 * number),
            subject=f"Made-up conversation {10 - number}",
            body=CONVERSATION,
            organisations=[board],
            people=[person],
            by=self.users.member,
            at=self.at,
            today=self.on,
        )

    def post_letter(
        self, subject: str, days_ago: int, board: Organisation, person: Person
    ) -> Letter:
        return record_outside_letter(
            self.session,
            sent_on=self.ago(days_ago),
            subject=subject,
            channel="post",
            person=person,
            addressee="",
            organisations=[board],
            by=self.users.coordinator,
            today=self.on,
        )

    def answer(self, letter: Letter, days_ago: int, said: str) -> None:
        record_answer(
            self.session,
            letter=letter,
            answered_on=self.ago(days_ago),
            answered_by="the lead’s office",
            said=f"Made up: {said}",
            by=self.users.member,
            at=self.at,
            today=self.on,
        )

    def seat(self, board: Organisation, code: str) -> Post:
        return posts.post_at(self.session, organisation=board, post_type=self.types[code])

    def ago(self, days: int) -> date:
        return self.on - timedelta(days=days)
