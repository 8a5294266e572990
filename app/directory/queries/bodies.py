"""Systems, boards and councils as they were on a day, and what became of what."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import Select, select, union_all
from sqlalchemy.orm import Session, aliased, joinedload

from app.core.db import AnySelect, remembered
from app.core.text.alphabet import alphabetical, folded
from app.directory.models import (
    CouncilShare,
    Organisation,
    OrganisationCode,
    OrganisationKind,
    OrganisationName,
    ReferenceFact,
    Region,
    Succession,
    SuccessionKind,
    Tile,
)
from app.directory.rules import FRINGE, council_role


@dataclass(frozen=True)
class System:
    """An integrated care system with the bodies it is made of."""

    ics: Organisation
    board: Organisation | None
    partnership: Organisation | None
    others: tuple[Organisation, ...] = ()

    @property
    def region(self) -> Region | None:
        return self.ics.region

    @property
    def bodies(self) -> tuple[Organisation, ...]:
        """All of it: the system itself first."""
        inner = (body for body in (self.board, self.partnership) if body)
        return (self.ics, *inner, *self.others)


class Council(NamedTuple):
    """As much of a council as a list of them shows."""

    id: int
    kind: OrganisationKind
    name: str
    short_name: str


class SharePart(NamedTuple):
    """One row of the shares: part of a council in the area of one board of that time."""

    board_id: int
    board_dissolved_on: date | None
    successor_board_id: int | None
    percent_of_council: float | None
    role: str
    note: str
    council: Council


@dataclass(frozen=True)
class Share:
    """A council's area in a board's, put together from parts where boards have merged."""

    council: Council
    percent: float
    role: str
    straddles: bool
    notes: tuple[str, ...] = ()

    @property
    def is_fringe(self) -> bool:
        return self.role == FRINGE


def system_of(session: Session, organisation: Organisation, day: date) -> System | None:
    """The system a body is, or is part of; None for a body outside systems."""
    ics_id = organisation.id if organisation.kind is OrganisationKind.ICS else None
    ics_id = ics_id or organisation.part_of_id
    ics = session.scalar(
        select(Organisation)
        .where(Organisation.id == ics_id, Organisation.kind == OrganisationKind.ICS)
        .options(joinedload(Organisation.region))
    )
    return _with_bodies(session, [ics], day)[0] if ics else None


# Systems, boards and so on with their regions: those that exist first.
_IN_ORDER = (
    select(Organisation)
    .options(joinedload(Organisation.region))
    .order_by(Organisation.dissolved_on.is_(None).desc(), alphabetical(Organisation.short_name))
)


class Assembled(NamedTuple):
    """A body with its region, and whatever is or was part of it."""

    body: Organisation
    parts: list[Organisation]

    def system_on(self, day: date) -> System:
        return _system(self.body, self.parts, day)


def assembled(session: Session, organisation_id: int) -> Assembled | None:
    """One statement, whether it is a system or not."""
    found = session.scalars(
        _IN_ORDER.where(
            (Organisation.id == organisation_id) | (Organisation.part_of_id == organisation_id)
        )
    ).all()
    body = next((one for one in found if one.id == organisation_id), None)
    return Assembled(body, [one for one in found if one is not body]) if body else None


def boards_on(session: Session, day: date) -> Sequence[Organisation]:
    """The integrated care boards that existed on that day."""
    return session.scalars(_of_kind_on(OrganisationKind.ICB, day)).all()


def organisations_on(
    session: Session, day: date, kinds: Collection[OrganisationKind] | None = None
) -> Sequence[Organisation]:
    wanted = (
        select(Organisation)
        .where(Organisation.where_exists_on(day))
        .options(joinedload(Organisation.region))
        .order_by(Organisation.kind, alphabetical(Organisation.short_name), Organisation.id)
    )
    if kinds is not None:
        wanted = wanted.where(Organisation.kind.in_(kinds))
    return session.scalars(wanted).all()


def by_ids(session: Session, ids: Collection[int]) -> Sequence[Organisation]:
    return session.scalars(
        select(Organisation)
        .where(Organisation.id.in_(ids))
        .order_by(alphabetical(Organisation.short_name), Organisation.id)
    ).all()


def regions(session: Session) -> Sequence[Region]:
    return session.scalars(select(Region).order_by(alphabetical(Region.name))).all()


class TileRow(NamedTuple):
    """A tile with the board of July 2022 it stands for; who keeps it later is the holder."""

    board_id: int
    abbreviation: str
    x_centre: float
    y_centre_down: float
    holder_2026_id: int | None
    short_name: str
    system_id: int | None


_TILES = (
    select(
        *(Tile.board_id, Tile.abbreviation, Tile.x_centre, Tile.y_centre_down),
        *(Tile.holder_2026_id, Organisation.short_name, Organisation.part_of_id),
    )
    .join(Organisation, Organisation.id == Tile.board_id)
    .order_by(Tile.row, Tile.column)
)


def tiles(session: Session) -> list[TileRow]:
    """The 42 tiles, north to south."""
    return [TileRow(*row) for row in session.execute(_TILES)]


def lineage(
    session: Session, organisation_ids: Collection[int], *, with_successors: bool = False
) -> frozenset[int]:
    """These bodies with their parts, and their predecessors with theirs, however far back.

    A timeline is made of these. Successors are added only when asked for: history stays with the
    body it happened to.
    """
    start = tuple(organisation_ids)
    found = frozenset(session.scalars(_reachable(start, back=True)))
    if with_successors:
        found |= frozenset(session.scalars(_reachable(start, back=False)))
    return found


def successions_of(session: Session, organisation_id: int) -> Sequence[Succession]:
    """Both ways: whom it took over from, and who took over from it."""
    names = (Organisation.kind, Organisation.name, Organisation.short_name)
    return session.scalars(
        select(Succession)
        .where(
            (Succession.predecessor_id == organisation_id)
            | (Succession.successor_id == organisation_id)
        )
        .options(
            joinedload(Succession.predecessor).load_only(*names, raiseload=True),
            joinedload(Succession.successor).load_only(*names, raiseload=True),
        )
        .order_by(Succession.effective_on, Succession.id)
    ).all()


_COUNCIL, _BOARD = aliased(Organisation), aliased(Organisation)
_SHARES = (
    select(
        *(CouncilShare.board_id, _BOARD.dissolved_on, CouncilShare.successor_board_id),
        *(CouncilShare.percent_of_council, CouncilShare.role, CouncilShare.note),
        *(_COUNCIL.id, _COUNCIL.kind, _COUNCIL.name, _COUNCIL.short_name),
    )
    .join(_BOARD, _BOARD.id == CouncilShare.board_id)
    .join(_COUNCIL, _COUNCIL.id == CouncilShare.council_id)
)


def councils_of(
    session: Session,
    board_id: int,
    day: date,
    *,
    with_fringe: bool = False,
    line: Collection[int] | None = None,
    merged: Mapping[int, int] | None = None,
) -> list[Share]:
    """The upper-tier councils of a board on a day, the larger shares first.

    Give its `lineage` as `line`, and what in it had `merged` by that day, if you have them.
    """
    before = lineage(session, [board_id]) if line is None else line
    parts: dict[int, list[SharePart]] = {}
    merged = _merged_into(session, day) if merged is None else merged
    for row in _parts_of_shares(session, _shares_of(board_id, tuple(before), day)):
        if _holder_of(row, day, merged) == board_id:
            parts.setdefault(row.council.id, []).append(row)
    shares = [_put_together(rows) for rows in parts.values()]
    shares.sort(key=lambda share: (-share.percent, folded(share.council.short_name)))
    return [share for share in shares if with_fringe or not share.is_fringe]


@remembered
def _shares_of(board_id: int, line: tuple[int, ...], day: date) -> AnySelect:
    of_line = CouncilShare.board_id.in_(line) | (CouncilShare.successor_board_id == board_id)
    return _SHARES.where(of_line, _COUNCIL.where_exists_on(day))


def boards_of_council(
    session: Session, council_id: int, day: date
) -> list[tuple[Organisation, Share]]:
    """The other way round: each board with part of a council's area, the largest part first."""
    parts: dict[int, list[SharePart]] = {}
    merged = _merged_into(session, day)
    for row in _parts_of_shares(session, _SHARES.where(CouncilShare.council_id == council_id)):
        holder = _holder_of(row, day, merged)
        if holder is not None:
            parts.setdefault(holder, []).append(row)
    boards = session.scalars(select(Organisation).where(Organisation.id.in_(parts)))
    shares = [(board, _put_together(parts[board.id])) for board in boards if board.exists_on(day)]
    return sorted(shares, key=lambda pair: -pair[1].percent)


