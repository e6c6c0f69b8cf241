"""What is in the air between painter and scene: rain, snow, fog, lightning, leaves, and the dusk of the corners."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from generations.backends.easel.raster import Floats, blurred, colour, from_bytes, mix, noise
from generations.backends.easel.view import View

_INDOORS = frozenset({"room", "cave", "underwater", "space", "abstract"})


def veiled(view: View, canvas: Floats) -> Floats:
    """Return the canvas seen through its weather."""
    scene = view.scene
    if scene.place not in _INDOORS:
        if scene.weather == "fog":
            canvas = foggy(view, canvas, 0.25)
        elif scene.weather in ("rain", "storm"):
            canvas = _rainy(view, canvas)
        elif scene.weather == "snowfall" or (
            scene.brief.season == "winter" and scene.place in ("snow", "city") and not scene.weather
        ):
            canvas = _specked(view, canvas, ("ffffff",), 340 if scene.weather else 110, 0.85)
        if scene.brief.season == "autumn" and scene.place in ("forest", "meadow", "garden", "city"):
            canvas = _specked(view, canvas, ("d9622b", "e8a230", "b23f22"), 60, 0.95)
    return _cornered(view, canvas)


def lightning(view: View, canvas: Floats) -> Floats:
    """Return a stormy sky with one forked bolt."""
    rng = view.rng(80)
    mask = Image.new("L", (view.width, view.height))
    draw = ImageDraw.Draw(mask)
    end = min(view.horizon, view.height)
    x, y = view.width * float(rng.uniform(0.15, 0.85)), 0.0
    while y < end * 0.95:
        nx, ny = x + view.side * float(rng.normal(0, 0.03)), y + end * float(rng.uniform(0.05, 0.11))
        draw.line((x, y, nx, ny), fill=255, width=max(2, round(view.side * 0.006)))
        if rng.random() < 0.35:
            draw.line(
                (x, y, x + view.side * float(rng.normal(0, 0.09)), ny + end * 0.08),
                fill=170,
                width=max(1, round(view.side * 0.003)),
            )
        x, y = nx, ny
    bolt = from_bytes(np.asarray(mask))
    return mix(mix(canvas, (0.75, 0.78, 1.0), 0.9 * blurred(bolt, view.side * 0.02)), (1.0, 0.98, 0.9), bolt)


def foggy(view: View, canvas: Floats, thick: float) -> Floats:
    """Return the canvas behind banks of fog, thickest at the horizon."""
    banks = noise(view.rng(81), view.height, view.width, view.side * 0.2, stretch=4, octaves=3)
    level = np.exp(-(((view.rows - view.horizon) / (view.height * 0.33)) ** 2))
    return mix(
        canvas, view.scene.palette.haze, thick * np.clip(0.75 * level + 0.12 + 0.25 * banks * level, 0, 0.9).astype(np.float32)
    )


def _rainy(view: View, canvas: Floats) -> Floats:
    """Return the canvas behind slanting rain."""
    rng = view.rng(82)
    count, length = 420, max(4, round(view.side * 0.05))
    x, y = rng.uniform(-0.1, 1.1, count) * view.width, rng.uniform(-0.05, 1, count) * view.height
    along = np.arange(length * 2) / 2
    rows = (y[:, None] + along).astype(int)
    columns = (x[:, None] - 0.22 * along).astype(int)
    strength = np.broadcast_to(rng.uniform(0.2, 0.6, count)[:, None], rows.shape)
    thick = max(1, round(view.side * 0.0018))
    share = np.zeros((view.height, view.width), np.float32)
    for shift in range(thick):
        inside = (rows >= 0) & (rows < view.height) & (columns + shift >= 0) & (columns + shift < view.width)
        share[rows[inside], columns[inside] + shift] = strength[inside]
    return mix(canvas, (0.86, 0.91, 0.97), share)


def _specked(view: View, canvas: Floats, codes: tuple[str, ...], count: int, strength: float) -> Floats:
    """Return the canvas with flakes or leaves in the air, few large and near, many small and far."""
    rng = view.rng(83)
    canvas = canvas.copy()
    for _ in range(count):
        radius = max(1.0, view.side * 0.0022 * float(1 + rng.pareto(2.2)))
        radius = min(radius, view.side * 0.008)
        x, y = float(rng.uniform(0, view.width)), float(rng.uniform(0, view.height))
        tone = colour(codes[int(rng.integers(len(codes)))])
        y0, y1, x0, x1 = int(max(0, y - radius)), int(y + radius) + 1, int(max(0, x - radius)), int(x + radius) + 1
        part = canvas[y0:y1, x0:x1]
        away = np.hypot(view.rows[y0:y1] - y, view.columns[:, x0:x1] - x) / radius
        canvas[y0:y1, x0:x1] = mix(part, tone, (strength * np.clip(1.4 - away, 0, 1)).astype(np.float32))
    return canvas


def _cornered(view: View, canvas: Floats) -> Floats:
    """Return the canvas a little darker towards the corners, so that the eye stays inside."""
    x, y = view.columns / view.width - 0.5, view.rows / view.height - 0.5
    return np.asarray(canvas * (1.02 - 0.34 * (x * x + y * y))[..., None], np.float32)
