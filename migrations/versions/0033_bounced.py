"""A letter that was sent may bounce: on which day, and why."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0033_bounced"
down_revision: str | None = "0032_approve_with_view"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("letter", sa.Column("bounced_on", sa.Date(), nullable=True))
    op.add_column("letter", sa.Column("bounced_why", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("letter", "bounced_why")
    op.drop_column("letter", "bounced_on")
