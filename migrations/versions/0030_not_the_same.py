"""Two people who look like one, and of whom somebody said that they are two."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0030_not_the_same"
down_revision: str | None = "0028_by_post"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "not_the_same",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.DateTime(), nullable=False),
        sa.Column("said_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("person_id < other_id", name=op.f("ck_not_the_same_lower_first")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_not_the_same_person_id")
        ),
        sa.ForeignKeyConstraint(["other_id"], ["person.id"], name=op.f("fk_not_the_same_other_id")),
        sa.ForeignKeyConstraint(
            ["said_by_id"], ["user.id"], name=op.f("fk_not_the_same_said_by_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "other_id", name=op.f("pk_not_the_same")),
    )
    op.create_index(op.f("ix_not_the_same_other_id"), "not_the_same", ["other_id"])


def downgrade() -> None:
    op.drop_table("not_the_same")
