"""Skies: gradient, clouds with a lit side, stars, sun and moon, aurora and rainbow."""

from __future__ import annotations

import numpy as np

from generations.backends.easel.raster import Colour, Floats, blend, colour, mix, noise, smoothstep
from generations.backends.easel.view import View

_CLEAR = frozenset({"", "clear", "aurora", "rainbow"})


def sky(view: View) -> Floats:
    """Return the whole canvas as sky."""
    scene, palette = view.scene, view.scene.palette
    rng = view.rng(20)
    end = min(view.horizon, view.height)
    fall = np.clip(view.rows / end, 0, 1) ** 1.3 + 0.06 * noise(rng, view.height, view.width, view.side * 0.2, stretch=4)
    canvas = mix(palette.zenith, palette.low, np.clip(fall, 0, 1).astype(np.float32)[..., None])
    if scene.time == "night":
        canvas = starred(canvas, view, 1.0 if scene.weather in _CLEAR else 0.25)
    if scene.weather == "aurora":
        canvas = _with_aurora(canvas, view)
    canvas = _with_glow(canvas, view)
    if scene.light.shown:
        canvas = _with_disc(canvas, view)
    canvas = _with_clouds(canvas, view)
    return _with_rainbow(canvas, view) if scene.weather == "rainbow" else canvas


def starred(canvas: Floats, view: View, amount: float) -> Floats:
    """Return the sky with stars, a few of them large and soft, thinning out downwards."""
    rng = view.rng(21)
    glow = np.zeros(canvas.shape[:2], np.float32)
    end = min(view.horizon, view.height)
    for _ in range(int((70 + view.height * view.width / 6000) * amount)):
        x, y = int(rng.integers(0, view.width)), int(rng.beta(1, 1.4) * end)
        radius = max(1, round(float(rng.pareto(2.6) + 0.6) * 0.0012 * view.side))
        radius = min(radius, 3)
        glow[y : y + radius, x : x + radius] = rng.uniform(0.45, 1)
    return mix(canvas, (1.0, 0.97, 0.88), glow)


def _with_glow(canvas: Floats, view: View) -> Floats:
    """Return the sky with the warmth that gathers around the light, wider than high."""
    light, palette = view.scene.light, view.scene.palette
    if light.kind not in ("sun", "moon") or view.scene.weather in ("storm", "rain", "fog"):
        return canvas
    strength = {"sunset": 0.75, "dawn": 0.65, "golden": 0.5, "dusk": 0.45, "night": 0.3}.get(view.scene.time, 0.28)
    x = (view.columns - light.x * view.scale) / view.side
    y = (view.rows - light.y * view.scale) / view.side
    away = (x * x + 2.4 * y * y).astype(np.float32)
    tone = (0.75, 0.8, 1.0) if light.kind == "moon" else blend(palette.low, (1.0, 0.86, 0.55), 0.5)
    return mix(canvas, tone, np.asarray(strength / (1 + away * 14), np.float32))


def _with_disc(canvas: Floats, view: View) -> Floats:
    light = view.scene.light
    radius = light.radius * view.scale
    x, y = view.columns - light.x * view.scale, view.rows - light.y * view.scale
    away = (np.hypot(x, y) / radius).astype(np.float32)
    disc = 1 - smoothstep(0.96, 1.04, away)
    if light.kind == "sun":
        tone: Colour | Floats = blend((1.0, 0.97, 0.82), view.scene.palette.low, 0.2 if view.scene.time != "day" else 0)
    else:
        seas = smoothstep(0.0, 0.5, noise(view.rng(22), view.height, view.width, radius * 0.5, octaves=3))
        tone = mix((0.99, 0.96, 0.84), (0.86, 0.82, 0.74), 0.5 * seas)
    if light.phase == "crescent":
        side = 0.55 * radius * (1 if light.direction[0] < 0 else -1)
        disc = disc * smoothstep(0.94, 1.04, (np.hypot(x - side, y + 0.12 * radius) / radius).astype(np.float32))
    halo = np.asarray(0.42 * np.exp(-np.maximum(away - 1, 0) * 1.3), np.float32)
    canvas = mix(canvas, (1.0, 0.95, 0.82), halo * (0.6 if light.kind == "moon" else 1))
    return mix(canvas, tone, disc)


def _with_clouds(canvas: Floats, view: View) -> Floats:
    """Return the sky with clouds that are light where they face the light and dim below."""
    scene, palette = view.scene, view.scene.palette
    threshold, thick = {"clear": (0.75, 0.6), "cloudy": (-0.25, 0.95), "rain": (-0.45, 0.9), "storm": (-0.4, 0.95)}.get(
        scene.weather, (0.22, 0.85) if scene.time in ("day", "morning") else (0.3, 0.7)
    )
    if scene.time == "night" and scene.weather in _CLEAR:
        threshold, thick = 0.5, 0.45
    rng = view.rng(23)
    end = min(view.horizon, view.height)
    size = max(8.0, end * 0.36)
    step = max(1, round(size * 0.12))
    wider = noise(rng, view.height + step, view.width + 2 * step, size, stretch=2.2, octaves=5)
    field = wider[step:, step:-step]
    toward = 2 * step if scene.light.direction[0] > 0 else 0
    behind = wider[:-step, toward : toward + view.width]
    facing = np.clip(0.5 + (field - behind) * 1.1, 0, 1)
    density = thick * smoothstep(threshold, threshold + 0.55, field) * np.clip(1.15 - view.rows / end * 0.5, 0, 1)
    shade = blend(palette.cloud, palette.zenith, 0.45)
    shade = blend(shade, (0.2, 0.2, 0.28), 0.45) if scene.weather == "storm" else shade
    return mix(canvas, mix(shade, palette.cloud, np.asarray(facing, np.float32)[..., None]), np.asarray(density, np.float32))


def _with_aurora(canvas: Floats, view: View) -> Floats:
    """Return the sky with curtains of green and violet light."""
    rng = view.rng(24)
    end = min(view.horizon, view.height)
    for number, code in enumerate(("3fe39a", "59f0c0", "a86be0")):
        wave = noise(rng, 1, view.width, view.width * 0.35, octaves=3)[0]
        foot = end * (0.6 - 0.14 * number + 0.2 * wave)[None, :]
        folds = np.clip(0.55 + 0.7 * noise(rng, 1, view.width, view.width * 0.04, octaves=3), 0, 1)
        above = (foot - view.rows) / (end * 0.5)
        curtain = np.where(above > 0, np.exp(-above * 2.0), np.exp(above * 22)) * folds
        canvas = mix(canvas, colour(code), np.asarray(0.8 * curtain, np.float32))
    return canvas


def _with_rainbow(canvas: Floats, view: View) -> Floats:
    """Return the sky with a bow, red outside, over the foot of the sky."""
    radius = min(view.width * 0.46, view.horizon * 0.86)
    x, y = view.columns - view.width * 0.5, view.rows - min(view.horizon, view.height) * 1.02
    across = ((np.hypot(x, y) - radius) / (radius * 0.15)).astype(np.float32)
    codes = ("7b4fd0", "3f73d8", "35b8d0", "4fc05a", "f5dc3a", "f59a2c", "e5483c")
    stops = np.linspace(0, 1, len(codes))
    bands = np.stack([np.interp(across, stops, [colour(code)[c] for code in codes]) for c in range(3)], -1)
    share = 0.72 * smoothstep(-0.08, 0.08, across) * (1 - smoothstep(0.92, 1.08, across))
    return mix(canvas, bands.astype(np.float32), share * (view.rows < view.horizon))
