"""Figures and tables in one manner."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from rich.table import Table


def p95(values: Sequence[float]) -> float:
    """Return the value that 95 of 100 do not exceed."""
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]


def p99(values: Sequence[float]) -> float:
    """Return the value that 99 of 100 do not exceed."""
    return sorted(values)[math.ceil(0.99 * len(values)) - 1]


def median_and_p95(values: Sequence[float]) -> tuple[str, str]:
    return f"{statistics.median(values):.0f} ms", f"{p95(values):.0f} ms"


def against(value: float, target: float, unit: str) -> str:
    """Say the target and whether a value keeps it."""
    return f"[{'green' if value <= target else 'red'}]{'kept' if value <= target else 'missed'}[/]: ≤ {target:g} {unit}"


def at_least(value: float, target: float, unit: str) -> str:
    """Say the target of what should be much, and whether a value keeps it."""
    return f"[{'green' if value >= target else 'red'}]{'kept' if value >= target else 'missed'}[/]: ≥ {target:g} {unit}"


def table(title: str, *columns: str) -> Table:
    made = Table(title=title, title_justify="left", title_style="bold", min_width=len(title))
    for number, column in enumerate(columns):
        made.add_column(column, justify="right" if number else "left", no_wrap=True)
    return made
