"""How long a picture will take, from how long an engine's last ones took."""

from __future__ import annotations

import math
import statistics

from django.conf import settings

from generations.backends import is_remote
from generations.models import Generation, State

RUNS = 20
MINUTE_S = 60


def typical_seconds(backend: str) -> float | None:
    """Return how long the engine takes for a picture, the middle of its last 20; None before its first."""
    last = Generation.objects.finished().filter(backend=backend, render_ms__isnull=False).newest_first()
    times = [ms for ms in last.values_list("render_ms", flat=True)[:RUNS] if ms is not None]
    return statistics.median(times) / 1000 if times else None


def seconds_until_done(backend: str, place: int, typical_s: float) -> float:
    """Return in how many seconds the row at that place of the line will be done."""
    at_once = lanes(backend)
    rounds = math.ceil(place / at_once)
    held_back_s = MINUTE_S * ((place - 1) // settings.WAVESPEED_MAX_PER_MINUTE) if is_remote(backend) else 0
    return max(rounds * typical_s, held_back_s + typical_s)


def lanes(backend: str) -> int:
    """Return how many pictures an engine makes at once."""
    if is_remote(backend):
        return settings.WAVESPEED_MAX_CONCURRENT
    return max(1, Generation.objects.filter(backend=backend, state=State.RENDERING).count())


def in_words(seconds: float) -> str:
    """Say a time as people do: an estimate has no more digits than it deserves."""
    if seconds < 4:
        return "a few seconds"
    if seconds < 90:
        return f"about {max(5, 5 * round(seconds / 5))} s"
    return f"about {round(seconds / 60)} min"
