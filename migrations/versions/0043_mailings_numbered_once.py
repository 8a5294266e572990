"""On SQLite, the number of a mailing that was discarded is never given to a second one.

A discarded draft can be restored, and needs its number; its history is its own for ever. The same
holds for the files that go with it. Other tables were numbered so when the bin was made.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0043_mailings_numbered_once"
down_revision: str | None = "0042_import_source"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NUMBERED_ONCE = ("mailing", "attachment")
PLAIN = ("id INTEGER NOT NULL, ", "CONSTRAINT pk_{} PRIMARY KEY (id)")
ONCE = "id INTEGER NOT NULL CONSTRAINT pk_{} PRIMARY KEY AUTOINCREMENT, "


def upgrade() -> None:
    for table in NUMBERED_ONCE:
        _rebuild(table, numbered_once=True)


def downgrade() -> None:
    for table in NUMBERED_ONCE:
        _rebuild(table, numbered_once=False)


def _rebuild(table: str, *, numbered_once: bool) -> None:
    """The same table with the same rows, constraints and indexes, and only its key said otherwise,
    as in 0027."""
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
    if numbered_once:
        _go_on_after_the_last(table)


def _go_on_after_the_last(table: str) -> None:
    """Numbers of those that are gone already are not given again either."""
    connection = op.get_bind()
    last = connection.exec_driver_sql(
        "SELECT max(n) FROM (SELECT coalesce(max(record_id), 0) AS n FROM audit_subject WHERE kind"
        f' = ? UNION ALL SELECT coalesce(max(id), 0) FROM "{table}")',
        (table,),
    ).scalar_one()
    connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
    connection.exec_driver_sql("INSERT INTO sqlite_sequence VALUES (?, ?)", (table, last))
