"""What a file is about: leads, or letters sent outside Liaise."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0017_import_kinds"
down_revision: str | None = "0016_set_up_hidden"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("lead_import", "lead_file")


def upgrade() -> None:
    for table in TABLES:
        # Whatever was imported until now were leads.
        op.add_column(
            table,
            sa.Column(
                "kind",
                sa.Enum("leads", "letters", name="kind", native_enum=False, length=30),
                nullable=False,
                server_default="leads",
            ),
        )
        with op.batch_alter_table(table) as batch:
            batch.alter_column("kind", server_default=None)


def downgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table) as batch:
            batch.drop_column("kind")
