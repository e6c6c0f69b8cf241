"""What the playground adds to a picture: from the press of the button to the finished card, less the painting itself."""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import httpx
from rich.table import Table

from benchmarks.figures import against, median_and_p95, table
from benchmarks.installation import EMAIL, PASSWORD, Installation, installation

WARM_UP, RUNS = 3, 30
TARGET_MS = 150
SETTINGS = {"width": "256", "height": "256", "num_inference_steps": "4", "guidance_scale": "3.5", "output_format": "jpeg"}
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
CARD = re.compile(r'<article class="[^"]*\bis-(\w+)[^>]*?\bdata-generation="([^"]+)"')
RENDER_TIMES = (
    "import json; from generations.models import Generation; "
    "print(json.dumps({str(g.public_id): g.render_ms for g in Generation.objects.all()}))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    public_id: str
    answered_ms: float
    """From the press of the button to the answer with the waiting card."""
    finished_ms: float
    """From the press of the button to the finished card."""


def measure() -> Table:
    """Make pictures through the page, one after the other, and return what they took."""
    with installation() as made:
        made.start()
        runs = asyncio.run(_runs(made))[WARM_UP:]
        render_ms: Mapping[str, int] = json.loads(made.manage("shell", "--verbosity", "0", "--command", RENDER_TIMES))
    beyond = [run.finished_ms - render_ms[run.public_id] for run in runs]
    shown = table(f"A picture through the page ({RUNS} at 256×256, 4 steps)", "", "median", "p95", "target")
    shown.add_row("POST answered", *median_and_p95([run.answered_ms for run in runs]), "")
    shown.add_row("finished card in hand", *median_and_p95([run.finished_ms for run in runs]), "")
    shown.add_row("the painting alone", *median_and_p95([render_ms[run.public_id] for run in runs]), "")
    kept = against(statistics.median(beyond), TARGET_MS, "ms")
    shown.add_row("card, less the painting", *median_and_p95(beyond), kept)
    return shown


async def _runs(made: Installation) -> list[Run]:
    async with httpx.AsyncClient(base_url=made.url, follow_redirects=True, timeout=60, trust_env=False) as client:
        await _sign_in(client)
        token = _token(await client.get("/"))
        return [await _make(client, token, seed) for seed in range(WARM_UP + RUNS)]


async def _sign_in(client: httpx.AsyncClient) -> None:
    token = _token(await client.get("/account/login/"))
    await client.post("/account/login/", data={"login": EMAIL, "password": PASSWORD, "csrfmiddlewaretoken": token})


def _token(page: httpx.Response) -> str:
    found = TOKEN.search(page.raise_for_status().text)
    if found is None:
        raise RuntimeError(f"no form on {page.url}")
    return found[1]


async def _make(client: httpx.AsyncClient, token: str, seed: int) -> Run:
    """Send the form and do what the page does: open the stream, and re-read the card at each word of it."""
    form = {**SETTINGS, "prompt": "a red fox", "seed": str(seed), "idempotency_key": uuid.uuid4().hex}
    started = time.perf_counter()
    answer = await client.post("/", data={**form, "csrfmiddlewaretoken": token}, headers={"HX-Request": "true"})
    answered = time.perf_counter()
    state, public_id = _card(answer)
    async for _ in _words(client):
        state, _ = _card(await client.get(f"/generations/{public_id}/card/", params={"size": "hero"}))
        if state not in {"queued", "rendering", "storing"}:
            break
    finished = time.perf_counter()
    if state != "succeeded":
        raise RuntimeError(f"generation {public_id} ended as {state}")
    return Run(public_id=public_id, answered_ms=(answered - started) * 1000, finished_ms=(finished - started) * 1000)


async def _words(client: httpx.AsyncClient) -> AsyncIterator[str]:
    """Give each message of the event stream, its greeting included."""
    async with client.stream("GET", "/events/") as stream:
        if stream.status_code != 200:
            raise RuntimeError(f"the event stream answered {stream.status_code}")
        async for line in stream.aiter_lines():
            if line.startswith("data:"):
                yield line


def _card(answer: httpx.Response) -> tuple[str, str]:
    """Return the state and the public id of the first card."""
    found = CARD.search(answer.raise_for_status().text)
    if found is None:
        raise RuntimeError(f"no card in the answer of {answer.url}")
    return found[1], found[2]
