"""Organisations, people and posts over time."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005_directory"
down_revision: str | None = "0004_accounts"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("given_name", sa.String(), nullable=False),
        sa.Column("family_name", sa.String(), nullable=False),
        sa.Column("known_as", sa.String(), nullable=False),
        sa.Column("post_nominals", sa.String(), nullable=False),
        sa.Column("salutation_override", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("postal_address", sa.Text(), nullable=False),
        sa.Column(
            "subscriber_type",
            sa.Enum(
                "corporate",
                "individual",
                "check",
                name="subscribertype",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("lawful_basis", sa.String(), nullable=False),
        sa.Column("details_source", sa.String(), nullable=False),
        sa.Column("details_obtained_on", sa.Date(), nullable=True),
        sa.Column("objected_on", sa.Date(), nullable=True),
        sa.Column("objection_note", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_person_family_name_given_name"),
            ["family_name", "given_name"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_person_objected_on"),
            ["objected_on"],
            unique=False,
            postgresql_where=sa.text("objected_on IS NOT NULL"),
            sqlite_where=sa.text("objected_on IS NOT NULL"),
        )

    op.create_table(
        "post_type",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("addressed_as", sa.String(), nullable=False),
        sa.Column("organisation_kinds", sa.JSON(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_type")),
        sa.UniqueConstraint("code", name=op.f("uq_post_type_code")),
    )
    op.create_table(
        "reference_fact",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "record_id", "field", name=op.f("pk_reference_fact")),
    )
    op.create_table(
        "region",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ods_code", sa.String(), nullable=False),
        sa.Column("ons_code", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region")),
        sa.UniqueConstraint("name", name=op.f("uq_region_name")),
        sa.UniqueConstraint("ods_code", name=op.f("uq_region_ods_code")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "ics",
                "icb",
                "icp",
                "place",
                "local_authority",
                "nhs_england",
                "health_and_wellbeing_board",
                "government_department",
                "regulator",
                "provider",
                "vcse",
                "parliament",
                "other",
                name="organisationkind",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("short_name", sa.String(), nullable=False),
        sa.Column("ods_code", sa.String(), nullable=True),
        sa.Column("ons_code", sa.String(), nullable=True),
        sa.Column("region_id", sa.Integer(), nullable=True),
        sa.Column("part_of_id", sa.Integer(), nullable=True),
        sa.Column("website", sa.String(), nullable=True),
        sa.Column("postal_address", sa.Text(), nullable=True),
        sa.Column("office_email", sa.String(), nullable=True),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("population_0_24", sa.Integer(), nullable=True),
        sa.Column("established_on", sa.Date(), nullable=True),
        sa.Column("dissolved_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "dissolved_on IS NULL OR established_on IS NULL OR dissolved_on > established_on",
            name=op.f("ck_organisation_dissolved_after_established"),
        ),
        sa.ForeignKeyConstraint(
            ["part_of_id"], ["organisation.id"], name=op.f("fk_organisation_part_of_id")
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["region.id"], name=op.f("fk_organisation_region_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
    )
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_organisation_kind_dissolved_on"), ["kind", "dissolved_on"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_organisation_ods_code"), ["ods_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_organisation_ons_code"), ["ons_code"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_organisation_part_of_id"), ["part_of_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_organisation_region_id"), ["region_id"], unique=False)

    op.create_table(
        "person_email",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("address_key", sa.String(), nullable=False),
        sa.Column("is_preferred", sa.Boolean(), nullable=False),
        sa.Column("failed_on", sa.Date(), nullable=True),
        sa.Column("failure", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_email_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_email")),
        sa.UniqueConstraint(
            "person_id", "address_key", name=op.f("uq_person_email_person_id_address_key")
        ),
    )
    with op.batch_alter_table("person_email", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_person_email_address_key"), ["address_key"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_person_email_person_id"), ["person_id"], unique=False)

    op.create_table(
        "council_share",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("council_id", sa.Integer(), nullable=False),
        sa.Column("successor_board_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("percent_of_council", sa.Float(), nullable=True),
        sa.Column("straddles", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["board_id"], ["organisation.id"], name=op.f("fk_council_share_board_id")
        ),
        sa.ForeignKeyConstraint(
            ["council_id"], ["organisation.id"], name=op.f("fk_council_share_council_id")
        ),
        sa.ForeignKeyConstraint(
            ["successor_board_id"],
            ["organisation.id"],
            name=op.f("fk_council_share_successor_board_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_share")),
        sa.UniqueConstraint(
            "board_id", "council_id", name=op.f("uq_council_share_board_id_council_id")
        ),
    )
    with op.batch_alter_table("council_share", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_council_share_council_id"), ["council_id"], unique=False
        )

    op.create_table(
        "organisation_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_organisation_code_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_code")),
        sa.UniqueConstraint(
            "organisation_id",
            "scheme",
            "code",
            name=op.f("uq_organisation_code_organisation_id_scheme_code"),
        ),
    )
    with op.batch_alter_table("organisation_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_code_code"), ["code"], unique=False)

    op.create_table(
        "organisation_name",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_organisation_name_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_name")),
    )
    with op.batch_alter_table("organisation_name", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_organisation_name_organisation_id"), ["organisation_id"], unique=False
        )

    op.create_table(
        "ownership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_ownership_organisation_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_ownership_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ownership")),
    )
    with op.batch_alter_table("ownership", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ownership_organisation_id_ended_on"),
            ["organisation_id", "ended_on"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_ownership_user_id"), ["user_id"], unique=False)

    op.create_table(
        "post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("post_type_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_post_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["post_type_id"], ["post_type.id"], name=op.f("fk_post_post_type_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sa.UniqueConstraint(
            "organisation_id", "post_type_id", name=op.f("uq_post_organisation_id_post_type_id")
        ),
    )
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_post_type_id"), ["post_type_id"], unique=False)

    op.create_table(
        "succession",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("predecessor_id", sa.Integer(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "merger",
                "split",
                "rename",
                "acquisition",
                name="successionkind",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["predecessor_id"], ["organisation.id"], name=op.f("fk_succession_predecessor_id")
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["organisation.id"], name=op.f("fk_succession_successor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_succession")),
        sa.UniqueConstraint(
            "predecessor_id",
            "successor_id",
            "effective_on",
            name=op.f("uq_succession_predecessor_id_successor_id_effective_on"),
        ),
    )
    with op.batch_alter_table("succession", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_succession_successor_id"), ["successor_id"], unique=False
        )

    op.create_table(
        "tile",
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("abbreviation", sa.String(), nullable=False),
        sa.Column("column", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("x_centre", sa.Double(), nullable=False),
        sa.Column("y_centre_down", sa.Double(), nullable=False),
        sa.Column("holder_2026_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["board_id"], ["organisation.id"], name=op.f("fk_tile_board_id")),
        sa.ForeignKeyConstraint(
            ["holder_2026_id"], ["organisation.id"], name=op.f("fk_tile_holder_2026_id")
        ),
        sa.PrimaryKeyConstraint("board_id", name=op.f("pk_tile")),
    )
    op.create_table(
        "appointment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("is_acting", sa.Boolean(), nullable=False),
        sa.Column("job_title", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("checked_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "ended_on IS NULL OR started_on IS NULL OR ended_on >= started_on",
            name=op.f("ck_appointment_ends_after_start"),
        ),
        sa.ForeignKeyConstraint(
            ["checked_by_id"], ["user.id"], name=op.f("fk_appointment_checked_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_appointment_person_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_appointment_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
    )
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appointment_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_appointment_post_id_ended_on"), ["post_id", "ended_on"], unique=False
        )

    op.create_table(
        "post_observation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "named",
                "shared",
                "acting",
                "vacant",
                "not published",
                "unknown",
                name="poststate",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("observed_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("observed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('vacant', 'not published', 'unknown')",
            name=op.f("ck_post_observation_no_name"),
        ),
        sa.ForeignKeyConstraint(
            ["observed_by_id"], ["user.id"], name=op.f("fk_post_observation_observed_by_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_observation_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_observation")),
    )
    with op.batch_alter_table("post_observation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_post_observation_post_id_observed_on"),
            ["post_id", "observed_on"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("post_observation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_post_observation_post_id_observed_on"))

    op.drop_table("post_observation")
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_appointment_post_id_ended_on"))
        batch_op.drop_index(batch_op.f("ix_appointment_person_id"))

    op.drop_table("appointment")
    op.drop_table("tile")
    with op.batch_alter_table("succession", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_succession_successor_id"))

    op.drop_table("succession")
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_post_post_type_id"))

    op.drop_table("post")
    with op.batch_alter_table("ownership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ownership_user_id"))
        batch_op.drop_index(batch_op.f("ix_ownership_organisation_id_ended_on"))

    op.drop_table("ownership")
    with op.batch_alter_table("organisation_name", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organisation_name_organisation_id"))

    op.drop_table("organisation_name")
    with op.batch_alter_table("organisation_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organisation_code_code"))

    op.drop_table("organisation_code")
    with op.batch_alter_table("council_share", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_council_share_council_id"))

    op.drop_table("council_share")
    with op.batch_alter_table("person_email", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_email_person_id"))
        batch_op.drop_index(batch_op.f("ix_person_email_address_key"))

    op.drop_table("person_email")
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organisation_region_id"))
        batch_op.drop_index(batch_op.f("ix_organisation_part_of_id"))
        batch_op.drop_index(batch_op.f("ix_organisation_ons_code"))
        batch_op.drop_index(batch_op.f("ix_organisation_ods_code"))
        batch_op.drop_index(batch_op.f("ix_organisation_kind_dissolved_on"))

    op.drop_table("organisation")
    op.drop_table("region")
    op.drop_table("reference_fact")
    op.drop_table("post_type")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(
            batch_op.f("ix_person_objected_on"),
            postgresql_where=sa.text("objected_on IS NOT NULL"),
            sqlite_where=sa.text("objected_on IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_person_family_name_given_name"))

    op.drop_table("person")
