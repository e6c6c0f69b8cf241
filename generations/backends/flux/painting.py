"""One picture: the request in the pipelines' words, steps told on the way, pixels of the exact size at the end."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from PIL import Image

from generations.backends.base import ImageRequest, OnStep, Preview, RenderedImage
from generations.backends.flux.previews import Projection
from generations.images import open_picture

GRID = 16
"""FLUX makes pictures whose sides are multiples of it."""
UNTILED = 1024 * 1024
"""Pixels that the decoder turns out at once; larger pictures are decoded in tiles."""
WORDS = 512
"""Tokens of the prompt that T5 reads."""
CUT = "The prompt is longer than this model reads: its end was left out."


def steps_of(request: ImageRequest) -> int:
    """Return how many steps are made: with a reference picture the last part of them, as large as its strength."""
    if _ignores_picture(request):
        return request.num_inference_steps
    wanted = request.num_inference_steps
    return wanted - int(max(wanted - wanted * (request.strength or 0), 0))


def kept_as_it_is(request: ImageRequest) -> bool:
    return request.image is not None and steps_of(request) == 0


def paint(pipeline: Any, request: ImageRequest, projection: Projection, on_step: OnStep) -> RenderedImage:
    """Make the picture with a text-to-image pipeline or, with a reference picture, an image-to-image one."""
    width, height = _on_grid(request.width), _on_grid(request.height)
    _tile(pipeline.vae, width * height)
    steps = _Steps(request, projection, on_step, width, height)
    made = pipeline(
        prompt=request.prompt,
        width=width,
        height=height,
        num_inference_steps=request.num_inference_steps,
        guidance_scale=request.guidance_scale,
        # Noise from the processor is the same beside every card.
        generator=torch.Generator("cpu").manual_seed(request.seed),
        max_sequence_length=WORDS,
        output_type="np",
        callback_on_step_end=steps,
        **_with_picture(request, width, height),
    )
    pixels = (made.images[0] * 255).round().astype(np.uint8)[: request.height, : request.width]
    notes = (CUT,) if _is_cut(pipeline, request.prompt) else ()
    return RenderedImage(width=request.width, height=request.height, pixels=pixels.tobytes(), notes=notes)


def unchanged(request: ImageRequest) -> RenderedImage:
    """Return the reference picture at the size asked for, which is what a strength of 0 means."""
    assert request.image is not None
    pixels = fitted(request.image, request.width, request.height)
    return RenderedImage(width=request.width, height=request.height, pixels=pixels.tobytes())


def fitted(png: bytes, width: int, height: int) -> Image.Image:
    """Return a picture scaled to cover the size and cut evenly."""
    picture = open_picture(png)
    image = Image.frombytes("RGB", (picture.width, picture.height), picture.pixels)
    if image.size == (width, height):
        return image
    scale = max(width / image.width, height / image.height)
    wide, high = min(image.width, width / scale), min(image.height, height / scale)
    left, top = (image.width - wide) / 2, (image.height - high) / 2
    return image.resize((width, height), Image.Resampling.LANCZOS, box=(left, top, left + wide, top + high))


class _Steps:
    """What the pipeline calls after each step."""

    def __init__(self, request: ImageRequest, projection: Projection, on_step: OnStep, width: int, height: int) -> None:
        self.of = steps_of(request)
        self.projection = projection
        self.on_step = on_step
        self.rows, self.columns = height // GRID, width // GRID
        self.before: torch.Tensor | None = None

    def __call__(self, pipeline: Any, index: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        latents = tensors["latents"]
        self.on_step(index + 1, self.of, lambda: self._preview(pipeline, latents))
        self.before = latents
        return tensors

    def _preview(self, pipeline: Any, latents: torch.Tensor) -> Preview:
        """Show where the picture is heading: the noise that is left is taken out along the line of the last step."""
        sigmas, now = pipeline.scheduler.sigmas, pipeline.scheduler.step_index
        if self.before is not None:
            slope = (latents - self.before).float() / (sigmas[now] - sigmas[now - 1])
            latents = latents.float() - sigmas[now] * slope
        return self.projection.preview(self._unpacked(latents[0]))

    def _unpacked(self, latents: torch.Tensor) -> torch.Tensor:
        """Turn rows of 2 × 2 patches into (channels, rows, columns)."""
        patches = latents.reshape(self.rows, self.columns, -1, 2, 2)
        return patches.permute(2, 0, 3, 1, 4).reshape(-1, 2 * self.rows, 2 * self.columns)


def _ignores_picture(request: ImageRequest) -> bool:
    return request.image is None or request.strength is None or request.strength >= 1


def _with_picture(request: ImageRequest, width: int, height: int) -> dict[str, Any]:
    if _ignores_picture(request) or request.image is None:
        return {}
    image = np.asarray(fitted(request.image, request.width, request.height))
    edges = ((0, height - request.height), (0, width - request.width), (0, 0))
    return {"image": Image.fromarray(np.pad(image, edges, mode="edge")), "strength": request.strength}


def _on_grid(side: int) -> int:
    return -(-side // GRID) * GRID


def _tile(vae: Any, pixels: int) -> None:
    if pixels > UNTILED:
        vae.enable_tiling()
    else:
        vae.disable_tiling()


def _is_cut(pipeline: Any, prompt: str) -> bool:
    return len(pipeline.tokenizer_2(prompt, truncation=False, verbose=False).input_ids) > WORDS
