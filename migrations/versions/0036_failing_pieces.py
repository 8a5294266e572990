"""Pieces of a job's work that fail, so that whoever looks after Liaise is told of them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0036_failing_pieces"
down_revision: str | None = "0035_words_of_starters"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "failing_piece",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("for_coordinators", sa.Boolean(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("tried_at", sa.DateTime(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_failing_piece")),
    )


def downgrade() -> None:
    op.drop_table("failing_piece")
