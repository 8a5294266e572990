import csv
from collections import Counter
from datetime import date
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.audit.models import AuditEvent
from app.directory import reference
from app.directory.models import (
    Organisation,
    OrganisationCode,
    OrganisationKind,
    Post,
    PostType,
    ReferenceFact,
    Succession,
    SuccessionKind,
    Tile,
)
from app.directory.queries import bodies
from tests.factories import TODAY, make_organisation

LAST_DAY_OF_42 = date(2026, 3, 31)
FIRST_DAY_OF_36 = date(2026, 4, 1)


def board(session: Session, ods: str) -> Organisation:
    return session.scalars(
        select(Organisation).where(
            Organisation.ods_code == ods, Organisation.kind == OrganisationKind.ICB
        )
    ).one()


def test_there_are_42_boards_until_31_march_2026_and_36_from_1_april(england: Session) -> None:
    days = [date(2022, 6, 30), date(2023, 4, 1), LAST_DAY_OF_42, FIRST_DAY_OF_36, TODAY]

    assert [len(bodies.boards_on(england, day)) for day in days] == [0, 42, 42, 36, 36]
    systems = [bodies.organisations_on(england, day, [OrganisationKind.ICS]) for day in days]
    assert [len(found) for found in systems] == [0, 42, 42, 36, 36]


def test_the_bodies_are_all_there(england: Session) -> None:
    kinds = Counter(england.scalars(select(Organisation.kind)))

    assert kinds == {
        OrganisationKind.ICS: 48,
        OrganisationKind.ICB: 48,
        OrganisationKind.ICP: 42,
        OrganisationKind.LOCAL_AUTHORITY: 153,
        OrganisationKind.NHS_ENGLAND: 8,
        OrganisationKind.GOVERNMENT_DEPARTMENT: 2,
        OrganisationKind.REGULATOR: 2,
    }
    assert len(bodies.regions(england)) == 7
    assert england.scalar(select(func.count()).select_from(Tile)) == 42


def test_sixteen_successions_carry_to_the_systems_too(england: Session) -> None:
    successions = england.scalars(
        select(Succession).options(
            joinedload(Succession.predecessor), joinedload(Succession.successor)
        )
    ).all()
    boards = [s for s in successions if s.predecessor.kind is OrganisationKind.ICB]
    systems = [s for s in successions if s.predecessor.kind is OrganisationKind.ICS]

    assert len(boards) == len(systems) == 16
    frimley = [s for s in boards if s.predecessor.ods_code == "QNQ"]
    assert {(s.successor.ods_code, s.kind) for s in frimley} == {
        ("S0E4D", SuccessionKind.SPLIT),
        ("S9B9J", SuccessionKind.SPLIT),
        ("QRL", SuccessionKind.ACQUISITION),
    }


def test_a_partnership_outlives_its_board_with_a_note_until_somebody_finds_out(
    england: Session,
) -> None:
    frimley = bodies.system_of(england, board(england, "QNQ"), TODAY)
    assert frimley is not None
    assert frimley.partnership is not None

    assert frimley.ics.dissolved_on == FIRST_DAY_OF_36
    assert frimley.partnership.dissolved_on is None
    assert "not recorded" in (frimley.partnership.note or "")


def test_hampshire_keeps_its_ods_code_and_changes_its_ons_code(england: Session) -> None:
    hampshire = board(england, "QRL")

    codes = {(c.scheme, c.code): c for c in bodies.codes_of(england, hampshire.id)}

    assert hampshire.ons_code == "E54000067"
    assert codes["ONS", "E54000042"].until == LAST_DAY_OF_42
    assert codes["ONS", "E54000067"].since == FIRST_DAY_OF_36
    assert "one source" in codes["ONS", "E54000067"].confidence
    assert codes["ODS", "QRL"].until is None
    sussex = [c for c in bodies.codes_of(england, board(england, "QNX").id) if c.scheme == "ONS"]
    assert [(c.code, c.until) for c in sussex] == [
        ("E54000053", date(2023, 3, 31)),
        ("E54000064", LAST_DAY_OF_42),
    ]


def test_essex_county_is_put_together_from_three_boards_in_2026(england: Session) -> None:
    before = bodies.councils_of(england, board(england, "QH8").id, LAST_DAY_OF_42)
    after = bodies.councils_of(england, board(england, "D7T5G").id, TODAY)

    assert {share.council.name: share.role for share in before}["Essex"] == "principal"
    essex = next(share for share in after if share.council.name == "Essex")
    assert essex.percent > 99
    assert bodies.councils_of(england, board(england, "QH8").id, TODAY) == []


def test_councils_on_the_fringe_are_left_out_unless_asked_for(england: Session) -> None:
    lancashire = board(england, "QE1").id

    names = {s.council.name for s in bodies.councils_of(england, lancashire, TODAY)}
    everything = {
        s.council.name for s in bodies.councils_of(england, lancashire, TODAY, with_fringe=True)
    }

    assert everything - names == {"Cumberland", "North Yorkshire"}


