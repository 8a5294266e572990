"""Several processes share the tests: who runs which, and when (`./test` starts them with `-n`).

A file stays in one process, once for each kind of database. All that runs on SQLite comes before
PostgreSQL, so that each process changes over once; Chromium's files come together, so that it is
started once; and what takes long is begun first, so that nobody waits for a last long file.
"""

from collections import Counter
from typing import Any

import pytest

FILES_WITH_BROWSER = "tests/browser/"
SECONDS = 0.2  # about, for a test
SLOW_SECONDS = 10.0  # about, for one that is marked slow


def part_of(nodeid: str) -> str:
    """What a test belongs to, when it is said how long each part took."""
    kind = "on PostgreSQL" if is_on_postgresql(nodeid) else "on SQLite, or on none"
    return f"in the browser, {kind}" if nodeid.startswith(FILES_WITH_BROWSER) else kind


def is_on_postgresql(nodeid: str) -> bool:
    return "postgresql" in nodeid.partition("[")[2].removesuffix("]").split("-")


def scope_of(nodeid: str) -> str:
    return nodeid.partition("::")[0] + ("@postgresql" if is_on_postgresql(nodeid) else "")


def put_in_order(items: list[pytest.Item]) -> None:
    weights: Counter[str] = Counter()
    for item in items:
        seconds = SLOW_SECONDS if item.get_closest_marker("slow") else SECONDS
        weights[scope_of(item.nodeid)] += seconds  # type: ignore[assignment]

    def place(item: pytest.Item) -> tuple[bool, bool, float, str]:
        scope = scope_of(item.nodeid)
        in_browser = scope.startswith(FILES_WITH_BROWSER)
        return is_on_postgresql(item.nodeid), not in_browser, -weights[scope], scope

    items.sort(key=place)


def scheduler(config: pytest.Config, log: Any) -> Any:
    from xdist.scheduler import LoadFileScheduling  # noqa: PLC0415  only where it is installed

    class ByFileAndDatabase(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return scope_of(nodeid)

    config.option.loadscopereorder = False  # they are in order
    return ByFileAndDatabase(config, log)
