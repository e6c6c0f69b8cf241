"""Paint one picture with Easel on one core and print what it cost: `python -m benchmarks.paint SIDE`."""

from __future__ import annotations

import json
import os
import resource
import sys
import time

from generations.backends.base import ImageRequest
from generations.backends.easel import Easel

STEPS = 28
PROMPT = "A red fox in the snow under a full moon, oil painting"


def main() -> None:
    _stay_on_one_core()
    side = int(sys.argv[1])
    request = ImageRequest(prompt=PROMPT, width=side, height=side, num_inference_steps=STEPS, guidance_scale=3.5, seed=7)
    easel = Easel()
    started = time.perf_counter()
    easel.render(request, lambda step, of, preview: None)
    print(json.dumps({"seconds": time.perf_counter() - started, "peak_mb": _peak_mb()}))


def _stay_on_one_core() -> None:
    """Where the system can: macOS cannot."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def _peak_mb() -> float:
    """Return the highest resident memory of this process so far; Linux counts it in kilobytes, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


if __name__ == "__main__":
    main()
