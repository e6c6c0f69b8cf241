"""How large a ZIP a web process sends, how fast, and in how much memory: a collection of 2 GB, whose pictures share one file."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
from rich.table import Table

from benchmarks.figures import against, table
from benchmarks.installation import ROOT, Installation, installation

PICTURES, BYTES_EACH = 2048, 1_048_576
GROWTH_MB = 100
SCRIPT = "benchmarks.archive_rows"
LOOK_EVERY_S = 0.05
TAIL = 4_000_000
"""Bytes from the end of the ZIP that are kept, to read its list."""
GIGABYTES = PICTURES * BYTES_EACH / 1e9


@dataclass(kw_only=True)
class Sent:
    seconds: float
    first_s: float
    """Until the first byte."""
    size: int
    entries: int
    memory_mb: list[float] = field(default_factory=list)


def measure() -> Table:
    """Fetch the collection twice, on a web process that has served a small one before."""
    with installation() as made:
        made.manage("collectstatic", "--noinput", "--verbosity", "0")
        small, large = (_rows(made, pictures, BYTES_EACH) for pictures in (4, PICTURES))
        made.start_alone("valkey", "web")
        _until_answers(made)
        _fetch(made, small)
        before = made.memory_mb("web")
        sent = [_fetch(made, large) for _ in range(2)]
    shown = table(f"A ZIP of {PICTURES:,} pictures, {GIGABYTES:.1f} GB, from one web process", "", "first", "second", "target")
    shown.add_row("seconds", *(f"{each.seconds:.1f} s" for each in sent), "")
    shown.add_row("a second", *(f"{each.size / each.seconds / 1e6:,.0f} MB" for each in sent), "")
    shown.add_row("until the first byte", *(f"{each.first_s * 1000:.0f} ms" for each in sent), "")
    shown.add_row("bytes", *(f"{each.size:,}" for each in sent), "")
    shown.add_row("entries in its list", *(f"{each.entries:,}" for each in sent), "")
    grown = [max(each.memory_mb) - before for each in sent]
    shown.add_row("memory of the process before", f"{before:.0f} MB", "", "")
    shown.add_row("more at the most", *(f"{each:.0f} MB" for each in grown), against(max(grown), GROWTH_MB, "MB"))
    return shown


def _rows(made: Installation, pictures: int, bytes_each: int) -> dict[str, str]:
    order = json.dumps({"pictures": pictures, "bytes_each": bytes_each})
    environment = {**made.environment(), "DJANGO_SETTINGS_MODULE": "playground.settings"}
    command = [sys.executable, "-m", SCRIPT, order]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, str] = json.loads(done.stdout)
    return found


def _fetch(made: Installation, asked: dict[str, str]) -> Sent:
    started, size, tail, first_s = time.monotonic(), 0, bytearray(), 0.0
    with (
        _watched(made) as memory_mb,
        httpx.Client(base_url=made.url, cookies={"sessionid": asked["session"]}, trust_env=False, timeout=60) as client,
        client.stream("GET", asked["address"]) as answer,
    ):
        answer.raise_for_status()
        for piece in answer.iter_raw():
            first_s = first_s or time.monotonic() - started
            size += len(piece)
            tail += piece
            del tail[: -TAIL if len(tail) > 2 * TAIL else 0]
    seconds = time.monotonic() - started
    # zipfile reads the list from the end, and takes what is missing in front for something before the ZIP.
    entries = len(zipfile.ZipFile(io.BytesIO(tail)).namelist())
    return Sent(seconds=seconds, first_s=first_s, size=size, entries=entries, memory_mb=memory_mb)


@contextmanager
def _watched(made: Installation) -> Iterator[list[float]]:
    """Give a list that grows meanwhile: the memory of the web process, again and again."""
    found: list[float] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(LOOK_EVERY_S):
            found.append(made.memory_mb("web"))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield found
    finally:
        over.set()
        watcher.join()


def _until_answers(made: Installation) -> None:
    ends_at = time.monotonic() + 60
    while time.monotonic() < ends_at:
        try:
            httpx.get(f"{made.url}/healthz", trust_env=False).raise_for_status()
            return
        except httpx.TransportError:
            time.sleep(0.02)
    raise TimeoutError("the web server does not answer")
