"""Meetings and more on the timeline: who may read them, what came of them, what is being typed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012_meetings"
down_revision: str | None = "0011_follow_ups"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "theme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["theme.id"], name=op.f("fk_theme_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_theme")),
        sa.UniqueConstraint("name", name=op.f("uq_theme_name")),
    )

    op.create_table(
        "draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("tab", sa.String(), nullable=False),
        sa.Column("tab_save", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("saved_at", sa.DateTime(), nullable=False),
        sa.Column("discarded_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_draft_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
    )

    op.create_index(
        "uq_draft_author_id_key",
        "draft",
        ["author_id", "key"],
        unique=True,
        sqlite_where=sa.text("discarded_at IS NULL"),
        postgresql_where=sa.text("discarded_at IS NULL"),
    )

    op.create_table(
        "interaction_theme",
        sa.Column("interaction_id", sa.Integer(), nullable=False),
        sa.Column("theme_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["interaction_id"], ["interaction.id"], name=op.f("fk_interaction_theme_interaction_id")
        ),
        sa.ForeignKeyConstraint(
            ["theme_id"], ["theme.id"], name=op.f("fk_interaction_theme_theme_id")
        ),
        sa.PrimaryKeyConstraint("interaction_id", "theme_id", name=op.f("pk_interaction_theme")),
    )

    with op.batch_alter_table("interaction_theme", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_interaction_theme_theme_id"), ["theme_id"], unique=False
        )

    op.create_table(
        "interaction_user",
        sa.Column("interaction_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["interaction_id"], ["interaction.id"], name=op.f("fk_interaction_user_interaction_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_interaction_user_user_id")),
        sa.PrimaryKeyConstraint("interaction_id", "user_id", name=op.f("pk_interaction_user")),
    )

    with op.batch_alter_table("interaction_user", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_interaction_user_user_id"), ["user_id"], unique=False)

    op.create_table(
        "offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("theme_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "offered",
                "accepted",
                "under way",
                "delivered",
                "declined",
                name="offerstate",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("offered_on", sa.Date(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("interaction_id", sa.Integer(), nullable=True),
        sa.Column("form_token", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["interaction_id"], ["interaction.id"], name=op.f("fk_offer_interaction_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_offer_organisation_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_offer_owner_id")),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], name=op.f("fk_offer_theme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("form_token", name=op.f("uq_offer_form_token")),
    )

    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_offer_organisation_id"), ["organisation_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_offer_state_offered_on"), ["state", "offered_on"], unique=False
        )

    op.create_table(
        "point",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("interaction_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "decision",
                "commitment",
                "follow-up",
                "question",
                name="pointkind",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "promised_by",
            sa.Enum("us", "them", name="promisedby", native_enum=False, length=30),
            nullable=True,
        ),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column(
            "priority",
            sa.Enum("high", "normal", "low", name="priority", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "kept",
                "broken",
                "withdrawn",
                name="pointstate",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("evidence_link", sa.String(), nullable=False),
        sa.Column("follow_up_id", sa.Integer(), nullable=True),
        sa.Column("written_at", sa.DateTime(), nullable=False),
        sa.Column("form_token", sa.String(), nullable=True),
        sa.Column(
            "visible_to",
            sa.Enum("group", "member", "author", name="visibility", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("member_organisation_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'open') = (settled_on IS NULL)", name=op.f("ck_point_settled_on_when_settled")
        ),
        sa.CheckConstraint(
            "kind <> 'commitment' OR promised_by IS NOT NULL",
            name=op.f("ck_point_commitment_has_a_side"),
        ),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_point_author_id")),
        sa.ForeignKeyConstraint(
            ["follow_up_id"], ["follow_up.id"], name=op.f("fk_point_follow_up_id")
        ),
        sa.ForeignKeyConstraint(
            ["interaction_id"], ["interaction.id"], name=op.f("fk_point_interaction_id")
        ),
        sa.ForeignKeyConstraint(
            ["member_organisation_id"],
            ["member_organisation.id"],
            name=op.f("fk_point_member_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_point_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_point_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point")),
        sa.UniqueConstraint("follow_up_id", name=op.f("uq_point_follow_up_id")),
        sa.UniqueConstraint("form_token", name=op.f("uq_point_form_token")),
    )

    with op.batch_alter_table("point", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_point_interaction_id"), ["interaction_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_point_kind_state_due_on_id"),
            ["kind", "state", "due_on", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_point_organisation_id"), ["organisation_id"], unique=False
        )

    op.create_table(
        "offer_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "offered",
                "accepted",
                "under way",
                "delivered",
                "declined",
                name="offerstate",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("reached_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_offer_step_by_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_offer_step_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer_step")),
    )

    with op.batch_alter_table("offer_step", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_offer_step_offer_id_reached_on"),
            ["offer_id", "reached_on"],
            unique=False,
        )

    # Not in a batch: rebuilding the table would lose the triggers that keep it append-only.
    op.add_column(
        "audit_event", sa.Column("readers", sa.String(), server_default="", nullable=False)
    )

    with op.batch_alter_table("interaction", schema=None) as batch_op:
        batch_op.add_column(sa.Column("starts_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("ends_at", sa.DateTime(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "state",
                sa.Enum(
                    "planned",
                    "held",
                    "cancelled",
                    name="interactionstate",
                    native_enum=False,
                    length=30,
                ),
                server_default="held",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("agenda", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("place", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("link", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("others", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(
            sa.Column(
                "visible_to",
                sa.Enum(
                    "group", "member", "author", name="visibility", native_enum=False, length=30
                ),
                server_default="group",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("member_organisation_id", sa.Integer(), nullable=True))
        batch_op.create_check_constraint(
            batch_op.f("ck_interaction_ends_after_start"),
            "ends_at IS NULL OR starts_at IS NOT NULL AND ends_at >= starts_at",
        )
        batch_op.create_index(
            batch_op.f("ix_interaction_state_starts_at"), ["state", "starts_at"], unique=False
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_interaction_member_organisation_id"),
            "member_organisation",
            ["member_organisation_id"],
            ["id"],
        )

    with op.batch_alter_table("interaction_person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("capacity", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    kept = op.get_bind().scalar(
        sa.text("SELECT count(*) FROM interaction WHERE visible_to <> 'group'")
    )
    if kept:
        raise RuntimeError(
            f"{kept} entries are kept from part of the group. The version before would show them "
            "to everybody: open or delete them first."
        )
    op.execute("UPDATE interaction SET kind = 'note' WHERE kind NOT IN ('note', 'call')")

    with op.batch_alter_table("interaction_person", schema=None) as batch_op:
        batch_op.drop_column("capacity")

    with op.batch_alter_table("interaction", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_interaction_ends_after_start"), type_="check")
        batch_op.drop_constraint(
            batch_op.f("fk_interaction_member_organisation_id"), type_="foreignkey"
        )
        batch_op.drop_index(batch_op.f("ix_interaction_state_starts_at"))
        batch_op.drop_column("member_organisation_id")
        batch_op.drop_column("visible_to")
        batch_op.drop_column("version")
        batch_op.drop_column("others")
        batch_op.drop_column("link")
        batch_op.drop_column("place")
        batch_op.drop_column("agenda")
        batch_op.drop_column("state")
        batch_op.drop_column("ends_at")
        batch_op.drop_column("starts_at")

    op.drop_column("audit_event", "readers")

    with op.batch_alter_table("offer_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_offer_step_offer_id_reached_on"))

    op.drop_table("offer_step")

    with op.batch_alter_table("point", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_point_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_point_kind_state_due_on_id"))
        batch_op.drop_index(batch_op.f("ix_point_interaction_id"))

    op.drop_table("point")

    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_offer_state_offered_on"))
        batch_op.drop_index(batch_op.f("ix_offer_organisation_id"))

    op.drop_table("offer")

    with op.batch_alter_table("interaction_user", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_interaction_user_user_id"))

    op.drop_table("interaction_user")

    with op.batch_alter_table("interaction_theme", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_interaction_theme_theme_id"))

    op.drop_table("interaction_theme")

    op.drop_index("uq_draft_author_id_key", table_name="draft")
    op.drop_table("draft")

    op.drop_table("theme")
