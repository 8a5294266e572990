"""How long something takes, measured several times, and the middle one of those."""

import time
from collections.abc import Callable, Mapping
from statistics import median


def processor_seconds(work: Callable[[], object], rounds: int) -> float:
    """What this process spent on it, whatever else the machine was doing."""
    return median(_timed(work, time.process_time) for _ in range(rounds))


def seconds_of_each(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """By the clock on the wall, in turns, so that a slow moment of the machine hits all alike."""
    for work in works.values():
        work()
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            taken[name].append(_timed(work, time.perf_counter))
    return {name: median(times) for name, times in taken.items()}


def _timed(work: Callable[[], object], clock: Callable[[], float]) -> float:
    began = clock()
    work()
    return clock() - began
