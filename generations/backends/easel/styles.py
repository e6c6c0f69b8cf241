"""The painters: what each does to the scene before painting, with which brush, on which ground, and at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from generations.backends.easel import finishes
from generations.backends.easel.canvas import Canvas
from generations.backends.easel.mosaic import flatten, pixelate
from generations.backends.easel.raster import Colour, Floats, blurred, luma, mix, smoothstep
from generations.backends.easel.strokes import Brush, Motif, paint

Passes = Callable[[Canvas, Motif, int, float, int], Iterator[tuple[int, int]]]
"""Called with canvas, motif, passes, freedom and seed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """One way of painting."""

    passes: Passes
    prepare: Callable[[Floats, Floats], Floats] = field(default=lambda picture, focus: picture)
    """Turn the scene, with the plane of its subjects, into what is painted after."""
    finish: Callable[[Floats, Motif, int], Floats] = field(default=lambda picture, motif, seed: picture)
    """Do what is done when the paint is dry: picture, motif, seed."""
    ground: Colour | None = None
    """The colour of paper or canvas; None is the picture's own mean, darkened."""
    soft_backdrop: bool = False
    """Whether what is behind the subjects is out of focus."""


def _strokes(brush: Brush) -> Passes:
    return lambda canvas, motif, passes, freedom, seed: paint(canvas, motif, brush, passes, freedom, seed)


def _light(picture: Floats, focus: Floats, share: float) -> Floats:
    """Return the picture thinner, as on white paper, but no less colourful."""
    grey = luma(picture)[..., None]
    vivid = np.clip(grey + (picture - grey) * 1.3, 0, 1)
    return mix(vivid.astype(np.float32) ** 0.82, (1.0, 0.98, 0.94), share)


def _grey(picture: Floats, focus: Floats) -> Floats:
    """Return the picture in greys for a pen: its middle tone becomes nearly paper, or a night would be a black sheet."""
    grey = luma(picture)
    middle = float(np.median(grey))
    grey = np.clip(0.88 + (grey - middle) * np.where(grey < middle, 1.5, 0.8), 0.12, 1)
    grey = 1 - (1 - grey) * (0.62 + 0.38 * focus)
    return np.repeat(grey[..., None], 3, -1).astype(np.float32)


def _glowing(picture: Floats, focus: Floats) -> Floats:
    """Return the picture at night, in magenta and cyan, with glowing outlines around its subjects."""
    grey = luma(picture)[..., None]
    vivid = np.clip(grey + (picture - grey) * 1.5, 0, 1).astype(np.float32)
    rise = np.linspace(0, 1, picture.shape[0], dtype=np.float32)[:, None, None]
    tint = mix((1.0, 0.25, 0.85), (0.1, 0.75, 1.0), np.broadcast_to(rise, (*picture.shape[:2], 1)))
    dark = (
        vivid * 0.4 * (0.45 + 0.55 * tint)
        + 0.45 * grey**1.5 * tint
        + 1.1 * np.clip(grey - 0.42, 0, 1) * tint
        + np.array([0.02, 0.01, 0.07], np.float32)
    )
    lit = mix(np.asarray(dark, np.float32), np.clip(vivid * 1.1 * (0.6 + 0.5 * tint), 0, 1).astype(np.float32), 0.8 * focus)
    side = (picture.shape[0] * picture.shape[1]) ** 0.5
    outside = np.clip(blurred(focus, side * 0.006) * (1 - focus) * 2.6, 0, 1)
    return mix(lit, np.clip(tint * 1.25 + 0.15, 0, 1).astype(np.float32), np.asarray(outside, np.float32))


def _graded(picture: Floats, focus: Floats) -> Floats:
    """Return the picture with cool shadows, warm lights and deep contrast."""
    grey = luma(picture)[..., None]
    curve = picture + 0.22 * (picture - 0.5) * (1 - (2 * grey - 1) ** 2)
    shadows, lights = np.array([-0.05, 0.01, 0.06], np.float32), np.array([0.08, 0.025, -0.06], np.float32)
    return np.clip(curve * 0.95 + shadows * (1 - grey) + lights * grey, 0, 1).astype(np.float32)


def _crisp(picture: Floats, focus: Floats) -> Floats:
    return np.clip(picture + 0.1 * (picture - 0.5), 0, 1).astype(np.float32)


def _bold(picture: Floats, focus: Floats) -> Floats:
    """Return the picture in stronger colours with a light outline around its subjects."""
    grey = luma(picture)[..., None]
    vivid = np.clip(grey + (picture - grey) * 1.25 + 0.03, 0, 1).astype(np.float32)
    side = (picture.shape[0] * picture.shape[1]) ** 0.5
    rim = smoothstep(0.15, 0.5, blurred(focus, side * 0.004)) * (1 - focus)
    return mix(vivid, (1.0, 0.98, 0.94), 0.5 * rim)


PAPER = (0.97, 0.955, 0.915)

STYLES: dict[str, Style] = {
    "oil": Style(passes=_strokes(Brush()), finish=finishes.varnished),
    "watercolour": Style(
        passes=_strokes(Brush(opacity=0.42, jitter=0.02, finest=0.0026, coarsest=0.07, threshold=0.035, longest=5, wide=1.25)),
        prepare=partial(_light, share=0.16),
        finish=finishes.on_wet_paper,
        ground=PAPER,
    ),
    "ink": Style(
        passes=_strokes(
            Brush(
                ink=(0.09, 0.09, 0.12),
                opacity=0.85,
                longest=16,
                finest=0.003,
                coarsest=0.009,
                wide=0.13,
                threshold=0.06,
                share=0.3,
            )
        ),
        prepare=_grey,
        finish=finishes.outlined_in_ink,
        ground=(0.965, 0.945, 0.895),
    ),
    "pencil": Style(
        passes=_strokes(
            Brush(
                ink=(0.22, 0.22, 0.24),
                opacity=0.4,
                longest=16,
                finest=0.003,
                coarsest=0.009,
                wide=0.22,
                threshold=0.03,
                share=0.5,
            )
        ),
        prepare=_grey,
        finish=finishes.drawn_in_pencil,
        ground=(0.95, 0.94, 0.92),
    ),
    "pixel": Style(passes=pixelate, prepare=_bold),
    "flat": Style(passes=flatten, prepare=_bold),
    "neon": Style(passes=_strokes(Brush(jitter=0.018)), prepare=_glowing, finish=finishes.aglow, ground=(0.03, 0.02, 0.08)),
    "pastel": Style(
        passes=_strokes(Brush(opacity=0.75, jitter=0.03, finest=0.0024, longest=6)),
        prepare=partial(_light, share=0.26),
        finish=finishes.chalked,
        ground=(0.86, 0.82, 0.78),
    ),
    "cinematic": Style(
        passes=_strokes(Brush(jitter=0.012, finest=0.0016)), prepare=_graded, finish=finishes.projected, soft_backdrop=True
    ),
    "photo": Style(
        passes=_strokes(Brush(jitter=0.008, finest=0.0016)), prepare=_crisp, finish=finishes.exposed, soft_backdrop=True
    ),
}
