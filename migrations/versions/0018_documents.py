"""What the bodies have published."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0018_documents"
down_revision: str | None = "0017_import_kinds"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "document_type",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("organisation_kinds", sa.JSON(), nullable=False),
        sa.Column("in_use_from", sa.Date(), nullable=True),
        sa.Column("in_use_until", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_type")),
        sa.UniqueConstraint("code", name=op.f("uq_document_type_code")),
    )

    op.create_table(
        "document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("document_type_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("cycle", sa.String(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "draft", "final", "refresh", name="documentstage", native_enum=False, length=30
            ),
            nullable=False,
        ),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("supersedes_id", sa.Integer(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("form_token", sa.String(), nullable=True),
        sa.CheckConstraint(
            "supersedes_id IS NULL OR supersedes_id <> id", name=op.f("ck_document_not_itself")
        ),
        sa.ForeignKeyConstraint(
            ["document_type_id"], ["document_type.id"], name=op.f("fk_document_document_type_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_document_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["document.id"], name=op.f("fk_document_supersedes_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("form_token", name=op.f("uq_document_form_token")),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_document_supersedes_id")),
    )

    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_document_document_type_id"), ["document_type_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_document_organisation_id_document_type_id_published_on"),
            ["organisation_id", "document_type_id", "published_on"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_organisation_id_document_type_id_published_on"))
        batch_op.drop_index(batch_op.f("ix_document_document_type_id"))

    op.drop_table("document")

    op.drop_table("document_type")
