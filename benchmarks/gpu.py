"""What the product adds to the bare call of diffusers, with a checkpoint of under 1 MB on the processor."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass

from rich.console import RenderableType

from benchmarks.figures import against, table
from benchmarks.installation import ROOT
from generations.backends.flux.extra import why_missing

LEFT_OUT = "[bold]FLUX on a card[/] was left out: its packages are not here. Try: .venv-gpu/bin/python -m benchmarks gpu"
ALLOWED_SHARE, ALLOWED_MS = 0.05, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    side: int
    steps: int
    bare_ms: list[float]
    """Of calls of the pipeline alone, taken in turns with the others."""
    ours_ms: list[float]
    loads: int
    """How often the model was loaded for all of them."""
    load_s: float
    peak_mb: float


def measure() -> RenderableType:
    """Return the median of pictures made either way in one process, in turns."""
    if why_missing():
        return LEFT_OUT
    run = _run()
    shown = table(f"FLUX, {run.side}×{run.side}, {run.steps} steps, {len(run.ours_ms)} pictures each", "what", "median", "target")
    bare, ours = statistics.median(run.bare_ms), statistics.median(run.ours_ms)
    allowed = bare * ALLOWED_SHARE + ALLOWED_MS
    shown.add_row("bare call of diffusers", f"{bare:.0f} ms", "")
    shown.add_row("engine, with previews", f"{ours:.0f} ms", "")
    shown.add_row("added", f"{ours - bare:.1f} ms", against(ours - bare, round(allowed, 1), "ms"))
    shown.add_row("loading, once", f"{run.load_s:.1f} s", against(run.loads, 1, "loads"))
    shown.add_row("peak memory", f"{run.peak_mb:.0f} MB", "")
    return shown


def _run() -> Run:
    with tempfile.TemporaryDirectory(prefix="playground-bench-") as folder:
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        made = [sys.executable, "-m", "tests.gpu.tiny", f"{folder}/tiny"]
        subprocess.run(made, cwd=ROOT, check=True, env=environment, capture_output=True)
        command = [sys.executable, "-m", "benchmarks.gpu_paint", f"{folder}/tiny"]
        done = subprocess.run(command, cwd=ROOT, check=True, env=environment, stdout=subprocess.PIPE, text=True)
    return Run(**json.loads(done.stdout))
