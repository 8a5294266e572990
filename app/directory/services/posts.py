"""Posts that should exist, who is appointed to them, and what was seen where nobody is named."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.directory.models import Organisation, Post, PostType


def make_due_posts(
    session: Session, *, on: date, organisations: Collection[Organisation] | None = None
) -> int:
    """Make the seats that should exist at every body of `on`, held or not; how many are new."""
    wanted = organisations
    if wanted is None:
        wanted = session.scalars(
            select(Organisation).where(Organisation.where_exists_on(on)).order_by(Organisation.id)
        ).all()
    rows = session.execute(select(Post.organisation_id, Post.post_type_id))
    have = {(organisation_id, post_type_id) for organisation_id, post_type_id in rows}
    due = [
        Post(organisation_id=organisation.id, post_type_id=post_type.id)
        for post_type in session.scalars(select(PostType).order_by(PostType.position, PostType.id))
        for organisation in wanted
        if organisation.kind.value in post_type.organisation_kinds
        and (organisation.id, post_type.id) not in have
    ]
    session.add_all(due)
    session.flush()
    return len(due)
