from flask import render_template
from flask.typing import ResponseReturnValue

from app.accounts.access import me, requires
from app.accounts.models import Permission
from app.core.db import db
from app.interactions.entries.view_models import shown
from app.interactions.routes.blueprint import bp, readable
from app.interactions.routes.notes import notes_part


@bp.get("/interactions/<int:interaction_id>")
@requires(Permission.VIEW)
def read(interaction_id: int) -> ResponseReturnValue:
    """One meeting, call or note with all that belongs to it."""
    interaction = readable(interaction_id)
    return render_template(
        "interactions/read.html",
        interaction=interaction,
        shown=shown(db.session, interaction, reader=me()),
        notes=notes_part(interaction),
    )
