"""A mailing that chases another, and after how many days it is prepared."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0023_chasers"
down_revision: str | None = "0022_workstream_links"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

LINKS = {
    "chaser_template_id": "letter_template",
    "chase_set_by_id": "user",
    "chases_id": "mailing",
}


def upgrade() -> None:
    with op.batch_alter_table("mailing") as table:
        table.add_column(sa.Column("chase_after_days", sa.Integer(), nullable=True))
        table.add_column(sa.Column("chase_settled_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("chases_since", sa.DateTime(), nullable=True))
        for column, other in LINKS.items():
            table.add_column(sa.Column(column, sa.Integer(), nullable=True))
            table.create_foreign_key(op.f(f"fk_mailing_{column}"), other, [column], ["id"])
        table.create_unique_constraint(op.f("uq_mailing_chases_id"), ["chases_id"])


def downgrade() -> None:
    open_ones = op.get_bind().scalar(
        sa.text(
            "SELECT count(*) FROM mailing WHERE chases_id IS NOT NULL "
            "AND state NOT IN ('finished', 'stopped')"
        )
    )
    if open_ones:
        raise RuntimeError(
            f"{open_ones} chasers have not gone. The version before would write to everybody who "
            "had the first letter, also to those who answered: drop or stop them first."
        )
    with op.batch_alter_table("mailing") as table:
        table.drop_constraint(op.f("uq_mailing_chases_id"), type_="unique")
        for column in LINKS:
            table.drop_constraint(op.f(f"fk_mailing_{column}"), type_="foreignkey")
            table.drop_column(column)
        table.drop_column("chases_since")
        table.drop_column("chase_settled_on")
        table.drop_column("chase_after_days")
