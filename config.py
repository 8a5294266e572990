"""Settings, read once from the environment; nothing else in the app reads os.environ."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Config:
    SECRET_KEY: str
    DATABASE_URL: str
    DATA_DIR: Path = Path("data")
    BASE_URL: str = "http://127.0.0.1:8000"
    LOOPBACK_ONLY: bool = False
    TESTING: bool = False
    WTF_CSRF_ENABLED: bool = True

    @property
    def SQLALCHEMY_ENGINES(self) -> dict[str, Any]:
        return {"default": self.DATABASE_URL}

    @classmethod
    def from_env(cls) -> "Config":
        return cls(SECRET_KEY=os.environ["SECRET_KEY"], DATABASE_URL=os.environ["DATABASE_URL"])
