"""Starter templates that nobody has edited get new words.

The first letter and the chaser wrote “to you as Executive Lead” where nobody is named in the post,
and the offer promised a reading of the plan that Liaise cannot make. A template is a starter for as
long as nobody has changed its words; mailings keep the version they were begun with.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision: str = "0035_words_of_starters"
down_revision: str | None = "0034_calendar_ends"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TEMPLATE = sa.table(
    "letter_template",
    sa.column("id", sa.Integer),
    sa.column("name", sa.Text),
    sa.column("purpose", sa.Text),
    sa.column("is_starter", sa.Boolean),
)
VERSION = sa.table(
    "template_version",
    *(sa.column(name, sa.Integer) for name in ("id", "template_id", "number", "written_by_id")),
    *(sa.column(name, sa.Text) for name in ("subject", "body")),
    sa.column("written_at", sa.DateTime),
)
EVENT = sa.table(
    "audit_event",
    sa.column("id", sa.Integer),
    sa.column("at", sa.DateTime),
    *(sa.column(name, sa.Text) for name in ("actor_name", "action", "kind", "summary")),
    sa.column("record_id", sa.Integer),
)
SUBJECT = sa.table(
    "audit_subject",
    *(sa.column(name, sa.Integer) for name in ("event_id", "record_id")),
    sa.column("kind", sa.Text),
)

# By name: subject and body.
WORDS = {
    "Offer of support": (
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
    "Offer of support, lead not known": (
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
    "Chaser": (
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
    "Thanks after a meeting": (
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
    "Invitation to comment": (
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
}
# By name: the line that says what it is for, as it was and as it is.
PURPOSES = {
    "Offer of support, lead not known": (
        "The same offer, by way of the office of the chair or chief executive.",
        "The same offer, sent to the office of the chair or chief executive.",
    ),
    "Invitation to comment": (
        "Before a reading of a plan is published, its board can put right what we got wrong.",
        "Before a reading of a plan is published, so that its board can correct our mistakes.",
    ),
}


def upgrade() -> None:
    connection = op.get_bind()
    starters = sa.select(TEMPLATE.c.id, TEMPLATE.c.name, TEMPLATE.c.purpose).where(
        TEMPLATE.c.is_starter.is_(True)
    )
    for template_id, name, purpose in connection.execute(starters).all():
        if name in WORDS:
            _give_words(connection, template_id, *WORDS[name])
        if name in PURPOSES and purpose == PURPOSES[name][0]:
            connection.execute(
                sa.update(TEMPLATE)
                .where(TEMPLATE.c.id == template_id)
                .values(purpose=PURPOSES[name][1])
            )


def _give_words(connection: sa.Connection, template_id: int, subject: str, body: str) -> None:
    latest = connection.execute(
        sa.select(VERSION.c.number, VERSION.c.subject, VERSION.c.body)
        .where(VERSION.c.template_id == template_id)
        .order_by(VERSION.c.number.desc())
        .limit(1)
    ).one()
    if (latest.subject, latest.body) == (subject, body):
        return
    now, number = datetime.now(UTC).replace(tzinfo=None), latest.number + 1
    connection.execute(
        sa.insert(VERSION).values(
            template_id=template_id, number=number, subject=subject, body=body, written_at=now
        )
    )
    event_id = connection.execute(
        sa.insert(EVENT)
        .values(
            at=now,
            actor_name="Liaise",
            action="changed",
            kind="letter_template",
            record_id=template_id,
            summary=f"Version {number}: new words for a starter that nobody has edited.",
        )
        .returning(EVENT.c.id)
    ).scalar_one()
    connection.execute(
        sa.insert(SUBJECT).values(event_id=event_id, kind="letter_template", record_id=template_id)
    )


def downgrade() -> None:
    """The new words stay: mailings may have been begun with them."""
