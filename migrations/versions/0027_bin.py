"""The bin; and on SQLite, ids that are never given to a second record.

What comes back out of the bin needs its old id, and a history belongs to one record for ever.
SQLite gives the highest id away again once its row is deleted, unless the table says AUTOINCREMENT.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0027_bin"
down_revision: str | None = "0026_letter_pictures"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NUMBERED_ONCE = (
    *("organisation", "organisation_name", "organisation_code", "ownership"),
    *("person", "person_email", "post", "post_observation", "appointment"),
    *("interaction", "draft", "point", "offer", "offer_step", "theme", "follow_up"),
    *("document", "milestone", "milestone_date", "milestone_bulk_mark"),
    *("reminder_rule", "reminder_occurrence", "letter_template", "template_version"),
    *("workstream", "workstream_paper", "workstream_date"),
)
PLAIN = ("id INTEGER NOT NULL, ", "CONSTRAINT pk_{} PRIMARY KEY (id)")
ONCE = "id INTEGER NOT NULL CONSTRAINT pk_{} PRIMARY KEY AUTOINCREMENT, "


def upgrade() -> None:
    op.create_table(
        "binned",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "how",
            sa.Enum("deleted", "merged", "changed", name="binnedhow", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("readers", sa.String(), nullable=False),
        sa.Column("restored_at", sa.DateTime(), nullable=True),
        sa.Column("restored_by_id", sa.Integer(), nullable=True),
        sa.Column("emptied_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_binned_by_id")),
        sa.ForeignKeyConstraint(
            ["restored_by_id"], ["user.id"], name=op.f("fk_binned_restored_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_binned")),
    )
    op.create_index(op.f("ix_binned_kind_record_id"), "binned", ["kind", "record_id"])
    op.create_index(op.f("ix_binned_at"), "binned", ["at"])
    op.create_table(
        "binned_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("binned_id", sa.Integer(), nullable=False),
        sa.Column(
            "step",
            sa.Enum("taken", "changed", "made", name="binnedstep", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("table", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("readers", sa.String(), nullable=False),
        sa.Column("key", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["binned_id"], ["binned.id"], name=op.f("fk_binned_row_binned_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_binned_row")),
    )
    op.create_index(op.f("ix_binned_row_binned_id"), "binned_row", ["binned_id"])
    op.create_index(op.f("ix_binned_row_kind_record_id"), "binned_row", ["kind", "record_id"])
    for table in NUMBERED_ONCE:
        _rebuild(table, numbered_once=True)


def downgrade() -> None:
    binned = op.get_bind().scalar(
        sa.text("SELECT count(*) FROM binned WHERE emptied_at IS NULL AND restored_at IS NULL")
    )
    if binned:
        raise RuntimeError(
            f"{binned} deleted or merged records are in the bin. The version before has none, and "
            "they would be lost: put them back, or wait until they are removed after 30 days."
        )
    for table in NUMBERED_ONCE:
        _rebuild(table, numbered_once=False)
    op.drop_table("binned_row")
    op.drop_table("binned")


def _rebuild(table: str, *, numbered_once: bool) -> None:
    """The same table with the same rows, constraints and indexes, and only its key said otherwise.

    Alembic's own way of rebuilding leaves CHECK constraints behind, so the statement that made the
    table is read and changed in its two places.
    """
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    made = connection.exec_driver_sql(
        "SELECT type, sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL", (table,)
    ).all()
    statement = " ".join(next(sql for kind, sql in made if kind == "table").split())
    name = f"{table}_rebuilt"
    body = statement[statement.index("(") :]
    begins, key = PLAIN[0], PLAIN[1].format(table)
    once = ONCE.format(table)
    if numbered_once:
        if begins not in body or key not in body:
            raise RuntimeError(f"The table {table} is not as it was expected: {statement}")
        body = body.replace(begins, once, 1).replace(f", {key}", "", 1)
    else:
        body = body.replace(once, begins, 1)[:-1].rstrip() + f", {key})"
    connection.exec_driver_sql(f'CREATE TABLE "{name}" {body}')
    connection.exec_driver_sql(f'INSERT INTO "{name}" SELECT * FROM "{table}"')
    connection.exec_driver_sql(f'DROP TABLE "{table}"')
    connection.exec_driver_sql(f'ALTER TABLE "{name}" RENAME TO "{table}"')
    for kind, sql in made:
        if kind != "table":
            connection.exec_driver_sql(sql)
