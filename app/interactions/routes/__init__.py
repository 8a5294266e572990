from app.interactions.routes import (  # noqa: F401  each adds its pages to the blueprint
    attendees,
    bulk,
    changing,
    choosing,
    drafts,
    follow_ups,
    listing,
    notes,
    offers,
    points,
    reading,
    themes,
    ticking,
    writing,
)
from app.interactions.routes.blueprint import bp as bp
from app.interactions.routes.follow_ups import my_follow_ups_due as my_follow_ups_due
