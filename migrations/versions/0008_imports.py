"""Files of leads and what each import did."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008_imports"
down_revision: str | None = "0007_letters"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "lead_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("file_sha256", sa.String(), nullable=False),
        sa.Column("imported_at", sa.DateTime(), nullable=False),
        sa.Column("imported_by_id", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.Column("new_count", sa.Integer(), nullable=False),
        sa.Column("changed_count", sa.Integer(), nullable=False),
        sa.Column("unchanged_count", sa.Integer(), nullable=False),
        sa.Column("problem_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["imported_by_id"], ["user.id"], name=op.f("fk_lead_import_imported_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["user.id"], name=op.f("fk_lead_import_undone_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_import")),
    )
    with op.batch_alter_table("lead_import", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_lead_import_file_sha256"), ["file_sha256"], unique=False
        )

    op.create_table(
        "lead_import_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_import_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "problem",
                "new",
                "changed",
                "unchanged",
                name="outcome",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("where", sa.String(), nullable=False),
        sa.Column("story", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_import_id"],
            ["lead_import.id"],
            name=op.f("fk_lead_import_row_lead_import_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_import_row")),
    )
    with op.batch_alter_table("lead_import_row", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_lead_import_row_lead_import_id"), ["lead_import_id"], unique=False
        )

    op.create_table(
        "lead_import_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_import_id", sa.Integer(), nullable=False),
        sa.Column("table", sa.String(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("old", sa.Text(), nullable=True),
        sa.Column("new", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_import_id"],
            ["lead_import.id"],
            name=op.f("fk_lead_import_change_lead_import_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_import_change")),
    )
    with op.batch_alter_table("lead_import_change", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_lead_import_change_lead_import_id"), ["lead_import_id"], unique=False
        )

    op.create_table(
        "lead_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("file_sha256", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("lead_import_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["lead_import_id"], ["lead_import.id"], name=op.f("fk_lead_file_lead_import_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_lead_file_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_file")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_lead_file_token_hash")),
    )
    with op.batch_alter_table("lead_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lead_file_user_id"), ["user_id"], unique=False)


def downgrade() -> None:
    for table, column in (
        ("lead_file", "user_id"),
        ("lead_import_change", "lead_import_id"),
        ("lead_import_row", "lead_import_id"),
        ("lead_import", "file_sha256"),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(batch_op.f(f"ix_{table}_{column}"))
        op.drop_table(table)
