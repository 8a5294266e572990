"""The group's own settings."""

import secrets
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002_settings"
down_revision: str | None = "0001_audit"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

OPT_OUT = (
    "If you would rather not hear from us, reply with the word “stop” and we will not write again."
)


def upgrade() -> None:
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "logo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_logo_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logo")),
    )
    op.create_table(
        "mail_check",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("mail_server", sa.String(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(), nullable=False),
        sa.Column("confirmed_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mail_check")),
    )
    settings = op.create_table(
        "settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("installation", sa.String(), nullable=False),
        sa.Column("group_name", sa.String(), nullable=False),
        sa.Column("postal_address", sa.Text(), nullable=False),
        sa.Column("from_name", sa.String(), nullable=False),
        sa.Column("from_email", sa.String(), nullable=False),
        sa.Column("reply_to", sa.String(), nullable=False),
        sa.Column("privacy_notice", sa.Text(), nullable=False),
        sa.Column("privacy_url", sa.String(), nullable=False),
        sa.Column("opt_out_line", sa.Text(), nullable=False),
        sa.Column("replies_carry_reference", sa.Boolean(), nullable=False),
        sa.Column("live_at", sa.DateTime(), nullable=True),
        sa.Column("live_server", sa.String(), nullable=False),
        sa.Column("quiet_reason", sa.String(), nullable=False),
        sa.Column("hold_minutes", sa.Integer(), nullable=False),
        sa.Column("letters_a_minute", sa.Integer(), nullable=False),
        sa.Column("approval_hours", sa.Integer(), nullable=False),
        sa.Column("recent_days", sa.Integer(), nullable=False),
        sa.Column("unchecked_warning_days", sa.Integer(), nullable=False),
        sa.Column("single_letter_by_author", sa.Boolean(), nullable=False),
        sa.Column("max_attachment_kb", sa.Integer(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("reference_loaded_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_settings_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settings")),
    )
    # The one row is there from the start, so that no page has to write it while being read.
    op.bulk_insert(
        settings,
        [
            {
                "id": 1,
                "installation": secrets.token_hex(8),
                "group_name": "",
                "postal_address": "",
                "from_name": "",
                "from_email": "",
                "reply_to": "",
                "replies_carry_reference": True,
                "privacy_notice": "",
                "privacy_url": "",
                "opt_out_line": OPT_OUT,
                "live_at": None,
                "live_server": "",
                "quiet_reason": "",
                "hold_minutes": 5,
                "letters_a_minute": 20,
                "approval_hours": 24,
                "recent_days": 28,
                "unchecked_warning_days": 180,
                "single_letter_by_author": False,
                "max_attachment_kb": 7168,
                "is_demo": False,
                "reference_loaded_at": None,
            }
        ],
    )


def downgrade() -> None:
    op.drop_table("settings")
    op.drop_table("mail_check")
    op.drop_table("logo")
    op.drop_table("heartbeat")
