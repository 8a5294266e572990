"""Whether Home may stop mentioning what is left of the setting up."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0016_set_up_hidden"
down_revision: str | None = "0015_calendar_feeds"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("settings") as table:
        table.add_column(
            sa.Column("set_up_hidden", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("settings") as table:
        table.alter_column("set_up_hidden", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("settings") as table:
        table.drop_column("set_up_hidden")
