"""Orders at the vendor and rows here, made inside an installation: `python -m benchmarks.remote_rows DO JSON`.

`fly` orders straight at the vendor and writes the rows as if this installation had ordered; `watch` orders as a person does
and watches how each order ends.
"""

from __future__ import annotations

import json
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import django
import httpx
from django.conf import settings

LOOK_EVERY_S = 0.01
WITHIN_S = 120
FOREVER_S = 100_000.0
CHUNK = 20
"""Orders that end in the same moment."""


def fly(*, staying: int, ending: int, per_s: float, after_s: float) -> dict[str, float]:
    """Have so many orders at the vendor that stay, and others that end, so many a second; return row → when it ends."""
    from generations.models import Generation

    ends: dict[str, float] = {}
    _save(_ordered(range(staying), FOREVER_S))
    first_end = time.time() + after_s
    for at in range(0, ending, CHUNK):
        lasts = first_end + at / per_s - time.time()
        made = _ordered(range(staying + at, staying + min(at + CHUNK, ending)), lasts)
        _save(made)
        ends |= {upstream_id: created.timestamp() + lasts for upstream_id, created, _ in made}
    rows = Generation.objects.filter(attempts__upstream_id__in=ends).values_list("pk", "attempts__upstream_id")
    return {str(pk): ends[upstream_id] for pk, upstream_id in rows}


def watch(*, at_once: int, rounds: int, seconds: list[float]) -> dict[str, list[float]]:
    """Order some at once, several times, each round lasting a random time; return how late ends were seen and pictures kept."""
    from generations.models import Generation, Member
    from generations.submission import submit

    member = Member.objects.select_related("team", "user").get()
    seen: list[float] = []
    kept: list[float] = []
    for number in range(rounds):
        lasts = random.uniform(*seconds)
        _vendor(duration_s=lasts)
        rows = [submit(member, _order(number * at_once + index)).pk for index in range(at_once)]
        for pk, (left_at, done_at) in _watched(rows).items():
            first_word = Generation.objects.get(pk=pk).attempts.get().answers[0]
            ended_at = datetime.fromisoformat(first_word["created_at"]).timestamp() + lasts
            seen.append(left_at - ended_at)
            kept.append(done_at - ended_at)
    return {"seen": seen, "kept": kept}


def _watched(rows: list[int]) -> dict[int, tuple[float, float]]:
    """Return row → when it stopped being made, and when its picture was there."""
    from generations.models import Generation

    left: dict[int, float] = {}
    done: dict[int, float] = {}
    ends_at = time.monotonic() + WITHIN_S
    while len(done) < len(rows):
        for pk, state in Generation.objects.filter(pk__in=rows).values_list("pk", "state"):
            if state in ("fetching", "storing", "succeeded"):
                left.setdefault(pk, time.time())
            if state == "succeeded":
                done.setdefault(pk, time.time())
        if time.monotonic() > ends_at:
            raise TimeoutError(f"{len(rows) - len(done)} orders are not done after {WITHIN_S} s")
        time.sleep(LOOK_EVERY_S)
    return {pk: (left[pk], done[pk]) for pk in rows}


def _ordered(seeds: range, lasts: float) -> list[tuple[str, datetime, int]]:
    """Order at the vendor and return id, moment and seed of each."""
    from generations.backends import backend_for

    _vendor(duration_s=lasts)
    engine = backend_for("wavespeed")
    with ThreadPoolExecutor(4) as pool:
        statuses = pool.map(lambda seed: engine.submit(_request(seed)).status, seeds)
        return [(status.id, status.created_at, seed) for status, seed in zip(statuses, seeds, strict=True)]


def _save(made: list[tuple[str, datetime, int]]) -> None:
    """Write generations and attempts as the pipeline leaves them when the vendor has accepted."""
    from django.utils import timezone

    from generations.accounts import account_for
    from generations.models import Attempt, Generation, Member, Outcome, State

    member = Member.objects.select_related("team", "user").get()
    account = account_for(member.team, "wavespeed")
    generations = Generation.objects.bulk_create(
        Generation(team=member.team, author=member.user, backend="wavespeed", state=State.RUNNING, **_settings(seed))
        for _, _, seed in made
    )
    request = {"model": "wavespeed-ai/flux-srpo", "inputs": {"prompt": "a red fox", "size": "256*256"}}
    Attempt.objects.bulk_create(
        Attempt(
            generation=generation,
            number=1,
            account=account,
            outcome=Outcome.ACCEPTED,
            upstream_id=upstream_id,
            request=request,
            answers=[{"id": upstream_id, "status": "created", "created_at": created.isoformat()}],
            created_at=created,
            poll_at=timezone.now(),
        )
        for generation, (upstream_id, created, _) in zip(generations, made, strict=True)
    )


def _settings(seed: int) -> dict[str, object]:
    small = {"width": 256, "height": 256, "num_inference_steps": 4, "guidance_scale": 3.5, "output_format": "jpeg"}
    return {"model": "flux-srpo", "prompt": "a red fox", "seed": seed, **small}


def _request(seed: int) -> object:
    from generations.backends.base import ImageRequest

    return ImageRequest(**{name: value for name, value in _settings(seed).items() if name != "model"})


def _order(seed: int) -> object:
    from generations import catalog
    from generations.backends import backend_for
    from generations.submission import Order

    inputs = catalog.load().clean({"prompt": "a red fox", "size": "256*256", "num_inference_steps": 4, "seed": seed})
    return Order(inputs=inputs, backend=backend_for("wavespeed"))


def _vendor(**changes: object) -> None:
    httpx.post(f"{settings.WAVESPEED_BASE_URL}/_settings", json=changes, trust_env=False).raise_for_status()


def main() -> None:
    django.setup()
    do, order = sys.argv[1], json.loads(sys.argv[2])
    print(json.dumps({"fly": fly, "watch": watch}[do](**order)))


if __name__ == "__main__":
    main()
