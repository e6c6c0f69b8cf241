"""Make pictures with FLUX and its bare pipeline in turns; print what they took: `python -m benchmarks.gpu_paint FOLDER`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from generations.backends.base import ImageRequest, Preview
from generations.backends.flux import Flux
from generations.images import encode_preview

PROMPT = "A red fox in the snow under a full moon, oil painting"
SIDE, STEPS = 256, 28
TIMES = 10
TELL_EVERY_S = 0.2
"""As a worker does."""
REQUEST = ImageRequest(prompt=PROMPT, width=SIDE, height=SIDE, num_inference_steps=STEPS, guidance_scale=3.5, seed=7)


def main() -> None:
    folder = Path(sys.argv[1])
    flux = Flux(model=str(folder), idle_unload_s=0, hashes=folder / "hashes.json")
    steps = Steps()
    load_s = _seconds(lambda: flux.render(REQUEST, steps))
    bare_ms, ours_ms = [], []
    for _ in range(TIMES):
        bare_ms.append(1000 * _seconds(lambda: _bare(flux)))
        ours_ms.append(1000 * _seconds(lambda: flux.render(REQUEST, steps)))
    figures = {"bare_ms": bare_ms, "ours_ms": ours_ms, "loads": steps.loads, "load_s": load_s - min(ours_ms) / 1000}
    print(json.dumps({"side": SIDE, "steps": STEPS, **figures}))


class Steps:
    """Looks at previews as often as a worker does, and counts how often the model is loaded."""

    def __init__(self) -> None:
        self.loads = 0
        self.was_loading = False
        self.told_at = 0.0

    def __call__(self, step: int, of: int, preview: Callable[[], Preview]) -> None:
        self.loads += not of and not self.was_loading
        self.was_loading = not of
        if of and time.monotonic() - self.told_at >= TELL_EVERY_S:
            seen = preview()
            encode_preview(seen.width, seen.height, seen.pixels)
            self.told_at = time.monotonic()


def _bare(flux: Flux) -> Any:
    import torch

    assert flux._model is not None
    return flux._model.from_text(
        prompt=REQUEST.prompt,
        width=SIDE,
        height=SIDE,
        num_inference_steps=STEPS,
        guidance_scale=REQUEST.guidance_scale,
        generator=torch.Generator("cpu").manual_seed(REQUEST.seed),
        max_sequence_length=512,
        output_type="np",
    )


def _seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
