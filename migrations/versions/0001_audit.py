"""Who did what, when."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001_audit"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Events and their subjects never change. A value may only be masked, for erasure.
SQLITE_TRIGGERS = [
    f"""CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}
    BEGIN SELECT RAISE(ABORT, 'audit rows are only ever added'); END"""
    for table, verbs in {
        "audit_event": ("UPDATE", "DELETE"),
        "audit_subject": ("UPDATE", "DELETE"),
        "audit_value": ("DELETE",),
    }.items()
    for verb in verbs
] + [
    """CREATE TRIGGER audit_value_only_masked BEFORE UPDATE ON audit_value
    WHEN NEW.id <> OLD.id OR NEW.event_id <> OLD.event_id OR NEW.field <> OLD.field
      OR COALESCE(NEW.old, '[erased]') <> '[erased]' OR COALESCE(NEW.new, '[erased]') <> '[erased]'
    BEGIN SELECT RAISE(ABORT, 'audit values may only be masked'); END"""
]
POSTGRESQL_TRIGGERS = [
    """CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'audit rows are only ever added'; END $$""",
    """CREATE FUNCTION audit_only_masked() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.id <> OLD.id OR NEW.event_id <> OLD.event_id OR NEW.field <> OLD.field
        OR COALESCE(NEW.old, '[erased]') <> '[erased]'
        OR COALESCE(NEW.new, '[erased]') <> '[erased]'
      THEN RAISE EXCEPTION 'audit values may only be masked'; END IF;
      RETURN NEW;
    END $$""",
    "CREATE TRIGGER audit_event_only_added BEFORE UPDATE OR DELETE ON audit_event "
    "FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_subject_only_added BEFORE UPDATE OR DELETE ON audit_subject "
    "FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_value_no_delete BEFORE DELETE ON audit_value "
    "FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_value_only_masked BEFORE UPDATE ON audit_value "
    "FOR EACH ROW EXECUTE FUNCTION audit_only_masked()",
]


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("ip", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_event_at"), ["at"], unique=False)

    op.create_table(
        "audit_subject",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["audit_event.id"], name=op.f("fk_audit_subject_event_id")
        ),
        sa.PrimaryKeyConstraint("event_id", "kind", "record_id", name=op.f("pk_audit_subject")),
    )
    with op.batch_alter_table("audit_subject", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_audit_subject_kind_record_id_event_id"),
            ["kind", "record_id", "event_id"],
            unique=False,
        )

    op.create_table(
        "audit_value",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("old", sa.Text(), nullable=True),
        sa.Column("new", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["audit_event.id"], name=op.f("fk_audit_value_event_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_value")),
    )
    with op.batch_alter_table("audit_value", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_value_event_id"), ["event_id"], unique=False)

    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_TRIGGERS if is_sqlite else POSTGRESQL_TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    with op.batch_alter_table("audit_value", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_value_event_id"))

    op.drop_table("audit_value")
    with op.batch_alter_table("audit_subject", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_subject_kind_record_id_event_id"))

    op.drop_table("audit_subject")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_event_at"))

    op.drop_table("audit_event")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_refuse()")
        op.execute("DROP FUNCTION audit_only_masked()")
