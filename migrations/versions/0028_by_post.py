"""Letters by post: how far each has come, the files for the printer, and where the window is."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0028_by_post"
down_revision: str | None = "0027_bin"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WINDOW = (
    ("window_left_mm", "24.6"),
    ("window_top_mm", "39.5"),
    ("window_width_mm", "95.4"),
    ("window_height_mm", "26.8"),
)
POST_STATE = sa.Enum(
    *("ready", "approved", "printed", "posted", "returned", "stopped"),
    name="poststate",
    native_enum=False,
    length=30,
)
RUN_STATE = sa.Enum(
    *("asked", "making", "ready", "failed", "taken back"),
    name="printrunstate",
    native_enum=False,
    length=30,
)


def upgrade() -> None:
    for table in ("person", "organisation"):
        op.add_column(table, sa.Column("post_returned_on", sa.Date(), nullable=True))
        op.add_column(
            table, sa.Column("post_returned_why", sa.Text(), nullable=False, server_default="")
        )
    for column, default in WINDOW:
        op.add_column(
            "settings", sa.Column(column, sa.Double(), nullable=False, server_default=default)
        )
    op.add_column("letter", sa.Column("post_state", POST_STATE, nullable=True))
    op.add_column("letter", sa.Column("envelope", sa.Text(), nullable=False, server_default=""))
    op.add_column("letter", sa.Column("printed_at", sa.DateTime(), nullable=True))
    op.add_column("letter", sa.Column("posted_on", sa.Date(), nullable=True))
    op.add_column("letter", sa.Column("returned_on", sa.Date(), nullable=True))
    op.add_column("letter", sa.Column("returned_why", sa.Text(), nullable=False, server_default=""))
    op.create_index(op.f("ix_letter_post_state"), "letter", ["post_state"])
    op.add_column("letter_event", sa.Column("post_state", POST_STATE, nullable=True))
    op.create_table(
        "print_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailing_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("both_sides", sa.Boolean(), nullable=False),
        sa.Column("state", RUN_STATE, nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(), nullable=True),
        sa.Column("made_count", sa.Integer(), nullable=False),
        sa.Column("letter_count", sa.Integer(), nullable=False),
        sa.Column("cover_pages", sa.Integer(), nullable=False),
        sa.Column("page_count", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("form_token", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailing.id"], name=op.f("fk_print_run_mailing_id")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["user.id"], name=op.f("fk_print_run_asked_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_run")),
        sa.UniqueConstraint("mailing_id", "number", name=op.f("uq_print_run_mailing_id_number")),
        sa.UniqueConstraint("form_token", name=op.f("uq_print_run_form_token")),
    )
    op.create_index(op.f("ix_print_run_state"), "print_run", ["state"])
    op.create_table(
        "print_run_letter",
        sa.Column("print_run_id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("page_count", sa.Integer(), nullable=False),
        sa.Column("is_reprint", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["print_run_id"], ["print_run.id"], name=op.f("fk_print_run_letter_print_run_id")
        ),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letter.id"], name=op.f("fk_print_run_letter_letter_id")
        ),
        sa.PrimaryKeyConstraint("print_run_id", "letter_id", name=op.f("pk_print_run_letter")),
    )
    op.create_index(op.f("ix_print_run_letter_letter_id"), "print_run_letter", ["letter_id"])


def downgrade() -> None:
    on_paper = op.get_bind().scalar(
        sa.text(
            "SELECT count(*) FROM letter WHERE post_state IS NOT NULL AND post_state <> 'ready'"
        )
    )
    if on_paper:
        raise RuntimeError(
            f"{on_paper} letters by post were approved, printed or posted. The version before "
            "knows nothing of that, and it would be lost: restore a copy from before the upgrade."
        )
    op.drop_table("print_run_letter")
    op.drop_table("print_run")
    op.drop_column("letter_event", "post_state")
    op.drop_index(op.f("ix_letter_post_state"), "letter")
    for column in (
        *("returned_why", "returned_on", "posted_on", "printed_at", "envelope", "post_state"),
    ):
        op.drop_column("letter", column)
    for column, _ in reversed(WINDOW):
        op.drop_column("settings", column)
    for table in ("organisation", "person"):
        op.drop_column(table, "post_returned_why")
        op.drop_column(table, "post_returned_on")
