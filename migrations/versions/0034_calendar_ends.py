"""A calendar address ends when its owner signs out everywhere or changes the password."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0034_calendar_ends"
down_revision: str | None = "0033_bounced"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("user", sa.Column("all_ended_at", sa.DateTime(), nullable=True))


def downgrade() -> None:
    """The version before knows of no end, so an address that had ended would answer again."""
    op.execute(
        sa.text(
            'DELETE FROM calendar_feed WHERE EXISTS (SELECT 1 FROM "user" WHERE "user".id = '
            'calendar_feed.user_id AND "user".all_ended_at >= calendar_feed.made_at)'
        )
    )
    op.drop_column("user", "all_ended_at")
