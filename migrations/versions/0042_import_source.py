"""An import keeps where its details come from, as it was said once for the whole file."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0042_import_source"
down_revision: str | None = "0041_mail_occasion"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("lead_import", sa.Column("source", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("lead_import", "source")
