"""The real engine on a card that is too small for one picture, or slow at one: for processes beside the tests."""

from __future__ import annotations

import time

import torch

from generations.backends.base import ImageRequest, OnStep, RenderedImage
from generations.backends.flux import Flux

OUTGROWS = 666
"""The seed of a picture that does not fit."""
SLOW = 999
"""The seed of a picture whose second step outlasts the lease."""
SLOW_STEP_S = 4


class Cramped(Flux):
    def render(self, request: ImageRequest, on_step: OnStep) -> list[RenderedImage]:
        def on_cramped_step(step: int, of: int, preview: object) -> None:
            if of and request.seed == OUTGROWS:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB")
            if step == 2 and request.seed == SLOW:
                time.sleep(SLOW_STEP_S)
            on_step(step, of, preview)

        return super().render(request, on_cramped_step)
