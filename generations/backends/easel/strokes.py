"""Paint with curved brush strokes of falling size.

After Aaron Hertzmann, "Painterly Rendering with Curved Brush Strokes of Multiple Sizes", SIGGRAPH 1998: each pass lays
strokes of one size where the canvas still differs from a reference blurred to that size; a stroke starts where the
difference in its cell of a grid is largest, takes the reference's colour there, follows the edges of the picture and ends
where the canvas is already nearer to the reference than its own colour. Unlike there, all strokes of a pass are traced
together, and when there are more candidates than a pass may lay, the largest differences come first.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generations.backends.easel.canvas import Canvas
from generations.backends.easel.raster import Colour, Floats, blurred, from_bytes, luma, noise, seeded, stretched, to_bytes

STROKES = 30_000
"""About as many for 1024 × 1024 pixels in 28 passes; they go where the canvas differs most."""
_BATCH = 700
"""Strokes painted between two looks at whether to go on."""
_FACTORS = (1, 2, 4, 8, 16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brush:
    """How strokes look."""

    opacity: float = 0.94
    longest: int = 7
    """Points of a stroke."""
    jitter: float = 0.028
    """How far colours stray, 0–1, at middling guidance."""
    finest: float = 0.0019
    """Radius of the last pass at 28 steps, as a share of the picture's mean side."""
    coarsest: float = 0.05
    """Radius of the first of many passes, likewise."""
    threshold: float = 0.03
    """The mean difference in a cell, 0–1, that is left unpainted, at middling guidance."""
    wide: float = 1
    """Width of a stroke against twice the radius of its pass."""
    share: float = 1
    """How many strokes it lays, against the usual number."""
    ink: Colour | None = None
    """The one colour of a pen that only darkens, in hatches that turn from pass to pass."""


