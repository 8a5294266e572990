"""What was measured, as one table to read and as JSON to keep."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Engine, text


@dataclass(frozen=True)
class Figure:
    """One line: a ratio with its target, and the absolute figures it was made from."""

    what: str
    measured: str
    against: str
    ratio: float
    target: float
    more_is_better: bool = False

    @property
    def is_met(self) -> bool:
        return self.ratio >= self.target if self.more_is_better else self.ratio <= self.target

    @property
    def target_words(self) -> str:
        return f"{'≥' if self.more_is_better else '≤'} {self.target:.2f}"


HEADINGS = ("Figure", "Measured", "Against", "Ratio", "Target", "Met")


def table(figures: Sequence[Figure]) -> str:
    """The lines as Markdown, lined up so that they also read well in a terminal."""
    rows = [HEADINGS, *(_cells(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = [_line(row, widths) for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _cells(figure: Figure) -> tuple[str, ...]:
    met = "yes" if figure.is_met else "no"
    ratio = f"{figure.ratio:.2f}"
    return (figure.what, figure.measured, figure.against, ratio, figure.target_words, met)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return (
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        + " |"
    )


def machine(engine: Engine) -> dict[str, str]:
    """On what it was measured: figures of two machines compare only by their ratios."""
    name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[engine.dialect.name]
    asking = "select sqlite_version()" if engine.dialect.name == "sqlite" else "show server_version"
    with engine.connect() as connection:
        version = connection.scalar(text(asking))
    return {
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "database": f"{name} {version}",
    }


def machine_line(known: dict[str, str]) -> str:
    return (
        f"{known['cores']} cores, {known['system']}, Python {known['python']}, {known['database']}."
    )


def as_json(figures: Sequence[Figure], known: dict[str, str]) -> str:
    rows = [asdict(figure) | {"is_met": figure.is_met} for figure in figures]
    return json.dumps({"machine": known, "figures": rows}, indent=2, ensure_ascii=False) + "\n"
