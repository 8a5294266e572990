"""The five templates everybody begins with: drafts, to be put into the group's own words."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.letters.drafting.templates import write_template
from app.letters.models import LetterTemplate


@dataclass(frozen=True)
class Starter:
    name: str
    purpose: str
    subject: str
    body: str


CHASER = "Chaser"
STARTERS = (
    Starter(
        "Offer of support",
        "A first letter to the children’s lead of each board, offering evidence and insight.",
        "Support for babies, children and young people in ((system))",
        """\
((salutation)),

((if lead is known))
We are writing to you as ((role)) at ((board)).
((end))
((if lead is unknown))
We would like this letter to reach the right person at ((board)), and are sending it to you \
((stands in)). Please could you pass it on, and let us know who to write to in future?
((end))

((if several boards))
This letter is about all the boards you lead for: ((boards)).
((end))

((group name)) brings together organisations that work for the health of babies, children and \
young people. We would like to help with what your next plan says about them. We can offer:

- evidence on what has worked in other systems;
- a conversation with people who use services, and with those who work in them.

None of this costs anything, and you are free to use it as you like.

Could you, or a colleague, spare half an hour in the coming weeks? Just reply to this letter and \
we’ll find a time that suits you.

((close)),
""",
    ),
    Starter(
        "Offer of support, lead not known",
        "The same offer, sent to the office of the chair or chief executive.",
        "Support for babies, children and young people in ((system))",
        """\
((salutation)),

We would like this letter to reach whoever leads on babies, children and young people at \
((board))((if stands in)), and are sending it to you ((stands in))((end)). Please could you pass \
it on, and let us know who to write to in future?

((group name)) brings together organisations that work for the health of babies, children and \
young people. We would like to offer the board:

- evidence on what has worked in other systems;
- a conversation with people who use services, and with those who work in them.

None of this costs anything, and the board is free to use it as it likes.

Just reply to this letter and we’ll find a time to talk.

((close)),
""",
    ),
    Starter(
        CHASER,
        "To those who have not answered a letter; short, and easy to answer.",
        "Our letter about children and young people in ((system))",
        """\
((salutation)),

((if earlier letter date))We wrote to you on ((earlier letter date))\
((if lead is known)) as ((role)) at ((board))((end)): “((earlier letter subject))”.((end))\
((if first chaser date)) We wrote again on ((first chaser date)).((end))\
((if no earlier letter))Some weeks ago we wrote to you\
((if lead is known)) as ((role)) at ((board))((end)) and offered our support.((end)) \
We haven’t heard back, and know how busy you are.

((if lead is unknown))
We are sending this to you ((stands in)). If someone else at ((board)) is the right person, please \
could you pass it on?
((end))

If it would help to talk, please suggest a time. If someone else is better placed, please tell us \
who. If now isn’t the right time, just let us know and we won’t write about this again.

((close)),
""",
    ),
    Starter(
        "Thanks after a meeting",
        "After a first conversation; add what was agreed before you send it.",
        "Thank you for meeting us",
        """\
((salutation)),

Thank you for your time, and for speaking so openly about children and young people in ((system)).

We promised to send you what we have. If we have forgotten anything, or something has changed for \
you, please tell us.

We look forward to hearing how things go.

((close)),
""",
    ),
    Starter(
        "Invitation to comment",
        "Before a reading of a plan is published, so that its board can correct our mistakes.",
        "Your comments on our reading of the plan for ((system))",
        """\
((salutation)),

We have read the current strategy and plan for ((system)) for what they say about babies, \
children and young people. We would like you to see what we found before anyone else does.

If we have missed or misread something, please tell us within four weeks. We will publish what \
you send us beside our reading, in your own words if you wish.

((close)),
""",
    ),
)


def load_starters(session: Session, *, at: datetime) -> int:
    """Write the starters where there are no templates at all; returns how many were written.

    So those a group has renamed, edited or archived never come back.
    """
    if session.scalar(select(LetterTemplate.id).limit(1)) is not None:
        return 0
    for starter in STARTERS:
        write_template(
            session,
            name=starter.name,
            purpose=starter.purpose,
            subject=starter.subject,
            body=starter.body,
            by=None,
            at=at,
            is_starter=True,
        )
    return len(STARTERS)
