"""Water: it mirrors what is above it, breaks the mirror into ripples and carries the light's path."""

from __future__ import annotations

import numpy as np

from generations.backends.easel.raster import Floats, blend, colour, mix, smoothstep
from generations.backends.easel.view import View, in_light


def shoreline(view: View) -> int:
    """Return the row where water ends and sand begins; the height where there is no shore."""
    if view.scene.place != "beach":
        return view.height
    return round(view.horizon + 0.4 * (view.height - view.horizon))


def watered(view: View, canvas: Floats, below: int | None = None) -> Floats:
    """Return the canvas with water from the horizon down, mirroring what is painted above it."""
    top = view.horizon if below is None else below
    if top >= view.height:
        return canvas
    depth = view.height - top
    swell = view.receding(view.rng(50), 14, 4)[top:]
    near = np.linspace(0, 1, depth, dtype=np.float32)[:, None]
    shift = (swell * (0.015 + 0.05 * near) * view.side).astype(np.int64)
    mirrored = np.clip(top - 1 - np.arange(depth)[:, None] * 1.0 + shift, 0, top - 1).astype(np.int64)
    sway = np.clip(np.arange(view.width)[None, :] + shift // 2, 0, view.width - 1)
    far, near_tone = in_light(colour("6fb6c9"), view.scene), in_light(colour("1f6a94"), view.scene)
    if view.scene.brief.ground is not None:
        far, near_tone = blend(far, view.scene.brief.ground, 0.5), blend(near_tone, view.scene.brief.ground, 0.75)
    body = mix(far, near_tone, np.clip(near**0.7 + 0.25 * swell, 0, 1)[..., None])
    mirror = canvas[mirrored, sway]
    water = mix(body, mirror, 0.62 - 0.3 * near)
    light = smoothstep(0.35, 0.9, swell) * 0.35
    water = mix(water, blend(view.scene.palette.low, (1, 1, 1), 0.3), light)
    water = _with_path(view, water, swell, near)
    out = canvas.copy()
    out[top:] = water
    return out


def _with_path(view: View, water: Floats, swell: Floats, near: Floats) -> Floats:
    """Return the water with the broken light of sun or moon under it."""
    light = view.scene.light
    if not light.shown:
        return water
    away = np.abs(view.columns - light.x * view.scale) / (view.side * (0.03 + 0.13 * near))
    glitter = np.exp(-away * away) * smoothstep(-0.1, 0.45, swell) * 0.85
    tone = (1.0, 0.96, 0.85) if light.kind == "moon" else blend(view.scene.palette.low, (1.0, 0.92, 0.7), 0.6)
    return mix(water, tone, glitter.astype(np.float32))


def beached(view: View, canvas: Floats, sand: Floats) -> Floats:
    """Return the water with the beach before it and the foam between."""
    edge = shoreline(view) + view.side * 0.02 * np.sin(view.columns / view.width * 7 + view.scene.seed % 7)
    from_edge = (view.rows - edge) / view.side
    wet = mix(sand, in_light(colour("a98a5c"), view.scene, 0.5), 0.6 * (1 - smoothstep(0.0, 0.06, from_edge)))
    canvas = mix(canvas, wet, smoothstep(-0.002, 0.002, from_edge))
    foam = np.exp(-((from_edge / 0.008) ** 2)) + 0.5 * np.exp(-(((from_edge + 0.03) / 0.005) ** 2))
    return mix(canvas, in_light((1, 1, 1), view.scene, 0.9), np.clip(foam, 0, 0.9).astype(np.float32))
