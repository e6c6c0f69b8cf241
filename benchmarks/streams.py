"""How live the pages are: from a worker's commit to 200 open streams and to the card in a browser, and after a restart."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from playwright.async_api import Browser
from rich.table import Table

from benchmarks.figures import against, median_and_p95, p95, table
from benchmarks.installation import ROOT, Installation, installation
from benchmarks.streams_clients import Listener, all_greeted, listeners, sleepers
from benchmarks.streams_page import Watched, chromium, usable_after_ms, visitor

STREAMS, SLEEPERS = 200, 10
MOVES, EVERY_S = 30, 1.0
FLOOD = 6000
"""Announcements that fill the buffers between the server and a page that does not read: some 320 kB, and then its backlog."""
LOADS = 10
EVENT_MS, RESTART_S, USABLE_MS = 300, 5, 1000
SETTLE_S = 2.0
SCRIPT = "benchmarks.streams_rows"

Commits = Sequence[tuple[float, str]]


@dataclass(kw_only=True)
class Round:
    """One row of moves, as everybody heard of it."""

    events_ms: list[float] = field(default_factory=list)
    """From each commit to each stream."""
    cards_ms: list[float] = field(default_factory=list)
    """From each commit to the browser's changed card."""
    lost: int = 0
    """Events that a stream did not get."""
    skipped: int = 0
    """States that the card never showed, as it was at a later one already when it was read."""


@dataclass(kw_only=True)
class Restart:
    gone_s: float
    """From the signal until the old process was gone."""
    answers_s: float
    """From the signal until the new one answers."""
    streams_s: float
    """From the new one's first answer until all streams are open."""
    page_s: float | None
    """From the new one's first answer until the browser's stream is open."""


@dataclass(kw_only=True)
class Measured:
    page_bytes: int = 0
    memory_mb: float = 0.0
    """Of the web process, with all streams open."""
    usable_ms: list[float] = field(default_factory=list)
    rounds: dict[str, Round] = field(default_factory=dict)
    restarts: dict[str, Restart] = field(default_factory=dict)


def measure() -> Table:
    """Measure on one web process, without workers: a process of its own makes the moves."""
    with installation() as made:
        made.manage("collectstatic", "--noinput", "--verbosity", "0")
        made.start_alone("valkey", "web")
        found = asyncio.run(_measure(made))
    shown = table(f"{STREAMS} open streams on one web process, {MOVES} changes", "", "median", "p95", "target")
    for name, heard in found.rounds.items():
        shown.add_row(f"[bold]{name}[/]")
        _add(shown, "commit to event", heard.events_ms, EVENT_MS)
        _add(shown, "commit to card", heard.cards_ms, EVENT_MS)
        shown.add_row("events lost", str(heard.lost), "", against(heard.lost, 0, ""))
        shown.add_row("states the card skipped", str(heard.skipped), "", "", end_section=True)
    _add(shown, "page usable, nothing cached", found.usable_ms, USABLE_MS)
    shown.add_row("the page without its files", f"{found.page_bytes / 1000:.1f} kB", "", "")
    shown.add_row("memory of the web process", f"{found.memory_mb:.0f} MB", "", "", end_section=True)
    for name, restart in found.restarts.items():
        shown.add_row(f"[bold]web {name}[/]")
        _add_restart(shown, restart)
    return shown


def _add(shown: Table, name: str, values_ms: Sequence[float], target_ms: float) -> None:
    if values_ms:
        shown.add_row(name, *median_and_p95(values_ms), against(p95(values_ms), target_ms, "ms"))
    else:
        shown.add_row(name, "", "", "no Chromium found")


def _add_restart(shown: Table, restart: Restart) -> None:
    shown.add_row("old one gone after", f"{restart.gone_s:.1f} s", "", "")
    shown.add_row("new one answers after", f"{restart.answers_s:.1f} s", "", "")
    shown.add_row("then streams open within", f"{restart.streams_s:.1f} s", "", "")
    kept = "no Chromium found" if restart.page_s is None else against(restart.page_s, RESTART_S, "s")
    shown.add_row("then page live within", f"{restart.page_s or 0:.1f} s", "", kept, end_section=True)


