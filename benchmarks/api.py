"""How much the API bears: orders and results a second, and orders that are held until they are made."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import httpx
from rich.table import Table

from benchmarks.api_site import WEB_PROCESSES, Site, bare_server, said_by, servers_of, site, until
from benchmarks.figures import against, at_least, p99, table
from benchmarks.installation import ROOT, free_port
from benchmarks.remote_site import cpu_s

CONNECTIONS, SECONDS, WARM_UP_S = 32, 8.0, 2.0
HELD, PICTURES = 500, 32
SETTLE_S = 2.0
SUBMITS_PER_S, READS_PER_S, READ_MS, GROWTH_MB = 150, 400, 150, 150
RUN = "/api/v3/wavespeed-ai/flux-srpo"
INPUTS = {"prompt": "a red fox in the snow", "size": "256*256", "num_inference_steps": 4}

Wanted = tuple[str, str, object]


class Door(NamedTuple):
    """Where requests go, with which key, and the parent of the processes that answer."""

    port: int
    key: str
    parent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What came back of one kind of request."""

    per_s: float
    took_ms: Sequence[float]
    cpu_ms: float
    """Of the web processes, for each request: what other programs on the machine hardly change."""
    refused: int
    answers: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """What holding many orders at once took."""

    growth_mb: float
    """Of the web processes together."""
    held_after_s: float
    """From the first connection until every order had its row."""
    answered: Mapping[str, int]
    """State in the answer → how many."""


def measure() -> Table:
    """Measure web processes and a broker without workers, from a client on the same machine."""
    with site() as made:
        made.serve()
        key: str = made.rows("key")
        hold = _hold(made, key)
        submits = _load(Door(made.port, key, made.web), [("POST", RUN, INPUTS)])
        waiting = [answer["data"]["id"] for answer in submits.answers]
        of_waiting = _load(Door(made.port, key, made.web), [_result(public_id) for public_id in waiting])
        made.rows("finish", ids=waiting[:PICTURES])
        of_finished = _load(Door(made.port, key, made.web), [_result(public_id) for public_id in waiting[:PICTURES]])
        bare_port = free_port()
        with bare_server(bare_port) as server:
            bare = _load(Door(bare_port, key, server), [("GET", "/bare", None)])
    title = f"The API: {WEB_PROCESSES} web processes, {CONNECTIONS} kept connections, {SECONDS:.0f} s each"
    shown = table(title, "", "a second", "CPU each", "median", "p99", "target")
    _add(shown, "a bare Django JSON view", bare)
    _add(shown, "runs asked for", submits, at_least(submits.per_s, SUBMITS_PER_S, "/s"))
    for name, load in (("results of runs that wait", of_waiting), ("results of finished runs", of_finished)):
        _add(shown, name, load, at_least(load.per_s, READS_PER_S, "/s"))
        shown.add_row("", "", "", "", "", against(p99(load.took_ms), READ_MS, "ms"))
    _add_hold(shown, hold)
    return shown


def _add(shown: Table, name: str, load: Load, kept: str = "") -> None:
    ordered = sorted(load.took_ms)
    median_ms, p99_ms = ordered[len(ordered) // 2], p99(ordered)
    shown.add_row(name, f"{load.per_s:.0f}", f"{load.cpu_ms:.1f} ms", f"{median_ms:.0f} ms", f"{p99_ms:.0f} ms", kept)
    if load.refused:
        shown.add_row("[red]not answered with 200[/]", f"{load.refused}")


def _add_hold(shown: Table, hold: Hold) -> None:
    shown.add_section()
    shown.add_row(f"{HELD} sync runs, until all are held", f"{hold.held_after_s:.1f} s")
    shown.add_row("memory they add", f"{hold.growth_mb:.0f} MB", "", "", "", against(hold.growth_mb, GROWTH_MB, "MB"))
    for status, count in hold.answered.items():
        shown.add_row(f"answered in the end: {status}", f"{count}")


def _result(public_id: str) -> Wanted:
    return "GET", f"/api/v3/predictions/{public_id}/result", None


def _load(door: Door, requests: Sequence[Wanted]) -> Load:
    """Ask for some seconds, after a short while that does not count."""
    order = {"port": door.port, "key": door.key, "requests": requests, "connections": CONNECTIONS}
    said_by("benchmarks.api_clients", "ask", {**order, "seconds": WARM_UP_S})
    before_s = _cpu_s(door)
    said = said_by("benchmarks.api_clients", "ask", {**order, "seconds": SECONDS})
    count = len(said["took_ms"])
    return Load(
        per_s=count / said["lasted_s"],
        took_ms=said["took_ms"],
        cpu_ms=(_cpu_s(door) - before_s) / count * 1000,
        refused=count - said["statuses"].get("200", 0),
        answers=said["answers"],
    )


def _cpu_s(door: Door) -> float:
    return sum(cpu_s(server) for server in servers_of(door.parent))


def _hold(made: Site, key: str) -> Hold:
    """Hold many sync runs that nobody makes, and end them by cancelling them through the API."""
    _load(Door(made.port, key, made.web), [("GET", "/api/v3/models", None)])  # so that what is loaded on first use is loaded
    before_mb, started = made.memory_mb_of_web(), time.monotonic()
    request = ("POST", RUN, {**INPUTS, "enable_sync_mode": True})
    order = {"port": made.port, "key": key, "request": request, "connections": HELD}
    command = [sys.executable, "-m", "benchmarks.api_clients", "hold", json.dumps(order)]
    clients = subprocess.Popen(command, cwd=ROOT, env=made.environment(), stdout=subprocess.PIPE, text=True)
    with httpx.Client(base_url=f"{made.url}/api/v3", headers={"Authorization": f"Bearer {key}"}, trust_env=False) as client:
        until(lambda: client.get("/predictions").json()["data"]["total"] >= HELD)
        held_after_s = time.monotonic() - started
        time.sleep(SETTLE_S)
        growth_mb = made.memory_mb_of_web() - before_mb
        for page in range(1, HELD // 100 + 1):
            listed = client.get("/predictions", params={"page": page, "page_size": 100}).json()["data"]["items"]
            for item in listed:
                client.post(f"/predictions/{item['id']}/cancel").raise_for_status()
    said, _ = clients.communicate(timeout=60)
    return Hold(growth_mb=growth_mb, held_after_s=held_after_s, answered=json.loads(said))
