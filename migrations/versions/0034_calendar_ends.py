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
    op.drop_column("user", "all_ended_at")
