"""What Easel costs: seconds and memory of one picture, each in a process of its own on one core."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from dataclasses import dataclass

from rich.table import Table

from benchmarks.figures import table
from benchmarks.installation import ROOT

SIDES = (256, 1024, 1536)
TIMES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    seconds: float
    peak_mb: float
    """The highest resident memory of the whole process, Python and libraries included."""


def measure() -> Table:
    """Return the best and the median of three pictures at each size."""
    shown = table(f"Easel, 28 steps, one core, {TIMES} fresh processes each", "size", "best", "median", "peak memory")
    for side in SIDES:
        costs = [_in_a_process(side) for _ in range(TIMES)]
        seconds = [cost.seconds for cost in costs]
        peak_mb = max(cost.peak_mb for cost in costs)
        shown.add_row(f"{side}×{side}", f"{min(seconds):.2f} s", f"{statistics.median(seconds):.2f} s", f"{peak_mb:.0f} MB")
    return shown


def _in_a_process(side: int) -> Cost:
    command = [sys.executable, "-m", "benchmarks.paint", str(side)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return Cost(**json.loads(done.stdout))
