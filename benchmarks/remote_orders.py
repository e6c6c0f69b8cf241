"""A thousand orders pressed into the page at once: how fast they are taken, and how slowly they are passed on."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import Counter
from dataclasses import dataclass

import httpx
from rich.table import Table

from benchmarks.figures import median_and_p95, table
from benchmarks.installation import EMAIL, PASSWORD
from benchmarks.page import SETTINGS, TOKEN
from benchmarks.remote_site import Site, cpu_s, site
from tests.vendor.process import Vendor

ORDERS, CONNECTIONS = 1000, 8
AT_LEAST_A_SECOND = 100
AT_ONCE, A_MINUTE = 3, 10
WATCHED_S = 90.0
LOOK_EVERY_S = 0.25
MINUTE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rush:
    seconds: float
    answers_ms: list[float]
    statuses: Counter[int]
    at_once: int
    web_ms: float
    """Processor time of the web server for each order; 0 where it cannot be told."""
    a_minute: int
    """The most orders that arrived at the vendor within any 60 s."""


def measure() -> Table:
    limits = {"WAVESPEED_MAX_CONCURRENT": str(AT_ONCE), "WAVESPEED_MAX_PER_MINUTE": str(A_MINUTE)}
    # The vendor's own limits are lifted: what holds back here is the playground.
    with Vendor(concurrency=1000, per_minute=0, duration_s=2.0) as vendor, site(vendor, **limits) as made:
        made.start()
        rush = asyncio.run(_rush(made))
    a_second = ORDERS / rush.seconds
    shown = table(f"{ORDERS:,} orders through the page over {CONNECTIONS} connections, signed in", "", "", "p95", "target")
    colour, word = ("green", "kept") if a_second >= AT_LEAST_A_SECOND else ("red", "missed")
    shown.add_row("taken", f"{a_second:.0f}/s", "", f"[{colour}]{word}[/]: ≥ {AT_LEAST_A_SECOND}/s")
    shown.add_row("each answered in", *median_and_p95(rush.answers_ms), "")
    shown.add_row("web server's own time", f"{rush.web_ms:.1f} ms", "", "")
    shown.add_row("answers, by status", ", ".join(f"{count}× {status}" for status, count in rush.statuses.items()), "", "")
    shown.add_row("most at the vendor at once", str(rush.at_once), "", _exactly(rush.at_once, AT_ONCE))
    shown.add_row(f"most in 60 s, of {WATCHED_S:.0f} s", str(rush.a_minute), "", _exactly(rush.a_minute, A_MINUTE))
    return shown


def _exactly(value: int, limit: int) -> str:
    return f"[green]kept[/]: {limit} allowed" if value <= limit else f"[red]missed[/]: {limit} allowed"


async def _rush(made: Site) -> Rush:
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    async with httpx.AsyncClient(base_url=made.url, timeout=60, limits=limits, trust_env=False) as client:
        watching = asyncio.create_task(asyncio.to_thread(_watched, made))
        token, web = await _signed_in(client), made.process_id("web")
        started, worked = time.perf_counter(), cpu_s(web)
        lanes = (_lane(client, token, range(lane, ORDERS, CONNECTIONS)) for lane in range(CONNECTIONS))
        answers = [answer for lane in await asyncio.gather(*lanes) for answer in lane]
        seconds, web_ms = time.perf_counter() - started, (cpu_s(web) - worked) * 1000 / ORDERS
        at_once, a_minute = await watching
    return Rush(
        seconds=seconds,
        answers_ms=[milliseconds for milliseconds, _ in answers],
        statuses=Counter(status for _, status in answers),
        web_ms=web_ms,
        at_once=at_once,
        a_minute=a_minute,
    )


async def _signed_in(client: httpx.AsyncClient) -> str:
    """Sign in and return the page's CSRF token."""
    token = _token(await client.get("/account/login/"))
    await client.post("/account/login/", data={"login": EMAIL, "password": PASSWORD, "csrfmiddlewaretoken": token})
    return _token(await client.get("/"))


def _token(page: httpx.Response) -> str:
    found = TOKEN.search(page.raise_for_status().text)
    if found is None:
        raise RuntimeError(f"no form on {page.url}")
    return found[1]


async def _lane(client: httpx.AsyncClient, token: str, seeds: range) -> list[tuple[float, int]]:
    """Send one order after the other; return the milliseconds and the status of each answer."""
    found: list[tuple[float, int]] = []
    for seed in seeds:
        form = {**SETTINGS, "prompt": "a red fox", "backend": "wavespeed", "seed": str(seed), "csrfmiddlewaretoken": token}
        started = time.perf_counter()
        answer = await client.post("/", data={**form, "idempotency_key": uuid.uuid4().hex})
        found.append(((time.perf_counter() - started) * 1000, answer.status_code))
    return found


def _watched(made: Site) -> tuple[int, int]:
    """Return the most orders that the vendor had at once, and within any minute."""
    taken: list[float] = []
    until = time.monotonic() + WATCHED_S
    while (now := time.monotonic()) < until:
        taken += [now] * (made.vendor.counts().charges - len(taken))
        time.sleep(LOOK_EVERY_S)
    in_a_minute = [sum(1 for other in taken if at <= other < at + MINUTE_S - LOOK_EVERY_S) for at in taken]
    return made.vendor.counts().most_at_once, max(in_a_minute, default=0)
