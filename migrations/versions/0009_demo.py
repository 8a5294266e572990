"""What the demo data added and changed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009_demo"
down_revision: str | None = "0008_imports"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "demo_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("table", sa.String(), nullable=False),
        sa.Column("key", sa.JSON(), nullable=False),
        sa.Column("old", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demo_row")),
    )


def downgrade() -> None:
    op.drop_table("demo_row")
