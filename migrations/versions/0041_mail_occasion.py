"""Why there is an email to a colleague: from a copy only what was asked for there leaves at once.

Those that were in the queue before count as written by Liaise itself, and wait.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0041_mail_occasion"
down_revision: str | None = "0040_look_first"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(
        "message",
        sa.Column(
            "occasion",
            sa.Enum("asked for", "told", "morning", name="occasion", native_enum=False, length=30),
            server_default="told",
            nullable=False,
        ),
    )


def downgrade() -> None:
    op.execute("UPDATE message SET state = 'refused' WHERE state = 'withdrawn'")
    op.drop_column("message", "occasion")
