"""England's bodies, loaded once for each database, as the directory's tests have them."""

from tests.directory.conftest import england, england_app

__all__ = ["england", "england_app"]
