"""Reading points: only ever those the reader may read."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import User
from app.core.statements import AnySelect, a_number, numbers
from app.followups.models import FollowUp
from app.interactions.models import Interaction, Point, PointKind, PointState


def one_of(
    session: Session, reader: User, point_id: int, *, to_change: bool = False
) -> Point | None:
    """The point with all its page says; none if it is not for this reader."""
    statement = _whole(select(Point)).where(Point.id == point_id)
    if to_change:
        statement = statement.with_for_update(of=Point)
    found = session.scalar(statement)
    return found if found and found.may_be_read_by(reader) else None


def of_interactions(
    session: Session, interaction_ids: Sequence[int], *, reader: User
) -> dict[int, list[Point]]:
    """What came out of each of these entries, in the order it was written down."""
    points: dict[int, list[Point]] = {}
    asked = {**_reading(reader), "ids": interaction_ids}
    for point in session.scalars(_of_interactions(), asked):
        points.setdefault(point.interaction_id or 0, []).append(point)
    return points


def of_interaction(session: Session, interaction: Interaction, *, reader: User) -> list[Point]:
    return of_interactions(session, [interaction.id], reader=reader).get(interaction.id, [])


def open_promises(
    session: Session, body_ids: Sequence[int], *, reader: User, most: int = 50
) -> Sequence[Point]:
    """What we promised these bodies and they us that is neither kept nor broken yet, by day."""
    asked = {**_reading(reader), "bodies": body_ids, "most": most}
    return session.scalars(_open_promises(), asked).all()


def _reading(reader: User) -> dict[str, object]:
    return {"me": reader.id, "member": reader.member_organisation_id}


def _read_by_me() -> ColumnElement[bool]:
    return Point.where_read_by(a_number("me"), a_number("member"))


def _whole(statement: Select[Point]) -> Select[Point]:
    return statement.options(
        joinedload(Point.organisation),
        joinedload(Point.person),
        joinedload(Point.author),
        joinedload(Point.interaction),
        joinedload(Point.follow_up).joinedload(FollowUp.owner),
    )


@cache
def _of_interactions() -> AnySelect:
    wanted = select(Point).where(Point.interaction_id.in_(numbers("ids")), _read_by_me())
    return wanted.options(
        joinedload(Point.organisation),
        joinedload(Point.follow_up).joinedload(FollowUp.owner),
    ).order_by(Point.id)


@cache
def _open_promises() -> AnySelect:
    wanted = select(Point).where(
        Point.organisation_id.in_(numbers("bodies")),
        Point.kind == PointKind.COMMITMENT,
        Point.state == PointState.OPEN,
        _read_by_me(),
    )
    return (
        wanted.options(
            joinedload(Point.organisation),
            joinedload(Point.follow_up).joinedload(FollowUp.owner),
        )
        .order_by(Point.due_on, Point.id)
        .limit(a_number("most"))
    )
