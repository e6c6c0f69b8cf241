"""Thousands in flight on one worker and one core: how late each end is seen, and what that costs."""

from __future__ import annotations

import contextlib
import sqlite3
import statistics
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass

from rich.table import Table

from benchmarks.figures import against, p95, table
from benchmarks.remote_site import Site, cpu_s, site
from tests.vendor.process import Vendor

STAYING, ENDING, PER_S = 5000, 300, 5.0
READY_S = 25.0
"""Between the first order that ends and its end: the time to order the others and to start the worker."""
LATE_S, MEMORY_MB = 6, 150
PATIENCE_S = 60.0
LOOK_EVERY_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    late_s: list[float]
    never: int
    """Ends that were not seen within PATIENCE_S after the last one."""
    kept: int
    """Pictures in the gallery when the last end was seen."""
    memory_mb: float
    cpu: float
    """Share of one core."""
    requests: Mapping[str, int]
    seconds: float


def measure() -> Table:
    settings = {"concurrency": 10**6, "per_minute": 0, "balance_microusd": 10**12}
    with Vendor(**settings) as vendor, site(vendor, SWEEP_EVERY_S="10") as made:
        flight = _fly(made)
    title = f"{STAYING:,} in flight on one worker and one core, {PER_S:g} more end each second, {ENDING} in all"
    shown = table(title, "", "", "target")
    if flight.late_s:
        shown.add_row("an end is seen after, median", f"{statistics.median(flight.late_s):.2f} s", "")
        shown.add_row("p95", f"{p95(flight.late_s):.2f} s", against(p95(flight.late_s), LATE_S, "s"))
        shown.add_row("the latest", f"{max(flight.late_s):.2f} s", "")
    shown.add_row("ends that were not seen at all", str(flight.never), against(flight.never, 0, ""))
    shown.add_row("memory of the worker", f"{flight.memory_mb:.0f} MB", against(flight.memory_mb, MEMORY_MB, "MB"))
    shown.add_row("its share of the core", f"{flight.cpu:.0%}", "")
    shown.add_row("pictures fetched and kept meanwhile", str(flight.kept), "")
    for endpoint, count in sorted(flight.requests.items()):
        shown.add_row(f"requests to the vendor: {endpoint}", f"{count} in {flight.seconds:.0f} s", "")
    return shown


def _fly(made: Site) -> Flight:
    made.start_alone("valkey", core=1)
    ends_at: Mapping[str, float] = made.rows("fly", staying=STAYING, ending=ENDING, per_s=PER_S, after_s=READY_S)
    before, started = made.vendor.counts().requests, time.time()
    (worker,) = made.start_alone("remote", core=0)
    seen, memory_mb = _watched(made, ends_at, worker)
    after, seconds, worked = made.vendor.counts().requests, time.time() - started, cpu_s(worker)
    return Flight(
        late_s=[at - ends_at[row] for row, at in seen.items()],
        never=len(ends_at) - len(seen),
        kept=_count(made, "succeeded"),
        memory_mb=memory_mb,
        cpu=worked / seconds,
        requests={name: after[name] - before.get(name, 0) for name in ("list", "result", "output") if name in after},
        seconds=seconds,
    )


def _watched(made: Site, ends_at: Mapping[str, float], worker: int) -> tuple[dict[str, float], float]:
    """Return row → when its end was seen in the database, and the most memory that the worker took."""
    seen: dict[str, float] = {}
    memory_mb = 0.0
    until = max(ends_at.values()) + PATIENCE_S
    with contextlib.closing(sqlite3.connect(made.database, timeout=20)) as rows:
        while len(seen) < len(ends_at) and time.time() < until:
            now = time.time()
            for (pk,) in rows.execute("SELECT id FROM generations_generation WHERE state <> 'running'"):
                if str(pk) in ends_at:
                    seen.setdefault(str(pk), now)
            memory_mb = max(memory_mb, _memory_mb(worker))
            time.sleep(LOOK_EVERY_S)
    return seen, memory_mb


def _count(made: Site, state: str) -> int:
    with contextlib.closing(sqlite3.connect(made.database, timeout=20)) as rows:
        return int(rows.execute("SELECT count(*) FROM generations_generation WHERE state = ?", [state]).fetchone()[0])


def _memory_mb(process_id: int) -> float:
    """Return the resident memory of a process, without that of the children that decode pictures."""
    return int(_ps("rss", process_id)) * 1024 / 1e6


def _ps(field: str, process_id: int) -> str:
    done = subprocess.run(["ps", "-o", f"{field}=", "-p", str(process_id)], check=False, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip() or "0"
