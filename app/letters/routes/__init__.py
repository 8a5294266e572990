from flask import Flask

from app.letters.routes import truth  # noqa: F401  adds its pages to the blueprint
from app.letters.routes.blueprint import bp


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
