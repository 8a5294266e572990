"""Follow-ups typed while logging are on the page of their meeting.

The form for logging made a follow-up, the page of the meeting made a point with its follow-up. What
the form made carries the form's own token, so it is known for certain, and gets its point. Left as
they are: those dropped since, as the day of that is not in their row, and those that repeat, which
no point does. They are found by the bodies of their meeting like any other.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision: str = "0039_logged_follow_ups"
down_revision: str | None = "0038_milestone_titles"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INTERACTION = sa.table(
    "interaction",
    sa.column("id", sa.Integer),
    sa.column("happened_on", sa.Date),
    sa.column("form_token", sa.Text),
)
FOLLOW_UP = sa.table(
    "follow_up",
    *(sa.column(name, sa.Integer) for name in ("id", "organisation_id", "person_id")),
    *(sa.column(name, sa.Integer) for name in ("author_id", "member_organisation_id")),
    *(sa.column(name, sa.Integer) for name in ("record_id", "repeat_of_id")),
    *(sa.column(name, sa.Text) for name in ("what", "record_kind", "state", "repeats")),
    *(sa.column(name, sa.Text) for name in ("priority", "visible_to", "form_token")),
    sa.column("due_on", sa.Date),
    sa.column("created_at", sa.DateTime),
    sa.column("done_at", sa.DateTime),
)
SAME = (
    *("organisation_id", "person_id", "due_on", "priority", "form_token"),
    *("author_id", "member_organisation_id", "visible_to"),
)
POINT = sa.table(
    "point",
    *(sa.column(name, FOLLOW_UP.c[name].type) for name in SAME),
    sa.column("interaction_id", sa.Integer),
    sa.column("follow_up_id", sa.Integer),
    *(sa.column(name, sa.Text) for name in ("kind", "text", "state", "evidence", "evidence_link")),
    sa.column("made_on", sa.Date),
    sa.column("settled_on", sa.Date),
    sa.column("written_at", sa.DateTime),
)


def upgrade() -> None:
    connection = op.get_bind()
    with_points = sa.select(POINT.c.follow_up_id).where(POINT.c.follow_up_id.is_not(None))
    typed_while_logging = (
        sa.select(FOLLOW_UP, INTERACTION.c.happened_on)
        .join(INTERACTION, INTERACTION.c.id == FOLLOW_UP.c.record_id)
        .where(
            FOLLOW_UP.c.record_kind == "interaction",
            FOLLOW_UP.c.form_token == INTERACTION.c.form_token,
            FOLLOW_UP.c.state.in_(("open", "done")),
            FOLLOW_UP.c.repeats == "never",
            FOLLOW_UP.c.repeat_of_id.is_(None),
            FOLLOW_UP.c.id.not_in(with_points),
        )
        .order_by(FOLLOW_UP.c.id)
    )
    points = [_point(row) for row in connection.execute(typed_while_logging).mappings()]
    if points:
        connection.execute(sa.insert(POINT), points)


def _point(row: sa.RowMapping) -> dict[str, object]:
    is_done = row["state"] == "done"
    return {name: row[name] for name in SAME} | {
        "interaction_id": row["record_id"],
        "follow_up_id": row["id"],
        "kind": "follow-up",
        "text": row["what"],
        "state": "kept" if is_done else "open",
        "evidence": "",
        "evidence_link": "",
        "made_on": min(row["happened_on"], _day(row["created_at"])),
        "settled_on": _day(row["done_at"]) if is_done else None,
        "written_at": row["created_at"],
    }


def _day(at: datetime) -> date:
    return at.replace(tzinfo=UTC).astimezone(ZoneInfo("Europe/London")).date()


def downgrade() -> None:
    """The follow-ups were there before: only the points go that share their form's token."""
    connection = op.get_bind()
    same = sa.select(FOLLOW_UP.c.id).where(FOLLOW_UP.c.form_token == POINT.c.form_token)
    connection.execute(sa.delete(POINT).where(POINT.c.follow_up_id.in_(same)))