def test_every_fact_says_where_it_is_from_and_how_sure_that_is(england: Session) -> None:
    devon = board(england, "QJK")
    partnership = bodies.system_of(england, board(england, "QGH"), TODAY)
    assert partnership is not None
    assert partnership.partnership is not None

    facts = bodies.facts_of(england, "organisation", devon.id)
    weak = bodies.facts_of(england, "organisation", partnership.partnership.id)

    for field in ("name", "ods_code", "ons_code", "population", "website", "established_on"):
        assert facts[field].source
        assert facts[field].confidence
    assert weak["name"].confidence == "from memory"
    unsaid = england.scalars(
        select(ReferenceFact).where(
            ReferenceFact.field.in_(["name", "ods_code"]), ReferenceFact.confidence == ""
        )
    ).all()
    assert unsaid == []


def test_every_current_body_has_the_posts_that_should_exist_though_vacant(
    england: Session,
) -> None:
    rows = england.execute(
        select(PostType.code, Organisation.kind)
        .join(Post, Post.post_type_id == PostType.id)
        .join(Organisation, Organisation.id == Post.organisation_id)
    )
    held = Counter((code, kind) for code, kind in rows)

    assert held["children", OrganisationKind.ICB] == 36
    assert held["chair", OrganisationKind.ICP] == 42
    assert held["dcs", OrganisationKind.LOCAL_AUTHORITY] == 153


def test_loading_twice_changes_nothing(england: Session) -> None:
    events = england.scalar(select(func.count()).select_from(AuditEvent))

    again = reference.load(england, on=TODAY)

    assert (again.new, again.updated, again.kept) == (0, 0, 0)
    assert again.unchanged > 700
    assert england.scalar(select(func.count()).select_from(AuditEvent)) == events


def test_what_a_person_changed_stays_and_is_reported(england: Session) -> None:
    devon = board(england, "QJK")
    devon.website = "https://devon.example.org"
    devon.ods_code = "QJK-corrected"
    england.flush()

    again = reference.load(england, on=TODAY)

    assert devon.website == "https://devon.example.org"
    assert devon.ods_code == "QJK-corrected"
    assert (again.new, again.updated, again.kept) == (0, 0, 1)
    assert any("website stays “https://devon.example.org”" in s for s in again.kept_fields)


def test_a_field_nobody_changed_follows_the_files(england: Session, tmp_path: Path) -> None:
    devon = board(england, "QJK")
    devon.note = "Moved to new offices."
    england.flush()
    folder = changed_copy(tmp_path, "onedevon.org.uk", "newdevon.example.org")

    again = reference.load(england, on=TODAY, folder=folder)

    assert devon.website == "https://newdevon.example.org"
    assert devon.note == "Moved to new offices."
    assert again.updated == 1
    assert reference.load(england, on=TODAY, folder=folder).updated == 0


def test_a_person_who_agreed_with_a_later_file_is_still_not_overwritten(
    england: Session, tmp_path: Path
) -> None:
    devon = board(england, "QJK")
    devon.website = "https://newdevon.example.org"
    england.flush()

    reference.load(
        england,
        on=TODAY,
        folder=changed_copy(tmp_path / "a", "onedevon.org.uk", "newdevon.example.org"),
    )
    reference.load(
        england,
        on=TODAY,
        folder=changed_copy(tmp_path / "b", "onedevon.org.uk", "later.example.org"),
    )

    assert devon.website == "https://newdevon.example.org"


def test_a_record_a_person_removed_is_not_made_again(england: Session) -> None:
    code = england.scalars(
        select(OrganisationCode).where(OrganisationCode.code == "E54000042")
    ).one()
    england.delete(code)
    england.flush()

    again = reference.load(england, on=TODAY)

    assert (again.new, again.kept) == (0, 1)


def test_a_body_entered_by_hand_before_is_adopted_not_doubled(session: Session) -> None:
    devon = make_organisation(session, "NHS Devon ICB (ours)", short_name="Devon board")
    devon.ods_code = "QJK"
    session.flush()

    reference.load(session, on=TODAY)

    found = session.scalars(
        select(Organisation).where(
            Organisation.ods_code == "QJK", Organisation.kind == OrganisationKind.ICB
        )
    ).all()
    assert [body.name for body in found] == ["NHS Devon ICB (ours)"]
    assert devon.website == "https://onedevon.org.uk"


def test_lineage_goes_back_through_mergers_and_down_to_the_parts(england: Session) -> None:
    thames_valley = bodies.system_of(england, board(england, "S0E4D"), TODAY)
    assert thames_valley is not None

    reached = bodies.lineage(england, [thames_valley.ics.id])

    names = set(
        england.scalars(select(Organisation.short_name).where(Organisation.id.in_(reached)))
    )
    assert {"Thames Valley", "Frimley", "Frimley ICB", "Thames Valley ICB"} <= names
    assert "Surrey and Sussex" not in names
    frimley = board(england, "QNQ")
    assert len(bodies.lineage(england, [frimley.id], with_successors=True)) == 4


def test_the_files_of_the_package_are_read_as_they_are() -> None:
    with (reference.FOLDER / "icbs.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == 42


def changed_copy(folder: Path, old: str, new: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for path in reference.FOLDER.glob("*.csv"):
        text = path.read_text(encoding="utf-8").replace(old, new)
        (folder / path.name).write_text(text, encoding="utf-8")
    return folder
