"""For which day of a milestone a reminder was given, so that a move can be asked about."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0037_told_for"
down_revision: str | None = "0036_failing_pieces"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("reminder_occurrence", sa.Column("told_for", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("reminder_occurrence", "told_for")
