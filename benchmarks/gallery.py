"""A gallery of a million pictures: how soon its pages answer at the web process, on SQLite and on PostgreSQL.

BENCH_PICTURES makes it smaller. Each page is asked for over HTTP, as a signed-in person; beside the deep page stands what an
OFFSET of the same depth takes in the database alone.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
from rich.console import Group
from rich.table import Table

from benchmarks.figures import against, median_and_p95, p95, table
from benchmarks.installation import ROOT, WITHIN_S, Installation, installation
from benchmarks.postgres import postgres

PICTURES = int(os.environ.get("BENCH_PICTURES", "1000000"))
DATABASE_VARIABLE = "BENCH_DATABASE_URL"
WARM_UP, RUNS, OFFSET_RUNS = 3, 40, 10
PAGE_MS, QUERIES, PAGE_MB, THUMBNAILS_S = 100, 8, 1.5, 300
VISITORS, ROUNDS = 4, 20
SCRIPT = "benchmarks.gallery_rows"
THUMBNAIL = re.compile(r'src="(/gallery/[0-9a-f-]+/small/)"')
PAGES = {
    "first page": "",
    "deep page, at the middle": "before={middle}",
    "mine": "mine=1",
    "made by": "made_by=wavespeed",
    "portrait": "shape=portrait",
    "a month long ago": "from={long_ago}-01&to={long_ago}-28",
    "search: rare word": "q=zeppelin",
    "search: common word": "q=in",
    "search: phrase": "q=%22fox+in+the+snow%22",
    "search: word, -word": "q=fox+-snow",
    "search: prefix": "q=lighth*",
    "search: rare, mine, portrait": "q=zeppelin&mine=1&shape=portrait",
    "search: common, deep": "q=in&before={middle}",
}


def measure() -> Group:
    shown = [_measured("SQLite", "")]
    with contextlib.ExitStack() as stack:
        if database_url := os.environ.get(DATABASE_VARIABLE) or stack.enter_context(postgres()):
            shown.append(_measured("PostgreSQL", database_url))
    return Group(*shown)


def _measured(name: str, database_url: str) -> Table:
    variables = {"DATABASE_URL": database_url} if database_url else {}
    with installation(**variables) as site:
        filled = _rows(site, "fill", count=PICTURES)
        site.manage("collectstatic", "--noinput", "--verbosity", "0")
        site.start_alone("web")
        with httpx.Client(base_url=site.url, cookies={"sessionid": filled["session"]}, timeout=60, trust_env=False) as client:
            _until_answers(client)
            shown = table(f"A gallery of {PICTURES:,} pictures on {name}", "", "median", "p95", "queries", "target")
            _pages(shown, site, client, filled)
            deep = _rows(site, "offset", depth=PICTURES // 2, times=OFFSET_RUNS)
            shown.add_row("OFFSET of that depth, and a count", *median_and_p95(deep), "", "database alone", end_section=True)
            _thumbnails(shown, site, client, filled["session"])
    return shown


def _pages(shown: Table, site: Installation, client: httpx.Client, filled: Mapping[str, str]) -> None:
    long_ago = time.strftime("%Y-%m", time.gmtime(time.time() - 500 * 86_400))
    paths = {name: f"/gallery/?{said.format(long_ago=long_ago, **filled)}" for name, said in PAGES.items()}
    counted: Mapping[str, int] = _rows(site, "queries", session=filled["session"], paths=list(paths.values()))
    for name, path in paths.items():
        taken = [_ask_ms(client, path) for _ in range(WARM_UP + RUNS)][WARM_UP:]
        kept = f"{against(p95(taken), PAGE_MS, 'ms')}, {against(counted[path], QUERIES, 'queries')}"
        shown.add_row(name, *median_and_p95(taken), str(counted[path]), kept)


def _ask_ms(client: httpx.Client, path: str) -> float:
    started = time.perf_counter()
    client.get(path).raise_for_status()
    return (time.perf_counter() - started) * 1000


def _thumbnails(shown: Table, site: Installation, client: httpx.Client, session: str) -> None:
    """Fetch all thumbnails of the first page again and again, over as many connections as a small team's browsers."""
    paths = THUMBNAIL.findall(client.get("/gallery/").text)
    started = time.perf_counter()
    with ThreadPoolExecutor(VISITORS) as visitors:
        sizes = list(visitors.map(lambda _: _fetch(site.port, session, paths), range(VISITORS)))
    per_s = VISITORS * ROUNDS * len(paths) / (time.perf_counter() - started)
    megabytes = sizes[0] / 1e6
    shown.add_row(f"{len(paths)} thumbnails", f"{megabytes:.2f} MB", "", "", against(megabytes, PAGE_MB, "MB"))
    kept = "[green]kept[/]" if per_s >= THUMBNAILS_S else "[red]missed[/]"
    shown.add_row("thumbnails a second", f"{per_s:.0f}", "", "", f"{kept}: ≥ {THUMBNAILS_S}")


def _fetch(port: int, session: str, paths: list[str]) -> int:
    """Return the bytes of one round."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    total = 0
    for path in paths * ROUNDS:
        connection.request("GET", path, headers={"Cookie": f"sessionid={session}"})
        answer = connection.getresponse()
        total += len(answer.read())
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
    connection.close()
    return total // ROUNDS


def _until_answers(client: httpx.Client) -> None:
    ends_at = time.monotonic() + WITHIN_S
    while True:
        try:
            client.get("/healthz").raise_for_status()
            return
        except httpx.TransportError:
            if time.monotonic() > ends_at:
                raise
            time.sleep(0.05)


def _rows(site: Installation, do: str, **order: object) -> Any:
    """Have `benchmarks.gallery_rows` do something inside the installation, and return what it says."""
    command = [sys.executable, "-m", SCRIPT, do, json.dumps(order)]
    done = subprocess.run(command, cwd=ROOT, env=site.environment(), check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)