@dataclass(frozen=True, kw_only=True)
class Motif:
    """What is painted after."""

    picture: Floats
    """Height × width × 3, 0–1."""
    focus: Floats
    """1 where the subjects are: there strokes come first."""
    paintable: Floats | None = None
    """1 where strokes may start; None is everywhere."""

    @cached_property
    def levels(self) -> dict[int, tuple[Floats, Floats]]:
        """The picture, and how much a difference counts, reduced by each factor."""
        weight = 1 + 1.6 * self.focus if self.paintable is None else (1 + 1.6 * self.focus) * self.paintable
        picture, counts = Image.fromarray(to_bytes(self.picture)), Image.fromarray(to_bytes(weight / 2.6))
        return {
            factor: (from_bytes(np.asarray(picture.reduce(factor))), from_bytes(np.asarray(counts.reduce(factor))) * 2.6)
            for factor in _FACTORS
            if factor == 1 or min(picture.size) >= factor * 8
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One pass over the canvas; its lengths are in pixels of the canvas."""

    number: int
    radius: float
    factor: int
    """The pass looks at motif and canvas this many times reduced."""
    most: int
    """Strokes."""
    threshold: float
    """The mean difference in a cell, 0–1, that is left unpainted."""
    freedom: float

    @property
    def small_radius(self) -> float:
        """The radius in reduced pixels."""
        return self.radius / self.factor


def radii(passes: int, side: float, brush: Brush) -> list[float]:
    """Return the brush radius of each pass, coarse to fine; more passes end finer."""
    last: float = max(0.9, side * brush.finest * (28 / passes) ** 0.62)
    first = max(last, side * (brush.coarsest if passes > 1 else brush.coarsest * 0.4))
    return [float(radius) for radius in np.geomspace(first, last, passes)]


def most_strokes(passes: int, side: float) -> int:
    """Return how many strokes a pass may lay on a picture of that mean side."""
    return int(1.25 * STROKES * (side / 1024) ** 1.4 * (passes / 28) ** 0.7 / passes)


def paint(canvas: Canvas, motif: Motif, brush: Brush, passes: int, freedom: float, seed: int) -> Iterator[tuple[int, int]]:
    """Paint the motif; yields (passes finished, strokes so far in this pass) often enough to be stopped in time.

    `freedom` is 0 for strokes that keep strictly to the motif, 1 for loose ones.
    """
    direction = flow(motif.picture, seed)
    side = (canvas.height * canvas.width) ** 0.5
    for number, radius in enumerate(radii(passes, side, brush)):
        factor = max(f for f in motif.levels if f <= max(1.0, radius / 1.6))
        most = most_strokes(passes, side) * brush.share
        if number == 0 and brush.ink is None:
            # The first pass covers everything, or bare ground would show.
            one = Pass(number=0, radius=radius, factor=factor, most=canvas.height * canvas.width, threshold=0, freedom=freedom)
        else:
            least = brush.threshold * (0.35 + 1.5 * freedom)
            one = Pass(number=number, radius=radius, factor=factor, most=round(most), threshold=least, freedom=freedom)
        strokes = yield from _lay(canvas, motif, brush, one, direction, seeded(seed, 40, number))
        yield number + 1, strokes


def flow(picture: Floats, seed: int) -> Floats:
    """Return where strokes run, in radians: along the edges, and in slow waves where there are none."""
    height, width = picture.shape[:2]
    shrink = max(1, round(max(height, width) / 320))
    small = blurred(stretched(luma(picture), -(-height // shrink), -(-width // shrink)), 1.2)
    around = np.pad(small, 1, mode="edge")
    down, right = (around[2:, 1:-1] - around[:-2, 1:-1]) / 2, (around[1:-1, 2:] - around[1:-1, :-2]) / 2
    waves = 0.35 * noise(seeded(seed, 41), small.shape[0], small.shape[1], max(small.shape) * 0.25, stretch=1.6, octaves=2)
    rest = 0.0006
    xx = _spread(right * right) + rest * np.sin(waves) ** 2
    yy = _spread(down * down) + rest * np.cos(waves) ** 2
    xy = _spread(right * down) - rest * np.sin(waves) * np.cos(waves)
    return np.asarray(0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2, np.float32)


def _spread(tensor: Floats) -> Floats:
    """Return a plane averaged over its neighbourhood, without losing small values to eight bits."""
    height, width = tensor.shape
    return stretched(stretched(tensor, max(1, height // 3), max(1, width // 3)), height, width)


def _lay(
    canvas: Canvas, motif: Motif, brush: Brush, one: Pass, direction: Floats, rng: np.random.Generator
) -> Generator[tuple[int, int], None, int]:
    """Lay the strokes of one pass; yields in the midst of a long one, returns their number."""
    picture, counts = motif.levels[one.factor]
    target = blurred(picture, one.small_radius * (0.35 + 0.5 * one.freedom))
    now = canvas.reduced(one.factor)
    starts = _starts(np.asarray(_difference(target, now, brush) * counts, np.float32), one, rng)
    if not len(starts):
        return 0
    if brush.ink is None:
        tones = target[starts[:, 1].astype(int), starts[:, 0].astype(int)]
        paths, lengths = _traced(target, now, starts, tones, one.small_radius, direction, brush.longest)
    else:
        tones = np.broadcast_to(np.asarray(brush.ink, np.float32), (len(starts), 3))
        paths, lengths = _hatched(target, starts, one, brush.longest, rng)
    jitter = brush.jitter * (0.3 + 1.7 * one.freedom)
    argb = _argb(tones + rng.normal(0, jitter, (len(tones), 1)) + rng.normal(0, jitter * 0.5, tones.shape), brush.opacity)
    widths = (2 * brush.wide * one.radius * rng.uniform(0.75, 1.2, len(starts))).tolist()
    points = (paths * one.factor).tolist()
    for index, (track, length, width, tone) in enumerate(zip(points, lengths.tolist(), widths, argb, strict=True)):
        canvas.stroke(track[:length], width, tone)
        if index % _BATCH == _BATCH - 1:
            yield one.number, index + 1
    return len(points)


def _difference(target: Floats, now: Floats, brush: Brush) -> Floats:
    """Return how far the canvas is from the target, 0–1; a pen sees only what is still too light."""
    if brush.ink is None:
        away = np.abs(target - now)
        # Three planes added are far quicker than a mean over three.
        return np.asarray((away[..., 0] + away[..., 1] + away[..., 2]) / 3, np.float32)
    return np.asarray(np.maximum(luma(now) - luma(target), 0), np.float32)


def _starts(difference: Floats, one: Pass, rng: np.random.Generator) -> Floats:
    """Return where strokes begin, n × 2 (x, y), in random order: at the largest difference of the cells that differ most."""
    height, width = difference.shape
    cell = min(max(1, round(one.small_radius * 1.15)), height, width)
    rows, columns = -(-height // cell), -(-width // cell)
    whole = np.pad(difference, ((0, rows * cell - height), (0, columns * cell - width)))
    mean = np.asarray(Image.fromarray(whole).reduce(cell)).ravel()
    enough = np.flatnonzero(mean > one.threshold)
    chosen = enough[np.argsort(-mean[enough], kind="stable")[: one.most]]
    cells = whole.reshape(rows, cell, columns, cell).transpose(0, 2, 1, 3)[chosen // columns, chosen % columns]
    spot = cells.reshape(len(chosen), cell * cell).argmax(1)
    x, y = chosen % columns * cell + spot % cell, chosen // columns * cell + spot // cell
    points = np.stack([np.minimum(x, width - 1), np.minimum(y, height - 1)], 1).astype(np.float32) + 0.5
    return points[rng.permutation(len(points))]


def _traced(
    target: Floats, now: Floats, starts: Floats, tones: Floats, radius: float, direction: Floats, longest: int
) -> tuple[Floats, NDArray[np.int64]]:
    """Return every stroke's points, n × longest × 2, and how many of them count."""
    height, width = target.shape[:2]
    down, right = direction.shape[0] / height, direction.shape[1] / width
    points = np.repeat(starts[:, None, :], longest, 1)
    lengths = np.full(len(starts), 2, np.int64)
    going = np.ones(len(starts), bool)
    at, heading = starts.copy(), np.zeros_like(starts)
    for step in range(1, longest):
        rows = np.clip((at[:, 1] * down).astype(int), 0, direction.shape[0] - 1)
        columns = np.clip((at[:, 0] * right).astype(int), 0, direction.shape[1] - 1)
        angle = direction[rows, columns]
        turn = np.stack([np.cos(angle), np.sin(angle)], 1)
        turn[(turn * heading).sum(1) < 0] *= -1
        heading = turn
        at = at + heading * radius * 1.4
        points[:, step] = at
        y, x = np.clip(at[:, 1].astype(int), 0, height - 1), np.clip(at[:, 0].astype(int), 0, width - 1)
        here = target[y, x]
        if step > 1:
            going &= np.abs(here - now[y, x]).sum(1) >= np.abs(here - tones).sum(1)
            lengths[going] = step + 1
    return points, lengths


def _hatched(
    target: Floats, starts: Floats, one: Pass, longest: int, rng: np.random.Generator
) -> tuple[Floats, NDArray[np.int64]]:
    """Return nearly straight strokes at an angle that turns from pass to pass; they end where the tone changes."""
    height, width = target.shape[:2]
    tone = luma(target)
    angle = np.pi * (0.28 + 0.37 * (one.number % 3)) + rng.normal(0, 0.06, len(starts))
    angle = angle + np.pi * (rng.random(len(starts)) < 0.5)
    bend = rng.normal(0, 0.05, len(starts))
    points = np.repeat(starts[:, None, :], longest, 1)
    lengths = np.full(len(starts), 2, np.int64)
    going = np.ones(len(starts), bool)
    at = starts
    first = tone[starts[:, 1].astype(int), starts[:, 0].astype(int)]
    for step in range(1, longest):
        at = at + np.stack([np.cos(angle), np.sin(angle)], 1) * one.small_radius * 0.5
        angle = angle + bend * 0.5
        points[:, step] = at
        y, x = np.clip(at[:, 1].astype(int), 0, height - 1), np.clip(at[:, 0].astype(int), 0, width - 1)
        going &= np.abs(tone[y, x] - first) < 0.14
        lengths[going] = np.maximum(lengths[going], step + 1)
    return points.astype(np.float32), lengths


def _argb(tones: Floats, opacity: float) -> list[int]:
    eight = np.clip(tones * 255 + 0.5, 0, 255).astype(np.int64)
    argb: list[int] = ((round(opacity * 255) << 24) | (eight[:, 0] << 16) | (eight[:, 1] << 8) | eight[:, 2]).tolist()
    return argb
