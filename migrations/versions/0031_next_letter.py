"""What is next in the queue is found in an index, however many letters wait.

An index on the state and the end of the lease made PostgreSQL sort all that were queued each time.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0031_next_letter"
down_revision: str | None = "0030_not_the_same"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.drop_index(op.f("ix_letter_state_lease_until"), "letter")
    op.create_index(op.f("ix_letter_state_id"), "letter", ["state", "id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_letter_state_id"), "letter")
    op.create_index(op.f("ix_letter_state_lease_until"), "letter", ["state", "lease_until"])