def names_of(session: Session, organisation_id: int) -> Sequence[OrganisationName]:
    return session.scalars(
        select(OrganisationName)
        .where(OrganisationName.organisation_id == organisation_id)
        .order_by(alphabetical(OrganisationName.name))
    ).all()


def codes_of(session: Session, organisation_id: int) -> Sequence[OrganisationCode]:
    return session.scalars(
        select(OrganisationCode)
        .where(OrganisationCode.organisation_id == organisation_id)
        .order_by(OrganisationCode.scheme, OrganisationCode.since, OrganisationCode.id)
    ).all()


def facts_of(session: Session, kind: str, record_id: int) -> dict[str, ReferenceFact]:
    """What the reference files said of a record, by field."""
    rows = session.scalars(
        select(ReferenceFact).where(
            ReferenceFact.kind == kind, ReferenceFact.record_id == record_id
        )
    )
    return {row.field: row for row in rows}


def confidence_of(session: Session, kind: str, field: str) -> dict[int, str]:
    """How sure the reference files are of one field of every record of a kind."""
    rows = session.execute(
        select(ReferenceFact.record_id, ReferenceFact.confidence).where(
            ReferenceFact.kind == kind, ReferenceFact.field == field
        )
    )
    return {record_id: confidence for record_id, confidence in rows}


