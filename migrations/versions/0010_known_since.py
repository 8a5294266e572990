"""Since when an appointment without a first day is known to us."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010_known_since"
down_revision: str | None = "0009_demo"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("appointment") as table:
        table.add_column(sa.Column("known_since", sa.Date(), nullable=True))
    op.execute("UPDATE appointment SET known_since = checked_on")


def downgrade() -> None:
    with op.batch_alter_table("appointment") as table:
        table.drop_column("known_since")
