"""The app factory: the one module that knows every feature."""

from flask import Flask
from sqlalchemy.orm import Session

from app.audit import recorder
from app.core.db import db, prepare
from app.interactions import models as _interactions  # noqa: F401  until its routes import it
from app.letters import models as _letters  # noqa: F401  until its routes import it
from app.settings import models as _settings  # noqa: F401
from config import Config

recorder.listen(Session)


def create_app(config: Config) -> Flask:
    app = Flask(__name__, template_folder="../templates")
    app.config.from_object(config)
    db.init_app(app)
    with app.app_context():
        prepare(db.engine)
    return app
