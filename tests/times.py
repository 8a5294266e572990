"""How long each part of the tests took, and which test takes long without saying why.

A test that takes over two seconds says so: `@pytest.mark.slow("why it is worth it")`. On a busy
machine any test can take long, so what is found is told at the end and fails nothing.
"""

from collections import defaultdict

import pytest

from tests.sharing import part_of

LONGEST = 2.0  # seconds


def say(terminal: pytest.TerminalReporter) -> None:
    seconds: dict[str, float] = defaultdict(float)
    too_long = []
    for category, reports in terminal.stats.items():
        if category in {"deselected", "warnings"}:
            continue
        for report in reports:
            # What is left: a file could not be read, or one of the cases inside a test failed.
            if type(report) is not pytest.TestReport:
                continue
            seconds[part_of(report.nodeid)] += report.duration
            is_marked = "slow" in dict(report.user_properties)
            if report.when == "call" and report.duration > LONGEST and not is_marked:
                too_long.append((report.duration, report.nodeid))
    if terminal.config.option.durations is None:
        return
    terminal.section("how long each part took, all processes together")
    for part, took in sorted(seconds.items(), key=lambda one: -one[1]):
        terminal.write_line(f"{took:6.0f} s  {part}")
    if too_long:
        terminal.section(f"over {LONGEST:.0f} s, and not marked slow with the reason")
        for took, nodeid in sorted(too_long, reverse=True):
            terminal.write_line(f"{took:6.1f} s  {nodeid}")
