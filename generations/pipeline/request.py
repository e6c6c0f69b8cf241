"""What a row asks for, in the backends' form."""

from __future__ import annotations

from dataclasses import replace

from generations.backends.base import ImageRequest
from generations.models import Generation


def request_for(generation: Generation) -> ImageRequest:
    """Return the request of a row, with the bytes of its reference picture; raises OSError when they cannot be read."""
    if generation.reference is None:
        return outline_of(generation)
    with generation.reference.file.open("rb") as file:
        return replace(outline_of(generation), image=file.read())


def outline_of(generation: Generation) -> ImageRequest:
    """Return the request of a row without opening a file: its reference picture, if it has one, is empty."""
    return ImageRequest(
        prompt=generation.prompt,
        width=generation.width,
        height=generation.height,
        num_inference_steps=generation.num_inference_steps,
        guidance_scale=generation.guidance_scale,
        seed=generation.seed,
        strength=generation.strength,
        image=None if generation.reference is None else b"",
        output_format=generation.output_format,
    )
