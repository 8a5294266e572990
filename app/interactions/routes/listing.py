from flask.typing import ResponseReturnValue

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.core.db import db
from app.core.web.pages import show_list
from app.directory.queries.bodies import regions
from app.interactions import queries
from app.interactions.entries.listing import meetings_view, readable_by
from app.interactions.routes.blueprint import bp


@bp.get("/meetings")
@requires(Permission.VIEW)
def meetings() -> ResponseReturnValue:
    view = meetings_view(
        me(),
        regions=regions(db.session),
        users=queries.ours(db.session),
        themes=queries.themes(db.session),
    )
    return show_list("interactions/meetings.html", view, readable_by(me()))
