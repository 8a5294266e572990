"""A letter is of a kind: an open letter, say, or a freedom of information request."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0044_letter_kind"
down_revision: str | None = "0043_mailings_numbered_once"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KIND = sa.Enum(
    *("letter", "open letter", "consultation response", "written evidence"),
    "freedom of information request",
    name="letterkind",
    native_enum=False,
    length=30,
)


def upgrade() -> None:
    op.add_column("letter", sa.Column("kind", KIND, nullable=False, server_default="letter"))


def downgrade() -> None:
    op.drop_column("letter", "kind")
