"""Mail to our own users may have a second form, for programs that show HTML."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0024_outbox_html"
down_revision: str | None = "0023_chasers"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("message") as table:
        table.add_column(sa.Column("html", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("message") as table:
        table.alter_column("html", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("message") as table:
        table.drop_column("html")