async def _measure(made: Installation) -> Measured:
    await _until_answers(made)
    sessions: list[str] = await _rows("people", made, count=STREAMS)
    owner, lookers = sessions[0], sessions[1:]
    found = Measured(page_bytes=await _page_bytes(made, owner))
    async with contextlib.AsyncExitStack() as stack:
        browser = await stack.enter_async_context(chromium())
        asleep = stack.enter_context(contextlib.ExitStack())
        asleep.enter_context(sleepers(made.port, lookers[:SLEEPERS]))
        await _rows("flood", made, count=FLOOD)
        listening = await stack.enter_async_context(listeners(made.port, lookers))
        watched = await _watched(browser, made, owner)
        found.rounds[f"beside {SLEEPERS} that never read"] = await _round(made, listening, watched)
        asleep.close()
        found.rounds["alone"] = await _round(made, listening, watched)
        if browser is not None:
            found.usable_ms = [await usable_after_ms(browser, made.url, owner) for _ in range(LOADS)]
        found.memory_mb = made.memory_mb("web")
        for name, number in (("killed", signal.SIGKILL), ("told to stop", signal.SIGTERM)):
            found.restarts[name] = await _restart(made, listening, watched, number)
    return found


async def _watched(browser: Browser | None, made: Installation, session: str) -> Watched | None:
    if browser is None:
        return None
    context = await visitor(browser, made.url, session)
    watched = Watched(await context.new_page())
    await watched.open()
    await asyncio.sleep(SETTLE_S)
    return watched


async def _round(made: Installation, listening: Sequence[Listener], watched: Watched | None) -> Round:
    for each in listening:
        each.heard_at.clear()
    commits: Commits = await _rows("moves", made, count=MOVES, every_s=EVERY_S)
    await asyncio.sleep(SETTLE_S)
    found = Round()
    for each in listening:
        found.lost += abs(len(commits) - len(each.heard_at))
        if len(each.heard_at) == len(commits):
            found.events_ms += [(heard - at) * 1000 for heard, (at, _) in zip(each.heard_at, commits, strict=True)]
    if watched is not None:
        found.cards_ms = _cards_ms(commits, await watched.changes())
        found.skipped = len(commits) - len(found.cards_ms)
    return found


def _cards_ms(commits: Commits, changes: Commits) -> list[float]:
    """Match each commit with the card's first change to its state before the next commit but two, which leads there again."""
    found = []
    for number, (at, state) in enumerate(commits):
        until = commits[number + 3][0] if number + 3 < len(commits) else float("inf")
        # A browser's clock counts whole milliseconds.
        seen = [changed for changed, to in changes if to == state and at - 0.001 <= changed < until]
        found += [(seen[0] - at) * 1000] if seen else []
    return found


async def _restart(made: Installation, listening: Sequence[Listener], watched: Watched | None, number: signal.Signals) -> Restart:
    started = time.time()
    gone_s = await asyncio.to_thread(made.start_again, "web", number)
    await _until_answers(made)
    answered = time.time()
    await all_greeted(listening)
    page_s = None
    if watched is not None:
        while watched.tuned_at[-1] < started + gone_s:
            await asyncio.sleep(0.01)
        page_s = max(0.0, watched.tuned_at[-1] - answered)
    streams_s = max(each.hello_at[-1] for each in listening) - answered
    return Restart(gone_s=gone_s, answers_s=answered - started, streams_s=max(0.0, streams_s), page_s=page_s)


async def _rows(do: str, made: Installation, **order: object) -> Any:
    """Have `benchmarks.streams_rows` do something inside the installation, and return what it says."""
    command = [sys.executable, "-m", SCRIPT, do, json.dumps(order)]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=made.environment(), stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{do} ended with status {process.returncode}")
    return json.loads(said)


async def _page_bytes(made: Installation, session: str) -> int:
    async with httpx.AsyncClient(base_url=made.url, cookies={"sessionid": session}, trust_env=False) as client:
        return len((await client.get("/")).raise_for_status().content)


async def _until_answers(made: Installation) -> None:
    async with httpx.AsyncClient(base_url=made.url, trust_env=False) as client, asyncio.timeout(60):
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await client.get("/healthz")).is_success:
                    return
            await asyncio.sleep(0.02)
