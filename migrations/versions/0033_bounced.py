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
    bounced = op.get_bind().scalar(
        sa.text("SELECT count(*) FROM letter WHERE bounced_on IS NOT NULL")
    )
    if bounced:
        raise RuntimeError(
            f"{bounced} letters are recorded as bounced. The version before would count them as "
            "sent, and chase their readers: restore a copy from before the upgrade."
        )
    op.drop_column("letter", "bounced_why")
    op.drop_column("letter", "bounced_on")
