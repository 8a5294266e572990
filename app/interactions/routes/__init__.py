from app.interactions.routes import (  # noqa: F401  each adds its pages to the blueprint
    attendees,
    bulk,
    detail,
    drafts,
    edit_entry,
    follow_ups,
    listing,
    log_entry,
    notes,
    offers,
    outcomes,
    themes,
    ticking,
    typeahead,
)
from app.interactions.routes.blueprint import bp as bp
from app.interactions.routes.follow_ups import my_follow_ups_due as my_follow_ups_due
