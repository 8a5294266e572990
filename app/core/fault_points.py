"""Named moments in work that must survive being killed. Tests end the process at each of them."""

from collections.abc import Callable

# Every moment of sending one letter, in order. A test proves that each is really passed.
SENDING = (
    "before the claim",
    "claimed",
    "connected",
    "our address accepted",
    "recipient accepted",
    "data wanted",
    "transmitting recorded",
    "first bytes given",
    "message given",
    "reply received",
    "reply recorded",
)

_watcher: Callable[[str], None] | None = None


def fault_point(name: str) -> None:
    """Does nothing, unless a test watches."""
    if _watcher is not None:
        _watcher(name)


def watch(watcher: Callable[[str], None] | None) -> None:
    """From here on tell `watcher` of every checkpoint passed in this process."""
    global _watcher  # noqa: PLW0603 - there is one process to watch
    _watcher = watcher
