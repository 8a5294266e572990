"""Whoever may approve letters may also read them.

A user could be given *approve* alone, and release letters no page would show them. They get
*view*, and their history says so.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision: str = "0032_approve_with_view"
down_revision: str | None = "0031_next_letter"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

USER = sa.table("user", sa.column("id", sa.Integer), sa.column("permissions", sa.JSON))
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
VALUE = sa.table(
    "audit_value",
    sa.column("event_id", sa.Integer),
    *(sa.column(name, sa.Text) for name in ("field", "old", "new")),
)


def upgrade() -> None:
    connection = op.get_bind()
    for user_id, permissions in connection.execute(sa.select(USER.c.id, USER.c.permissions)).all():
        if "approve" in permissions and "view" not in permissions:
            _give_view(connection, user_id, permissions)


def _give_view(connection: sa.Connection, user_id: int, before: list[str]) -> None:
    now = ["view", *before]
    connection.execute(sa.update(USER).where(USER.c.id == user_id).values(permissions=now))
    event_id = connection.execute(
        sa.insert(EVENT)
        .values(
            at=datetime.now(UTC).replace(tzinfo=None),
            actor_name="Liaise",
            action="permissions changed",
            kind="user",
            record_id=user_id,
            summary=f"Now: {', '.join(now)}. Whoever may approve letters has to be able to read "
            "them.",
        )
        .returning(EVENT.c.id)
    ).scalar_one()
    connection.execute(sa.insert(SUBJECT).values(event_id=event_id, kind="user", record_id=user_id))
    connection.execute(
        sa.insert(VALUE).values(
            event_id=event_id,
            field="permissions",
            old=json.dumps(before),
            new=json.dumps(now),
        )
    )


def downgrade() -> None:
    """They keep it: taking a permission away is for a person to decide."""