def _of_kind_on(kind: OrganisationKind, day: date) -> Select[Organisation]:
    return (
        select(Organisation)
        .where(Organisation.kind == kind, Organisation.where_exists_on(day))
        .options(joinedload(Organisation.region))
        .order_by(alphabetical(Organisation.short_name), Organisation.id)
    )


def _with_bodies(session: Session, found: Sequence[Organisation], day: date) -> list[System]:
    """On a day after a system has ended, the bodies it had to the last still make it up."""
    ids = [ics.id for ics in found]
    parts: dict[int | None, list[Organisation]] = {}
    for body in session.scalars(_IN_ORDER.where(Organisation.part_of_id.in_(ids))):
        parts.setdefault(body.part_of_id, []).append(body)
    return [_system(ics, parts.get(ics.id, []), day) for ics in found]


def _system(ics: Organisation, parts: list[Organisation], day: date) -> System:
    alive = [body for body in parts if body.exists_on(day)]

    def of(kind: OrganisationKind) -> Organisation | None:
        return next((body for body in [*alive, *parts] if body.kind is kind), None)

    board, partnership = of(OrganisationKind.ICB), of(OrganisationKind.ICP)
    others = tuple(body for body in alive if body not in (board, partnership))
    return System(ics, board, partnership, others)


def _edges(*, back: bool) -> Select[tuple[int, int]]:
    """From a body to its parts, and to whom it took over from (or to who took over from it)."""
    before, after = Succession.predecessor_id, Succession.successor_id
    steps = union_all(
        select((after if back else before).label("a"), (before if back else after).label("b")),
        select(Organisation.part_of_id, Organisation.id).where(
            Organisation.part_of_id.is_not(None)
        ),
    ).subquery()
    return select(steps.c.a, steps.c.b)


@remembered
def _reachable(start: tuple[int, ...], *, back: bool) -> Select[int]:
    steps = _edges(back=back).subquery()
    reached = select(Organisation.id).where(Organisation.id.in_(start)).cte(recursive=True)
    reached = reached.union(select(steps.c.b).join(reached, reached.c.id == steps.c.a))
    return select(reached.c.id)


def _parts_of_shares(session: Session, wanted: AnySelect) -> Iterator[SharePart]:
    for row in session.execute(wanted):
        yield SharePart._make((*row[:6], Council._make(row[6:])))


def _merged_into(session: Session, day: date) -> dict[int, int]:
    """Where everything a body had has gone by that day; after a split, a person has to say."""
    rows = session.execute(
        select(Succession.predecessor_id, Succession.successor_id).where(
            Succession.effective_on <= day,
            Succession.kind.in_([SuccessionKind.MERGER, SuccessionKind.RENAME]),
        )
    )
    return {before: after for before, after in rows}


def _holder_of(row: SharePart, day: date, merged: Mapping[int, int]) -> int | None:
    """A share passes to the board named as its successor on the day its own board ends."""
    if row.board_dissolved_on is None or row.board_dissolved_on > day:
        return row.board_id
    named = row.successor_board_id
    holder = named if named != row.board_id else merged.get(row.board_id)
    seen = {row.board_id}
    while holder is not None and holder in merged and holder not in seen:
        seen.add(holder)
        holder = merged[holder]
    return holder


def _put_together(rows: list[SharePart]) -> Share:
    percent = min(100.0, sum(row.percent_of_council or 0 for row in rows))
    role = rows[0].role if len(rows) == 1 else council_role(percent)
    return Share(
        council=rows[0].council,
        percent=round(percent, 1),
        role=role,
        straddles=percent < 99.95,
        notes=tuple(row.note for row in rows if row.note),
    )
