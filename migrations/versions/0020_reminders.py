"""Reminder rules and their occurrences; days our own offices are shut."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0020_reminders"
down_revision: str | None = "0019_milestones"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "closed_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_closed_day")),
    )

    op.create_table(
        "reminder_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=True),
        sa.Column("milestone_id", sa.Integer(), nullable=True),
        sa.Column("offsets", sa.JSON(), nullable=False),
        sa.Column(
            "days",
            sa.Enum("calendar", "working", name="days", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("repeat_every", sa.Integer(), nullable=True),
        sa.Column(
            "repeat_unit",
            sa.Enum("days", "weeks", "months", name="every", native_enum=False, length=30),
            nullable=True,
        ),
        sa.Column("at_time", sa.String(), nullable=False),
        sa.Column(
            "audience",
            sa.Enum("owner", "person", "permission", name="audience", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("permission", sa.String(), nullable=True),
        sa.Column("catch_up_days", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("in_force_from", sa.DateTime(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("planned_up_to", sa.DateTime(), nullable=True),
        sa.Column("stopped_at", sa.DateTime(), nullable=True),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("form_token", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(audience = 'permission') = (permission IS NOT NULL)",
            name=op.f("ck_reminder_rule_permission"),
        ),
        sa.CheckConstraint(
            "(audience = 'person') = (user_id IS NOT NULL)", name=op.f("ck_reminder_rule_person")
        ),
        sa.CheckConstraint(
            "(repeat_every IS NULL) = (repeat_unit IS NULL)",
            name=op.f("ck_reminder_rule_whole_repeat"),
        ),
        sa.CheckConstraint(
            "(series_id IS NULL) <> (milestone_id IS NULL)",
            name=op.f("ck_reminder_rule_one_target"),
        ),
        sa.CheckConstraint("catch_up_days >= 0", name=op.f("ck_reminder_rule_catch_up")),
        sa.CheckConstraint(
            "repeat_every IS NULL OR repeat_every > 0", name=op.f("ck_reminder_rule_repeat_forward")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["user.id"], name=op.f("fk_reminder_rule_made_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["milestone_id"], ["milestone.id"], name=op.f("fk_reminder_rule_milestone_id")
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["milestone_series.id"], name=op.f("fk_reminder_rule_series_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_reminder_rule_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_rule")),
        sa.UniqueConstraint("form_token", name=op.f("uq_reminder_rule_form_token")),
    )

    with op.batch_alter_table("reminder_rule", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_reminder_rule_milestone_id"), ["milestone_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_reminder_rule_series_id"), ["series_id"], unique=False)

    op.create_table(
        "reminder_occurrence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("milestone_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_time", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "fired",
                "skipped",
                "superseded",
                "expired",
                name="occurrencestate",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("settled_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["milestone_id"], ["milestone.id"], name=op.f("fk_reminder_occurrence_milestone_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_reminder_occurrence_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["reminder_rule.id"], name=op.f("fk_reminder_occurrence_rule_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_occurrence")),
    )

    with op.batch_alter_table("reminder_occurrence", schema=None) as batch_op:
        batch_op.create_index(
            "ix_reminder_occurrence_due",
            ["due_on", "due_time", "id"],
            unique=False,
            postgresql_where=sa.text("state = 'planned'"),
            sqlite_where=sa.text("state = 'planned'"),
        )
        batch_op.create_index(
            batch_op.f("ix_reminder_occurrence_milestone_id"), ["milestone_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_reminder_occurrence_organisation_id"), ["organisation_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_reminder_occurrence_rule_id_state"), ["rule_id", "state"], unique=False
        )
        batch_op.create_index(
            "uq_reminder_occurrence_body",
            ["rule_id", "milestone_id", "organisation_id", "step"],
            unique=True,
            postgresql_where=sa.text("organisation_id IS NOT NULL"),
            sqlite_where=sa.text("organisation_id IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_reminder_occurrence_no_body",
            ["rule_id", "milestone_id", "step"],
            unique=True,
            postgresql_where=sa.text("organisation_id IS NULL"),
            sqlite_where=sa.text("organisation_id IS NULL"),
        )

    op.create_table(
        "reminded",
        sa.Column("occurrence_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["reminder_occurrence.id"], name=op.f("fk_reminded_occurrence_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_reminded_user_id")),
        sa.PrimaryKeyConstraint("occurrence_id", "user_id", name=op.f("pk_reminded")),
    )

    with op.batch_alter_table("reminded", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reminded_user_id_at"), ["user_id", "at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("reminded", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reminded_user_id_at"))

    op.drop_table("reminded")

    with op.batch_alter_table("reminder_occurrence", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_reminder_occurrence_no_body",
            postgresql_where=sa.text("organisation_id IS NULL"),
            sqlite_where=sa.text("organisation_id IS NULL"),
        )
        batch_op.drop_index(
            "uq_reminder_occurrence_body",
            postgresql_where=sa.text("organisation_id IS NOT NULL"),
            sqlite_where=sa.text("organisation_id IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_reminder_occurrence_rule_id_state"))
        batch_op.drop_index(batch_op.f("ix_reminder_occurrence_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_reminder_occurrence_milestone_id"))
        batch_op.drop_index(
            "ix_reminder_occurrence_due",
            postgresql_where=sa.text("state = 'planned'"),
            sqlite_where=sa.text("state = 'planned'"),
        )

    op.drop_table("reminder_occurrence")

    with op.batch_alter_table("reminder_rule", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reminder_rule_series_id"))
        batch_op.drop_index(batch_op.f("ix_reminder_rule_milestone_id"))

    op.drop_table("reminder_rule")

    op.drop_table("closed_day")
