"""Named points at which a test may kill the process: FAULT=point:probability in the environment, never in settings."""

from __future__ import annotations

import os
import random
import signal

POINTS = frozenset(
    {
        "before_intent",
        "after_intent",
        "after_post_before_save",
        "after_save",
        "after_poll",
        "before_download",
        "mid_render",
        "after_render",
        "after_tmp",
        "after_rename",
        "before_asset_commit",
        "after_asset_commit",
        "after_publish",
        "in_webhook_before_commit",
    }
)


def reach(point: str) -> None:
    """Die here as `kill -9` would, when the environment asks for it; cost nothing otherwise."""
    wanted = os.environ.get("FAULT")
    if wanted is None:
        return
    name, _, probability = wanted.partition(":")
    if name not in POINTS or point not in POINTS:
        raise ValueError(f"Unknown crash point {name!r} or {point!r}; known are {sorted(POINTS)}.")
    if name == point and random.random() < float(probability or 1):
        os.kill(os.getpid(), signal.SIGKILL)
