"""National strands of work."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0013_workstreams"
down_revision: str | None = "0012_meetings"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "workstream",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_workstream_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workstream")),
        sa.UniqueConstraint("name", name=op.f("uq_workstream_name")),
    )

    op.create_table(
        "workstream_date",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workstream_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("falls_on", sa.Date(), nullable=False),
        sa.Column(
            "precision",
            sa.Enum("day", "month", "season", name="dateprecision", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("source", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workstream_id"], ["workstream.id"], name=op.f("fk_workstream_date_workstream_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workstream_date")),
    )

    with op.batch_alter_table("workstream_date", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_workstream_date_workstream_id"), ["workstream_id"], unique=False
        )

    op.create_table(
        "workstream_interaction",
        sa.Column("workstream_id", sa.Integer(), nullable=False),
        sa.Column("interaction_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["interaction_id"],
            ["interaction.id"],
            name=op.f("fk_workstream_interaction_interaction_id"),
        ),
        sa.ForeignKeyConstraint(
            ["workstream_id"],
            ["workstream.id"],
            name=op.f("fk_workstream_interaction_workstream_id"),
        ),
        sa.PrimaryKeyConstraint(
            "workstream_id", "interaction_id", name=op.f("pk_workstream_interaction")
        ),
    )

    with op.batch_alter_table("workstream_interaction", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_workstream_interaction_interaction_id"), ["interaction_id"], unique=False
        )

    op.create_table(
        "workstream_organisation",
        sa.Column("workstream_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_workstream_organisation_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["workstream_id"],
            ["workstream.id"],
            name=op.f("fk_workstream_organisation_workstream_id"),
        ),
        sa.PrimaryKeyConstraint(
            "workstream_id", "organisation_id", name=op.f("pk_workstream_organisation")
        ),
    )

    with op.batch_alter_table("workstream_organisation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_workstream_organisation_organisation_id"),
            ["organisation_id"],
            unique=False,
        )

    op.create_table(
        "workstream_paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workstream_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("publisher_id", sa.Integer(), nullable=True),
        sa.Column("link", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["publisher_id"], ["organisation.id"], name=op.f("fk_workstream_paper_publisher_id")
        ),
        sa.ForeignKeyConstraint(
            ["workstream_id"], ["workstream.id"], name=op.f("fk_workstream_paper_workstream_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workstream_paper")),
    )

    with op.batch_alter_table("workstream_paper", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_workstream_paper_workstream_id"), ["workstream_id"], unique=False
        )

    op.create_table(
        "workstream_point",
        sa.Column("workstream_id", sa.Integer(), nullable=False),
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["point_id"], ["point.id"], name=op.f("fk_workstream_point_point_id")
        ),
        sa.ForeignKeyConstraint(
            ["workstream_id"], ["workstream.id"], name=op.f("fk_workstream_point_workstream_id")
        ),
        sa.PrimaryKeyConstraint("workstream_id", "point_id", name=op.f("pk_workstream_point")),
    )

    with op.batch_alter_table("workstream_point", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_workstream_point_point_id"), ["point_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("workstream_point", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_workstream_point_point_id"))

    op.drop_table("workstream_point")

    with op.batch_alter_table("workstream_paper", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_workstream_paper_workstream_id"))

    op.drop_table("workstream_paper")

    with op.batch_alter_table("workstream_organisation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_workstream_organisation_organisation_id"))

    op.drop_table("workstream_organisation")

    with op.batch_alter_table("workstream_interaction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_workstream_interaction_interaction_id"))

    op.drop_table("workstream_interaction")

    with op.batch_alter_table("workstream_date", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_workstream_date_workstream_id"))

    op.drop_table("workstream_date")

    op.drop_table("workstream")
