"""Who had which morning’s mail, and how each wants to be told."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0021_digests"
down_revision: str | None = "0020_reminders"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

EVENTS = ("mention", "reminder", "follow-up", "due", "approval", "mailing", "reply", "digest")
EVENT = sa.Enum(*EVENTS, name="event", native_enum=False, length=30)
BY = sa.Enum("digest", "at once", "off", name="by", native_enum=False, length=30)
TO_MAIL = sa.text("mailed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "digest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_digest_message_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_digest_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest")),
        sa.UniqueConstraint("user_id", "day", name=op.f("uq_digest_user_id_day")),
    )

    op.create_table(
        "mail_hours",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("digest_at", sa.String(), nullable=False),
        sa.Column("quiet_weekdays", sa.JSON(), nullable=False),
        sa.Column("quiet_from", sa.String(), nullable=False),
        sa.Column("quiet_until", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_mail_hours_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_mail_hours")),
    )

    op.create_table(
        "notification_choice",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("event", EVENT, nullable=False),
        sa.Column("bell", sa.Boolean(), nullable=False),
        sa.Column("mail", BY, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_notification_choice_user_id")
        ),
        sa.PrimaryKeyConstraint("user_id", "event", name=op.f("pk_notification_choice")),
    )

    # Whatever was told before this was a mention, behind the bell alone.
    with op.batch_alter_table("notification") as table:
        table.add_column(sa.Column("event", EVENT, nullable=False, server_default="mention"))
        table.add_column(sa.Column("bell", sa.Boolean(), nullable=False, server_default=sa.true()))
        table.add_column(sa.Column("mail", BY, nullable=False, server_default="off"))
        table.add_column(sa.Column("mailed_at", sa.DateTime(), nullable=True))
    op.execute("UPDATE notification SET mailed_at = created_at")
    with op.batch_alter_table("notification") as table:
        for name in ("event", "bell", "mail"):
            table.alter_column(name, server_default=None)
        table.create_index(
            "ix_notification_to_mail",
            ["mail", "user_id"],
            sqlite_where=TO_MAIL,
            postgresql_where=TO_MAIL,
        )


def downgrade() -> None:
    with op.batch_alter_table("notification") as table:
        table.drop_index("ix_notification_to_mail")
        for name in ("mailed_at", "mail", "bell", "event"):
            table.drop_column(name)

    op.drop_table("notification_choice")

    op.drop_table("mail_hours")

    op.drop_table("digest")
