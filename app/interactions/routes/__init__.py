from app.interactions.routes import (  # noqa: F401  each adds its pages to the blueprint
    changing,
    choosing,
    listing,
    reading,
    writing,
)
from app.interactions.routes.blueprint import bp as bp
