"""Arrays of colour and what is done to them everywhere: stretch, blur, blend, noise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Floats = NDArray[np.floating[Any]]
"""Colour planes, 0–1: height × width, or height × width × 3; 32 bits, for large ones."""
Colour = tuple[float, float, float]
"""Red, green and blue, 0–1."""

LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def seeded(seed: int, *purpose: int) -> np.random.Generator:
    """Return a generator of its own for each purpose, so that one more draw here moves nothing there."""
    return np.random.Generator(np.random.PCG64([seed, *purpose]))


def colour(text: str) -> Colour:
    """Return the colour of a six-digit hex code."""
    return (int(text[0:2], 16) / 255, int(text[2:4], 16) / 255, int(text[4:6], 16) / 255)


def plane(tone: Sequence[float], height: int, width: int) -> Floats:
    """Return a canvas of one colour."""
    return np.broadcast_to(np.asarray(tone, np.float32), (height, width, 3)).copy()


def mix(a: Floats | Colour, b: Floats | Colour, share: Floats | float) -> Floats:
    """Return a with a share (0–1) of b; a plane of shares is stretched over the colours."""
    first, second = np.asarray(a, np.float32), np.asarray(b, np.float32)
    if isinstance(share, np.ndarray) and share.ndim == 2 and max(first.ndim, second.ndim) != 2:
        share = share[..., None]
    return np.asarray(first + (second - first) * share, np.float32)


def blend(tones: Colour, other: Colour, share: float) -> Colour:
    """Return one colour between two."""
    return (
        tones[0] + (other[0] - tones[0]) * share,
        tones[1] + (other[1] - tones[1]) * share,
        tones[2] + (other[2] - tones[2]) * share,
    )


def smoothstep(low: float, high: float, values: Floats) -> Floats:
    """Return 0 below low, 1 above high and a soft rise between."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def stretched(picture: Floats, height: int, width: int) -> Floats:
    """Return the picture at another size, bicubic, never outside its own range by much."""
    if picture.shape[:2] == (height, width):
        return picture
    if picture.ndim == 2:
        return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC), np.float32)
    return np.stack([stretched(np.ascontiguousarray(picture[..., c]), height, width) for c in range(picture.shape[2])], -1)


def blurred(picture: Floats, sigma: float) -> Floats:
    """Return a 0–1 picture blurred by sigma pixels; eight bits are enough for what is blurred here."""
    if sigma < 0.3:
        return picture
    eight = Image.fromarray(to_bytes(picture))
    return from_bytes(np.asarray(eight.filter(ImageFilter.GaussianBlur(sigma))))


def to_bytes(picture: Floats) -> NDArray[np.uint8]:
    """Return 0–1 as 0–255, rounded."""
    return np.asarray(np.clip(picture * 255 + 0.5, 0, 255), np.uint8)


def from_bytes(picture: NDArray[np.uint8]) -> Floats:
    """Return 0–255 as 0–1."""
    return picture.astype(np.float32) * np.float32(1 / 255)


def luma(picture: Floats) -> Floats:
    """Return how light each pixel looks."""
    return np.asarray(picture @ LUMA, np.float32)


def noise(rng: np.random.Generator, height: int, width: int, size: float, *, stretch: float = 1, octaves: int = 3) -> Floats:
    """Return cloudy noise around 0, about ±1, in lumps of `size` pixels, `stretch` times as wide as high."""
    total = np.zeros((height, width), np.float32)
    weight, sum_of_weights = 1.0, 0.0
    for _ in range(octaves):
        rows = int(np.clip(height / size, 1, height)) + 3
        columns = int(np.clip(width / (size * stretch), 1, width)) + 3
        total += weight * stretched(rng.uniform(-1, 1, (rows, columns)).astype(np.float32), height, width)
        sum_of_weights += weight
        weight, size = weight * 0.5, size * 0.5
        if size < 1.5:
            break
    return np.asarray(total / sum_of_weights * 1.4, np.float32)
