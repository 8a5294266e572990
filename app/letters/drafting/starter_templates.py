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

We are writing to you as ((role)) at ((board)).

((if several boards))
This letter is about all the boards you lead for: ((boards)).

((end))
((group name)) brings together organisations that work for the health of babies, children and \
young people. We would like to help you with what your next plan says about them. We can offer:

- a short reading of your current strategy and plan against seven criteria, with the page for \
each finding;
- evidence on what has worked in other systems;
- a conversation with people who use services, and with those who work in them.

None of this costs anything, and you may use it as you like.

Would you, or a colleague, have half an hour in the coming weeks? An answer to this letter is \
enough; we will find a time that suits you.

((close)),
""",
    ),
    Starter(
        "Offer of support, lead not known",
        "The same offer, by way of the office of the chair or chief executive.",
        "For the attention of the ((role)), ((system))",
        """\
((salutation)),

We address this letter to the ((role)) at ((board))((if stands in)), and send it to your office, \
((stands in))((end)). We would be grateful if you passed it on, and told us whom to write to in \
future.

((group name)) brings together organisations that work for the health of babies, children and \
young people. We would like to offer the board:

- a short reading of its current strategy and plan against seven criteria, with the page for \
each finding;
- evidence on what has worked in other systems;
- a conversation with people who use services, and with those who work in them.

None of this costs anything, and the board may use it as it likes. An answer to this letter is \
enough.

((close)),
""",
    ),
    Starter(
        CHASER,
        "To those who have not answered a letter; short, and easy to answer.",
        "Our letter about children and young people in ((system))",
        """\
((salutation)),

((if earlier letter date))On ((earlier letter date)) we wrote to you as ((role)) at ((board)): \
“((earlier letter subject))”.((end))((if first chaser date)) We wrote again on \
((first chaser date)).((end))((if no earlier letter))Some weeks ago we wrote to you as ((role)) at \
((board)) and offered our support.((end)) We have not heard from you, and know how full your days \
are.

If it would help to talk, please name a time. If somebody else is better placed, please tell us \
who. And if this is not for you at present, a word is enough and we will not write about it again.

((close)),
""",
    ),
    Starter(
        "Thanks after a meeting",
        "After a first conversation; add what was agreed before you send it.",
        "Thank you for meeting us",
        """\
((salutation)),

Thank you for the time you gave us, and for speaking so openly about children and young people \
in ((system)).

We promised to send you what we have. Please tell us if we have forgotten anything, or if \
something has changed on your side.

We look forward to hearing how things go.

((close)),
""",
    ),
    Starter(
        "Invitation to comment",
        "Before a reading of a plan is published, its board can put right what we got wrong.",
        "Your comments on our reading of the plan for ((system))",
        """\
((salutation)),

We have read the current strategy and plan for ((system)) for what they say about babies, \
children and young people. Before anybody else sees what we found, we would like you to see it.

Please tell us within four weeks where we have missed or misread something. What you send us \
will stand beside our reading, in your own words if you wish.

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
