"""Indoors: a room with a window and a table or a floor, and a cave with a way out."""

from __future__ import annotations

import numpy as np

from generations.backends.easel.raster import Floats, blend, colour, mix, noise, smoothstep
from generations.backends.easel.sky import sky
from generations.backends.easel.view import View, in_light


def room(view: View) -> Floats:
    """Return a wall in a window's light, the window, and wood below: a table for small things, else a floor."""
    scene, rng = view.scene, view.rng(70)
    wall = colour(str(rng.choice(("b9a58c", "8fa0a0", "a89aa8", "9aa88a", "c0967a"))))
    if scene.brief.ground is not None:
        wall = blend(wall, scene.brief.ground, 0.7)
    from_left = scene.light.direction[0] < 0
    across = view.columns / view.width if from_left else 1 - view.columns / view.width
    fall = np.clip(1.15 - 0.75 * across - 0.35 * view.rows / view.height, 0, 1)
    mottle = 0.08 * noise(rng, view.height, view.width, view.side * 0.16, octaves=4)
    lit, shade = in_light(wall, scene, 0.95), blend(in_light(wall, scene, 0.05), (0.2, 0.15, 0.2), 0.3)
    canvas = mix(shade, lit, np.clip(fall + mottle, 0, 1).astype(np.float32)[..., None])
    canvas = _with_window(view, canvas, from_left)
    return mix(canvas, _wood(view, across.astype(np.float32)), smoothstep(-1, 1, view.rows - view.horizon))


def _with_window(view: View, canvas: Floats, from_left: bool) -> Floats:
    """Return the wall with a window whose panes show the sky of the hour."""
    wide, high = min(view.width * 0.26, view.side * 0.3), min(view.horizon * 0.62, view.side * 0.42)
    left = view.width * (0.07 if from_left else 0.93) - (0 if from_left else wide)
    top = view.horizon * 0.1
    x, y = (view.columns - left) / wide, (view.rows - top) / high
    inside = (x > 0) & (x < 1) & (y > 0) & (y < 1)
    bars = (np.abs(x - 0.5) < 0.025) | (np.abs(y - 0.5) < 0.018)
    rim = (x > -0.07) & (x < 1.07) & (y > -0.05) & (y < 1.08) & ~inside
    glow = np.exp(-np.maximum(np.hypot(np.maximum(np.abs(x - 0.5) - 0.5, 0), np.maximum(np.abs(y - 0.5) - 0.5, 0)), 0) * 3.2)
    canvas = mix(canvas, blend(view.scene.palette.low, (1, 0.95, 0.8), 0.5), (0.35 * glow).astype(np.float32))
    canvas = mix(canvas, sky(view), (inside & ~bars).astype(np.float32))
    return mix(canvas, in_light(colour("e9e0d0"), view.scene, 0.5), (rim | (inside & bars)).astype(np.float32))


def _wood(view: View, across: Floats) -> Floats:
    """Return boards that run sideways, lit from the window's side, with its soft reflection."""
    scene, rng = view.scene, view.rng(71)
    grain = noise(rng, view.height, view.width, view.side * 0.012, stretch=14, octaves=3)
    boards = np.sin(3.2 / (view.nearness + 0.22) * 3.0)
    seam = smoothstep(0.96, 1.0, np.abs(boards).astype(np.float32)) * 0.35
    tone = mix(
        in_light(colour("6b4328"), scene, 0.4),
        in_light(colour("b98350"), scene, 0.9),
        np.clip(0.9 - 0.8 * across, 0, 1)[..., None],
    )
    wood = tone * (1 + 0.14 * grain - seam * 0.6)[..., None]
    edge = np.exp(-((view.nearness - 0.01) ** 2) * 2500) * 0.35
    return mix(np.clip(wood, 0, 1).astype(np.float32), (1.0, 0.9, 0.7), edge.astype(np.float32) * np.clip(1 - across, 0, 1))


def cave(view: View) -> Floats:
    """Return rock around a way out that lets the light in, with stones hanging from above."""
    scene, rng = view.scene, view.rng(72)
    x = (view.columns - view.width * rng.uniform(0.4, 0.6)) / (view.width * 0.34)
    y = (view.rows - view.horizon * 0.62) / (view.horizon * 0.5)
    ragged = 0.28 * noise(rng, view.height, view.width, view.side * 0.12, octaves=5)
    away = np.asarray(np.hypot(x, y) + ragged, np.float32)
    rock = mix(in_light(colour("2b2530"), scene, 0.2), in_light(colour("8a7468"), scene, 0.8), np.exp(-away * 0.9)[..., None])
    rock = np.asarray(rock * (1 + 0.3 * ragged)[..., None], np.float32)
    canvas = mix(sky(view), rock, smoothstep(0.78, 0.9, away))
    drips = noise(rng, 1, view.width, view.side * 0.05, octaves=3)
    fangs = view.rows - view.horizon * (0.12 + 0.3 * np.clip(drips, 0, 1) ** 1.5)
    canvas = mix(canvas, in_light(colour("3a323a"), scene, 0.3), 1 - smoothstep(-2, 2, fangs))
    floor = mix(scene.palette.far, scene.palette.near, np.clip(0.5 + view.receding(rng, 30), 0, 1)[..., None])
    floor = mix(floor, scene.palette.low, 0.35 * np.exp(-x * x * 2) * (1 - view.nearness))
    return mix(canvas, floor, smoothstep(-2, 2, view.rows - view.horizon))
