"""The database's shape: which migration it is at, and bringing it to the newest."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

ROOT = Path(__file__).parent.parent.parent


@cache
def head() -> str | None:
    """The newest migration this copy of the code knows."""
    return _scripts().get_current_head()


def current(connection: Connection) -> str | None:
    """The migration the database is at; None before the first."""
    return MigrationContext.configure(connection).get_current_revision()


def is_known(revision: str | None) -> bool:
    """False when a newer Liaise than this one has already migrated the database."""
    return revision is None or revision in {
        script.revision for script in _scripts().walk_revisions()
    }


def upgrade(engine: Engine, to: str = "head") -> None:
    _run(engine, lambda config: command.upgrade(config, to))


def downgrade(engine: Engine, to: str = "base") -> None:
    _run(engine, lambda config: command.downgrade(config, to))


def check(engine: Engine) -> None:
    """Raise when the models and the migrations no longer say the same."""
    _run(engine, command.check)


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_alembic_config())


def _alembic_config() -> AlembicConfig:
    return AlembicConfig(toml_file=ROOT / "pyproject.toml")


def _run(engine: Engine, what: Callable[[AlembicConfig], None]) -> None:
    config = _alembic_config()
    config.attributes["engine"] = engine
    what(config)
