"""The app factory: the one module that knows every feature."""

from flask import Flask

from app.core.db import db, prepare
from config import Config


def create_app(config: Config) -> Flask:
    app = Flask(__name__, template_folder="../templates")
    app.config.from_object(config)
    db.init_app(app)
    with app.app_context():
        prepare(db.engine)
    return app
