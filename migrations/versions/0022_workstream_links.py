"""Milestones and documents of a strand."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0022_workstream_links"
down_revision: str | None = "0021_digests"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "workstream_document",
        sa.Column("workstream_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_workstream_document_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["workstream_id"], ["workstream.id"], name=op.f("fk_workstream_document_workstream_id")
        ),
        sa.PrimaryKeyConstraint(
            "workstream_id", "document_id", name=op.f("pk_workstream_document")
        ),
    )

    with op.batch_alter_table("workstream_document", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_workstream_document_document_id"), ["document_id"], unique=False
        )

    op.create_table(
        "workstream_milestone",
        sa.Column("workstream_id", sa.Integer(), nullable=False),
        sa.Column("milestone_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["milestone_id"], ["milestone.id"], name=op.f("fk_workstream_milestone_milestone_id")
        ),
        sa.ForeignKeyConstraint(
            ["workstream_id"], ["workstream.id"], name=op.f("fk_workstream_milestone_workstream_id")
        ),
        sa.PrimaryKeyConstraint(
            "workstream_id", "milestone_id", name=op.f("pk_workstream_milestone")
        ),
    )

    with op.batch_alter_table("workstream_milestone", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_workstream_milestone_milestone_id"), ["milestone_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("workstream_milestone", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_workstream_milestone_milestone_id"))

    op.drop_table("workstream_milestone")

    with op.batch_alter_table("workstream_document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_workstream_document_document_id"))

    op.drop_table("workstream_document")
