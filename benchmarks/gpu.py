"""What the product adds to the bare call of diffusers, with a checkpoint of under 1 MB on the processor."""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import RenderableType

from benchmarks.figures import against, table
from benchmarks.installation import ROOT, WITHIN_S, installation
from generations.backends.flux.extra import why_missing

LEFT_OUT = "[bold]FLUX on a card[/] was left out: its packages are not here. Try: .venv-gpu/bin/python -m benchmarks gpu"
ALLOWED_SHARE, ALLOWED_MS = 0.05, 20
ONE_CORE = {"OMP_NUM_THREADS": "1"}
ORDER = (
    "from generations import catalog; from generations.backends import backend_for; from generations.models import Member;"
    "from generations.submission import Order, submit;"
    "inputs = catalog.load().clean({'prompt': 'A red fox', 'size': '256*256', 'seed': 7});"
    "submit(Member.objects.get(), Order(inputs=inputs, backend=backend_for('flux')))"
)
STATE = "from generations.models import Generation; print(Generation.objects.get().state)"


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


def measure() -> RenderableType:
    """Return the median of pictures made either way in one process, in turns."""
    if why_missing():
        return LEFT_OUT
    with tempfile.TemporaryDirectory(prefix="playground-bench-") as folder:
        model = _tiny(Path(folder) / "tiny")
        run = _in_turns(model)
        worker_mb = _peak_of_a_worker(model)
    title = f"FLUX, {run.side}×{run.side}, {run.steps} steps, {len(run.ours_ms)} pictures each, one core"
    shown = table(title, "what", "median", "best", "target")
    bare, ours = statistics.median(run.bare_ms), statistics.median(run.ours_ms)
    allowed = bare * ALLOWED_SHARE + ALLOWED_MS
    shown.add_row("bare call of diffusers", f"{bare:.0f} ms", f"{min(run.bare_ms):.0f} ms", "")
    shown.add_row("engine, with previews", f"{ours:.0f} ms", f"{min(run.ours_ms):.0f} ms", "")
    added, at_best = ours - bare, min(run.ours_ms) - min(run.bare_ms)
    shown.add_row("added", f"{added:.1f} ms", f"{at_best:.1f} ms", against(added, round(allowed, 1), "ms"))
    shown.add_row("loading, once", f"{run.load_s:.1f} s", "", against(run.loads, 1, "loads"))
    shown.add_row("a worker's peak memory", f"{worker_mb:.0f} MB", "", "")
    return shown


def _tiny(folder: Path) -> Path:
    command = [sys.executable, "-m", "tests.gpu.tiny", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, env={**os.environ, **ONE_CORE}, capture_output=True)
    return folder


def _in_turns(model: Path) -> Run:
    command = [sys.executable, "-m", "benchmarks.gpu_paint", str(model)]
    environment = {**os.environ, **ONE_CORE}
    done = subprocess.run(command, cwd=ROOT, check=True, env=environment, capture_output=True, text=True)
    return Run(**json.loads(done.stdout))


def _peak_of_a_worker(model: Path) -> float:
    """Return the highest resident memory of a real worker after one picture."""
    with installation(FLUX_MODEL=str(model), SWEEP_EVERY_S="1", **ONE_CORE) as made:
        _, worker, _ = made.start_alone("valkey", "gpu", "remote")
        made.manage("shell", "--verbosity", "0", "--command", ORDER)
        ends_at = time.monotonic() + WITHIN_S
        while "succeeded" not in made.manage("shell", "--verbosity", "0", "--command", STATE):
            if time.monotonic() > ends_at:
                raise TimeoutError("the worker made no picture")
        status = Path(f"/proc/{worker}/status").read_text()
        return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) * 1024 / 1e6
