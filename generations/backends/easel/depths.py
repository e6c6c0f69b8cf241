"""Places without a horizon: under water, in space, above the clouds."""

from __future__ import annotations

import numpy as np

from generations.backends.easel.raster import Colour, Floats, blend, colour, mix, noise, smoothstep
from generations.backends.easel.sky import starred
from generations.backends.easel.view import View, in_light


def underwater(view: View) -> Floats:
    """Return blue that deepens downwards, rays from the surface, weeds, sand and bubbles."""
    scene, rng = view.scene, view.rng(60)
    dim = {"night": 0.5, "dusk": 0.65}.get(scene.time, 1.0) * (0.7 if "dark" in scene.brief.moods else 1)
    top, deep = blend((0, 0.05, 0.12), colour("6fd6d8"), dim), blend((0, 0.03, 0.1), colour("0d4a80"), dim)
    if scene.brief.ground is not None:
        top, deep = blend(top, scene.brief.ground, 0.4), blend(deep, scene.brief.ground, 0.5)
    fall = np.clip(view.rows / view.height * 1.15 + 0.08 * noise(rng, view.height, view.width, view.side * 0.3), 0, 1) ** 0.8
    canvas = mix(top, deep, fall.astype(np.float32)[..., None])
    source = view.width * rng.uniform(0.2, 0.8)
    angle = (view.columns - source) / (view.rows + view.height * 0.35)
    spots = noise(rng, 1, 256, 14, octaves=3)[0]
    rays = np.interp(angle, np.linspace(-2, 2, 256), np.clip(spots, 0, 1)) * np.clip(1 - view.rows / view.height, 0, 1)
    canvas = mix(canvas, blend(top, (1, 1, 1), 0.5), (0.5 * rays).astype(np.float32))
    canvas = _sea_floor(view, canvas, deep, rng)
    return _bubbles(view, canvas, rng)


def _sea_floor(view: View, canvas: Floats, deep: Colour, rng: np.random.Generator) -> Floats:
    for number in range(2):
        crest = view.horizon - view.side * (0.12 - 0.09 * number) * (
            0.6 + 0.6 * noise(rng, 1, view.width, view.width * 0.3, octaves=4)
        )
        canvas = mix(canvas, blend(deep, (0.25, 0.45, 0.5), 0.35 * number), 0.75 * smoothstep(-2, 2, view.rows - crest))
    caustics = 1 - np.abs(view.receding(rng, 22)) * 2.6
    sand = mix(blend(colour("c9b487"), deep, 0.62), blend(colour("f0e0b0"), deep, 0.28), np.clip(caustics, 0, 1)[..., None])
    sand = mix(sand, deep, 0.5 * (1 - view.nearness))
    crest = view.horizon + view.side * 0.02 * noise(rng, 1, view.width, view.width * 0.2, octaves=3)
    canvas = mix(canvas, sand, smoothstep(-2, 2, view.rows - crest))
    for _ in range(11):
        side = rng.uniform(0, 0.3) if rng.random() < 0.5 else rng.uniform(0.7, 1)
        _weed(view, canvas, side * view.width, rng, deep)
    return canvas


def _weed(view: View, canvas: Floats, x: float, rng: np.random.Generator, deep: Colour) -> None:
    """Let one weed sway up from the floor."""
    foot = view.horizon + (view.height - view.horizon) * float(rng.uniform(0.1, 0.8))
    high, wide = view.side * float(rng.uniform(0.12, 0.34)), view.side * float(rng.uniform(0.006, 0.013))
    tone = blend(colour(str(rng.choice(("3f9b5a", "7a9a3c", "b8577a", "2f8a7a")))), deep, float(rng.uniform(0.2, 0.55)))
    phase = float(rng.uniform(0, 6))
    up = (foot - view.rows) / high
    middle = x + wide * 2.2 * np.sin(up * 5 + phase) * np.clip(up, 0, 1)
    half = wide * np.clip(1 - up, 0, 1) ** 0.5 * (up > 0)
    across = np.abs(view.columns - middle) - half
    inside = (across < 0) & (half > 0)
    canvas[inside] = np.asarray(tone, np.float32)


def _bubbles(view: View, canvas: Floats, rng: np.random.Generator) -> Floats:
    for _ in range(26):
        x, y = rng.uniform(0, view.width), rng.uniform(0.05, 0.8) * view.height
        radius = view.side * float(rng.uniform(0.003, 0.011))
        y0, y1 = max(0, int(y - radius * 2)), min(view.height, int(y + radius * 2) + 1)
        x0, x1 = max(0, int(x - radius * 2)), min(view.width, int(x + radius * 2) + 1)
        away = np.hypot(view.columns[:, x0:x1] - x, view.rows[y0:y1] - y) / radius
        ring = np.exp(-((away - 0.85) ** 2) * 14) * 0.6 + 0.15 * (away < 0.85)
        canvas[y0:y1, x0:x1] = mix(canvas[y0:y1, x0:x1], (0.86, 0.97, 1.0), ring.astype(np.float32))
    return canvas


def space(view: View) -> Floats:
    """Return darkness with two coloured clouds, dust before them and stars."""
    scene, rng = view.scene, view.rng(61)
    named = [tone for tone in scene.brief.colours if max(tone) > 0.25]
    first = named[0] if named and not scene.brief.subjects else colour(str(rng.choice(("7b3fb5", "b03a86", "3458c0"))))
    second = colour(str(rng.choice(("1f8fa8", "e07a5a", "4fa0e0"))))
    drift = (view.rows / view.height - 0.5) * rng.uniform(-1.2, 1.2) + (view.columns / view.width - 0.5) * 0.5
    band = np.exp(-((drift * 2.2) ** 2)).astype(np.float32)
    one = noise(rng, view.height, view.width, view.side * 0.4, octaves=6)
    two = noise(rng, view.height, view.width, view.side * 0.28, octaves=6)
    canvas = mix(colour("070a1e"), colour("141437"), np.clip(0.5 + one, 0, 1)[..., None])
    canvas = mix(canvas, first, 0.75 * band * smoothstep(-0.35, 0.8, one))
    canvas = mix(canvas, second, 0.6 * band * smoothstep(-0.1, 0.9, two))
    canvas = mix(canvas, (1.0, 0.9, 0.85), 0.5 * band * smoothstep(0.35, 1.1, one + two * 0.5))
    canvas = mix(canvas, colour("080818"), 0.55 * smoothstep(0.1, 0.7, two - one))
    return starred(canvas, view, 2.2)


def above_clouds(view: View, canvas: Floats) -> Floats:
    """Return the sky with a floor of clouds, lit on top."""
    scene, palette, rng = view.scene, view.scene.palette, view.rng(62)
    for number in range(4):
        crest = view.height * (0.7 + 0.09 * number) + view.side * 0.09 * noise(rng, 1, view.width, view.side * 0.22, octaves=4)
        field = noise(rng, view.height, view.width, view.side * 0.14, stretch=1.5, octaves=4)
        below = (view.rows - crest) / (view.side * 0.16)
        shade = blend(blend(palette.cloud, palette.zenith, 0.42), palette.haze, 0.3)
        tone = mix(
            in_light((1, 1, 1), scene, 0.9), shade, np.clip(below * 0.8 + 0.35 * field, 0, 1).astype(np.float32)[..., None]
        )
        canvas = mix(canvas, tone, 0.94 * smoothstep(-0.08, 0.12, np.asarray(below + 0.12 * field, np.float32)))
    return canvas
