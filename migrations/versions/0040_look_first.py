"""A copy of a database sends no letter before somebody has looked at what people got.

`database_mark` tells a database from its older copies, and a PostgreSQL server from copies of it.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0040_look_first"
down_revision: str | None = "0039_logged_follow_ups"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("settings", sa.Column("look_first", sa.Text(), server_default="", nullable=False))
    op.add_column("settings", sa.Column("look_first_at", sa.DateTime()))
    mark = op.create_table(
        "database_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("last_batch", sa.BigInteger(), nullable=False),
        sa.Column("server", sa.String()),
        sa.Column("server_started", sa.String(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_database_mark_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_database_mark")),
    )
    op.bulk_insert(mark, [{"id": 1, "last_batch": 0, "server": None, "server_started": ""}])


def downgrade() -> None:
    asked = op.get_bind().scalar(sa.text("SELECT count(*) FROM settings WHERE look_first <> ''"))
    if asked:
        raise RuntimeError(
            "Letters wait for somebody to look at what people got. The version before would send "
            "them: answer that first, or stop the mailings."
        )
    op.drop_table("database_mark")
    op.drop_column("settings", "look_first_at")
    op.drop_column("settings", "look_first")
