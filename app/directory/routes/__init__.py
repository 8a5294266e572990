from app.directory.routes import (  # noqa: F401  each adds its pages to the blueprint
    appointments,
    emails,
    organisations,
    owners,
    people,
    post_types,
    posts,
    returned_mail,
    successions,
)
from app.directory.routes.blueprint import bp as bp
