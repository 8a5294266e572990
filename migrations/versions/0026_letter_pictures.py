"""Pictures on letters: the logo and the signature as a letter shows them, whatever comes later."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0026_letter_pictures"
down_revision: str | None = "0025_follow_up_lists"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SHOWN = (
    ("signatory", "picture_id"),
    ("mailing", "logo_picture_id"),
    ("mailing", "signature_picture_id"),
)


def upgrade() -> None:
    op.create_table(
        "letter_picture",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_picture")),
        sa.UniqueConstraint("sha256", name=op.f("uq_letter_picture_sha256")),
    )
    for table, column in SHOWN:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column(column, sa.Integer(), nullable=True))
            batch.create_foreign_key(
                op.f(f"fk_{table}_{column}"), "letter_picture", [column], ["id"]
            )


def downgrade() -> None:
    for table, column in reversed(SHOWN):
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"fk_{table}_{column}"), type_="foreignkey")
            batch.drop_column(column)
    op.drop_table("letter_picture")
