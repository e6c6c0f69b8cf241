"""An abstract painting: flowing bands and a few large shapes in the colours and the mood of a prompt."""

from __future__ import annotations

import numpy as np

from generations.backends.easel.brief import Brief
from generations.backends.easel.raster import Colour, Floats, blend, colour, mix, noise, smoothstep
from generations.backends.easel.view import View

_MOODS = {
    "": ("1f4e79", "e8a33d", "d8573c", "f1e3c6", "2f8f83"),
    "calm": ("8fb3c9", "dfe6e2", "b6c7b4", "e9d9c4", "6f8fae"),
    "dark": ("14131f", "3a1f3d", "5a2a35", "26364d", "8a6f4d"),
    "warm": ("b8402f", "f0a13c", "f6d37a", "7f2f3f", "f3b9a0"),
    "cold": ("123a5e", "4f8fb8", "b9dbe8", "e7f1f5", "2c5f7f"),
    "vivid": ("e0245e", "ffb400", "00a6a6", "5b2fc0", "f3efe6"),
    "dramatic": ("0f1626", "a3202f", "e58a2e", "43304f", "f2d9b0"),
}


def abstract(view: View) -> Floats:
    """Return height × width × 3."""
    rng = view.rng(65)
    tones = _tones(view.scene.brief, rng)
    bend = noise(rng, view.height, view.width, view.side * 0.45, octaves=2)
    turn = float(rng.uniform(-0.6, 0.6))
    across = (view.columns * np.sin(turn) + view.rows * np.cos(turn)) / view.side
    bands = (
        (across * 1.6 + 0.55 * bend + 0.5 * noise(rng, view.height, view.width, view.side * 0.3, octaves=3)) * len(tones) / 1.7
    )
    canvas = _ramp(tones, np.asarray(bands, np.float32))
    for number in range(int(rng.integers(4, 7))):
        x, y = float(rng.uniform(0.12, 0.88)) * view.width, float(rng.uniform(0.12, 0.88)) * view.height
        radius = view.side * float(rng.uniform(0.05, 0.22))
        away = np.hypot(view.columns - x, view.rows - y) / radius + 0.16 * bend
        shape = 1 - smoothstep(0.95, 1.0, np.asarray(away, np.float32))
        if number % 3 == 2:
            shape = shape * smoothstep(0.72, 0.77, np.asarray(away, np.float32))
        canvas = mix(canvas, blend(tones[(number + 1) % len(tones)], (1, 1, 1), 0.12), 0.85 * shape)
    return canvas


def _tones(brief: Brief, rng: np.random.Generator) -> list[Colour]:
    """Return the colours to paint with: those named with lighter and darker kin, else the mood's, in the seed's order."""
    named = list(dict.fromkeys(brief.colours))
    if named:
        kin = [blend(tone, to, share) for tone in named for to, share in (((1, 1, 1), 0.35), ((0.05, 0.05, 0.12), 0.4))]
        tones = named * (1 if len(named) > 1 else 2) + kin
    else:
        tones = [colour(code) for mood in (brief.moods or ("",))[:2] for code in _MOODS[mood]]
    return [tones[index] for index in rng.permutation(len(tones))]


def _ramp(tones: list[Colour], position: Floats) -> Floats:
    """Return each position's colour: one tone after the other, over and over, with short passages between."""
    lower = np.floor(position).astype(np.int64)
    share = smoothstep(0.35, 0.65, np.asarray(position - lower, np.float32))
    table = np.asarray(tones, np.float32)
    return mix(table[lower % len(tones)], table[(lower + 1) % len(tones)], share)
