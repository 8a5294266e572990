"""Every list of follow-ups is counted and ordered by an index, however long it is."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0025_follow_up_lists"
down_revision: str | None = "0024_outbox_html"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

READERS = ["asleep_until", "visible_to", "author_id", "member_organisation_id"]
BY_DAY = ["state", "due_on", "id", *READERS]


def upgrade() -> None:
    op.drop_index("ix_follow_up_by_day", table_name="follow_up")
    op.create_index("ix_follow_up_by_day", "follow_up", [*BY_DAY, "waiting_on_them"])
    op.create_index("ix_follow_up_by_done", "follow_up", ["done_at", "id", "state", *READERS])
    if op.get_context().dialect.name == "postgresql":
        newest = [sa.text("done_at DESC NULLS LAST"), sa.text("id DESC")]
        op.create_index("ix_follow_up_newest_done", "follow_up", newest)


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.drop_index("ix_follow_up_newest_done", table_name="follow_up")
    op.drop_index("ix_follow_up_by_done", table_name="follow_up")
    op.drop_index("ix_follow_up_by_day", table_name="follow_up")
    op.create_index("ix_follow_up_by_day", "follow_up", BY_DAY)
