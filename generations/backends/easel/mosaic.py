"""Pictures without strokes: square pixels of a small palette, and flat shapes, both sharper from pass to pass."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generations.backends.easel.canvas import Canvas
from generations.backends.easel.raster import Floats, blurred, from_bytes, mix, stretched, to_bytes
from generations.backends.easel.strokes import Motif

_BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32) / 16 - 0.47


def pixelate(canvas: Canvas, motif: Motif, passes: int, freedom: float, seed: int) -> Iterator[tuple[int, int]]:
    """Cover the canvas with squares that shrink from pass to pass; fewer colours the freer."""
    before = canvas.picture()
    side = (canvas.height * canvas.width) ** 0.5
    finest = side / (56 + 1.8 * passes)
    for number, cell in enumerate(np.geomspace(max(finest, side / 14 if passes > 1 else side / 32), finest, passes)):
        rows, columns = max(2, round(canvas.height / cell)), max(2, round(canvas.width / cell))
        small = Image.fromarray(to_bytes(motif.picture)).resize((columns, rows), Image.Resampling.BOX)
        tones = from_bytes(np.asarray(small)) * 1.06 - 0.02
        dither = np.tile(_BAYER, (-(-rows // 4), -(-columns // 4)))[:rows, :columns]
        limited = Image.fromarray(to_bytes(np.asarray(tones + dither[..., None] * 0.05, np.float32))).quantize(
            round(36 - 18 * freedom), method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
        )
        large = limited.convert("RGB").resize((canvas.width, canvas.height), Image.Resampling.NEAREST)
        _cover(canvas, motif, before, np.asarray(large))
        yield number + 1, rows * columns


def flatten(canvas: Canvas, motif: Motif, passes: int, freedom: float, seed: int) -> Iterator[tuple[int, int]]:
    """Cover the canvas with areas of one tone each, their outlines sharper from pass to pass; fewer tones the freer."""
    before = canvas.picture()
    side = (canvas.height * canvas.width) ** 0.5
    factor = max(1, round(side / 500))
    small = motif.levels[max(f for f in motif.levels if f <= factor)][0]
    finest = 0.0022 * side / factor * (28 / passes) ** 0.5
    tones = round(34 - 18 * freedom)
    palette = _palette(small, stretched(motif.focus, *small.shape[:2]), tones)
    for number, sigma in enumerate(np.geomspace(max(finest, 0.02 * side / factor), finest, passes)):
        soft = Image.fromarray(to_bytes(blurred(small, float(sigma))))
        limited = soft.quantize(palette=palette, dither=Image.Dither.NONE).convert("RGB")
        large = limited.resize((canvas.width, canvas.height), Image.Resampling.BICUBIC)
        _cover(canvas, motif, before, np.asarray(large))
        yield number + 1, tones


def _palette(picture: Floats, focus: Floats, tones: int) -> Image.Image:
    """Return a palette in which the subjects count for more than their size: a beak has a colour too."""
    every = to_bytes(picture).reshape(-1, 3)
    subjects = np.repeat(every[focus.reshape(-1) > 0.5], 3, 0)
    vivid = subjects[np.ptp(subjects, 1) > 90]
    samples = np.concatenate([every, subjects, np.repeat(vivid, 4, 0)])
    return Image.fromarray(samples[None]).quantize(tones, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)


def _cover(canvas: Canvas, motif: Motif, before: Floats, after: NDArray[np.uint8]) -> None:
    if motif.paintable is None:
        canvas.cover_with_bytes(after)
    else:
        canvas.cover(mix(before, from_bytes(after), motif.paintable))
