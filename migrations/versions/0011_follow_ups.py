"""What somebody owes somebody by a date."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011_follow_ups"
down_revision: str | None = "0010_known_since"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "follow_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "priority",
            sa.Enum("high", "normal", "low", name="priority", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("waiting_on_them", sa.Boolean(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("record_kind", sa.String(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("open", "done", "dropped", name="followupstate", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asleep_until", sa.Date(), nullable=True),
        sa.Column(
            "repeats",
            sa.Enum(
                "never",
                "weekly",
                "fortnightly",
                "monthly",
                "quarterly",
                "yearly",
                name="repeats",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("repeat_from", sa.Date(), nullable=True),
        sa.Column("repeat_of_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.Column("form_token", sa.String(), nullable=True),
        sa.Column(
            "visible_to",
            sa.Enum("group", "member", "author", name="visibility", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("member_organisation_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'done') = (done_at IS NOT NULL)", name=op.f("ck_follow_up_done_at_when_done")
        ),
        sa.CheckConstraint(
            "state <> 'dropped' OR reason <> ''", name=op.f("ck_follow_up_dropped_with_reason")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_follow_up_author_id")),
        sa.ForeignKeyConstraint(["done_by_id"], ["user.id"], name=op.f("fk_follow_up_done_by_id")),
        sa.ForeignKeyConstraint(
            ["member_organisation_id"],
            ["member_organisation.id"],
            name=op.f("fk_follow_up_member_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_follow_up_organisation_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_follow_up_owner_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_follow_up_person_id")),
        sa.ForeignKeyConstraint(
            ["repeat_of_id"], ["follow_up.id"], name=op.f("fk_follow_up_repeat_of_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
        sa.UniqueConstraint("form_token", name=op.f("uq_follow_up_form_token")),
        sa.UniqueConstraint("repeat_of_id", name=op.f("uq_follow_up_repeat_of_id")),
    )

    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_follow_up_organisation_id"), ["organisation_id"], unique=False
        )
        batch_op.create_index(
            "ix_follow_up_by_owner",
            [
                *("owner_id", "state", "due_on", "id"),
                *("asleep_until", "visible_to", "author_id", "member_organisation_id"),
            ],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_follow_up_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "ix_follow_up_by_day",
            [
                *("state", "due_on", "id"),
                *("asleep_until", "visible_to", "author_id", "member_organisation_id"),
            ],
            unique=False,
        )

    op.create_table(
        "follow_up_bulk_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column(
            "field",
            sa.Enum("owner", "due", name="bulkfield", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("set_to", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.Column("form_token", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"], ["user.id"], name=op.f("fk_follow_up_bulk_change_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up_bulk_change")),
        sa.UniqueConstraint("form_token", name=op.f("uq_follow_up_bulk_change_form_token")),
    )
    with op.batch_alter_table("follow_up_bulk_change", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_follow_up_bulk_change_by_id_at"), ["by_id", "at"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("follow_up_bulk_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_follow_up_bulk_change_by_id_at"))

    op.drop_table("follow_up_bulk_change")
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.drop_index("ix_follow_up_by_day")
        batch_op.drop_index(batch_op.f("ix_follow_up_person_id"))
        batch_op.drop_index("ix_follow_up_by_owner")
        batch_op.drop_index(batch_op.f("ix_follow_up_organisation_id"))

    op.drop_table("follow_up")
