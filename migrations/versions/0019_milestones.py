"""Milestones, their dates, and how each body stands to them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0019_milestones"
down_revision: str | None = "0018_documents"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "milestone_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column(
            "comes",
            sa.Enum("yearly", "on event", "continuing", name="comes", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("month", sa.Integer(), nullable=True),
        sa.Column("day", sa.Integer(), nullable=True),
        sa.Column(
            "date_kind",
            sa.Enum(
                "statutory",
                "announced",
                "actual",
                "entered",
                name="datekind",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("document_type_id", sa.Integer(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("binds", sa.String(), nullable=False),
        sa.Column("binds_kinds", sa.JSON(), nullable=False),
        sa.Column("binds_only", sa.JSON(), nullable=False),
        sa.Column("asks_each", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "month IS NULL OR comes = 'yearly'", name=op.f("ck_milestone_series_day_of_a_year")
        ),
        sa.CheckConstraint(
            "(month IS NULL) = (day IS NULL)", name=op.f("ck_milestone_series_whole_day")
        ),
        sa.ForeignKeyConstraint(
            ["document_type_id"],
            ["document_type.id"],
            name=op.f("fk_milestone_series_document_type_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone_series")),
        sa.UniqueConstraint("code", name=op.f("uq_milestone_series_code")),
    )

    op.create_table(
        "milestone",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("series_id", sa.Integer(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "precision",
            sa.Enum(
                "day", "month", "season", "about", name="precision", native_enum=False, length=30
            ),
            nullable=False,
        ),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("happened_until", sa.Date(), nullable=True),
        sa.Column(
            "happened_precision",
            sa.Enum(
                "day", "month", "season", "about", name="precision", native_enum=False, length=30
            ),
            nullable=False,
        ),
        sa.Column("document_type_id", sa.Integer(), nullable=True),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("cancelled_why", sa.String(), nullable=False),
        sa.Column("form_token", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("binds", sa.String(), nullable=False),
        sa.Column("binds_kinds", sa.JSON(), nullable=False),
        sa.Column("binds_only", sa.JSON(), nullable=False),
        sa.Column("asks_each", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "cancelled_on IS NULL OR cancelled_why <> ''",
            name=op.f("ck_milestone_cancelled_with_why"),
        ),
        sa.CheckConstraint(
            "(series_id IS NULL) = (year IS NULL)", name=op.f("ck_milestone_year_of_a_series")
        ),
        sa.CheckConstraint(
            "happened_until IS NULL OR happened_until >= happened_on",
            name=op.f("ck_milestone_ends_after_start"),
        ),
        sa.ForeignKeyConstraint(
            ["document_type_id"], ["document_type.id"], name=op.f("fk_milestone_document_type_id")
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["milestone_series.id"], name=op.f("fk_milestone_series_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone")),
        sa.UniqueConstraint("code", name=op.f("uq_milestone_code")),
        sa.UniqueConstraint("form_token", name=op.f("uq_milestone_form_token")),
        sa.UniqueConstraint("series_id", "year", name=op.f("uq_milestone_series_id_year")),
    )

    with op.batch_alter_table("milestone", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_milestone_document_type_id"), ["document_type_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_milestone_due_on"), ["due_on"], unique=False)

    op.create_table(
        "milestone_bulk_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("milestone_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.Column("form_token", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_milestone_bulk_mark_by_id")),
        sa.ForeignKeyConstraint(
            ["milestone_id"], ["milestone.id"], name=op.f("fk_milestone_bulk_mark_milestone_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone_bulk_mark")),
        sa.UniqueConstraint("form_token", name=op.f("uq_milestone_bulk_mark_form_token")),
    )

    with op.batch_alter_table("milestone_bulk_mark", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_milestone_bulk_mark_by_id_at"), ["by_id", "at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_milestone_bulk_mark_milestone_id"), ["milestone_id"], unique=False
        )

    op.create_table(
        "milestone_date",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("milestone_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "statutory",
                "announced",
                "actual",
                "entered",
                name="datekind",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("falls_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column(
            "precision",
            sa.Enum(
                "day", "month", "season", "about", name="precision", native_enum=False, length=30
            ),
            nullable=False,
        ),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("replaced_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "until IS NULL OR until >= falls_on", name=op.f("ck_milestone_date_ends_after_start")
        ),
        sa.ForeignKeyConstraint(
            ["milestone_id"], ["milestone.id"], name=op.f("fk_milestone_date_milestone_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user.id"], name=op.f("fk_milestone_date_recorded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone_date")),
    )

    with op.batch_alter_table("milestone_date", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_milestone_date_milestone_id_kind"),
            ["milestone_id", "kind"],
            unique=False,
        )

    op.create_table(
        "milestone_standing",
        sa.Column("milestone_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("met", "not applicable", name="standingstate", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(state = 'met') = (met_on IS NOT NULL)",
            name=op.f("ck_milestone_standing_met_on_when_met"),
        ),
        sa.CheckConstraint(
            "document_id IS NOT NULL OR note <> ''", name=op.f("ck_milestone_standing_evidence")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_milestone_standing_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["milestone_id"], ["milestone.id"], name=op.f("fk_milestone_standing_milestone_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_milestone_standing_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user.id"], name=op.f("fk_milestone_standing_recorded_by_id")
        ),
        sa.PrimaryKeyConstraint(
            "milestone_id", "organisation_id", name=op.f("pk_milestone_standing")
        ),
    )

    with op.batch_alter_table("milestone_standing", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_milestone_standing_document_id"), ["document_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_milestone_standing_organisation_id"), ["organisation_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("milestone_standing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_milestone_standing_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_milestone_standing_document_id"))

    op.drop_table("milestone_standing")

    with op.batch_alter_table("milestone_date", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_milestone_date_milestone_id_kind"))

    op.drop_table("milestone_date")

    with op.batch_alter_table("milestone_bulk_mark", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_milestone_bulk_mark_milestone_id"))
        batch_op.drop_index(batch_op.f("ix_milestone_bulk_mark_by_id_at"))

    op.drop_table("milestone_bulk_mark")

    with op.batch_alter_table("milestone", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_milestone_due_on"))
        batch_op.drop_index(batch_op.f("ix_milestone_document_type_id"))

    op.drop_table("milestone")

    op.drop_table("milestone_series")
