"""What the painter looks at while painting: the scene as smooth pixels, backdrop first, then things from far to near."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from generations.backends.easel.backdrop import backdrop
from generations.backends.easel.drawings import drawing
from generations.backends.easel.raster import Floats, blurred, from_bytes, mix, noise, seeded, to_bytes
from generations.backends.easel.scene import Scene, Thing
from generations.backends.easel.shading import in_the_air, lit, recoloured
from generations.backends.easel.view import View
from generations.backends.easel.weather import foggy, lightning, veiled

_SOFT_GROUND = frozenset({"meadow", "farm", "garden", "forest", "jungle", "snow", "desert", "beach", "mountains"})
"""Where feet sink in a little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """A scene as smooth pixels."""

    picture: Floats
    """Height × width × 3, 0–1."""
    focus: Floats
    """Height × width, 1 where things are."""


def sketched(scene: Scene, height: int, width: int, *, soft_backdrop: bool) -> Generator[int, None, Sketch]:
    """Sketch the scene; yields 0 while at it, so that it can be stopped, and returns the sketch."""
    view = View(scene=scene, height=height, width=width)
    yield 0
    canvas = yield from backdrop(view)
    if scene.weather == "storm":
        canvas = lightning(view, canvas)
    if scene.weather == "fog":
        canvas = foggy(view, canvas, 1.0)
    if soft_backdrop:
        canvas = blurred(canvas, view.side * 0.007)
    focus = np.zeros((height, width), np.float32)
    yield 0
    for number, thing in enumerate(scene.things):
        _add(view, canvas, focus, thing)
        if number % 4 == 3:
            yield 0
    yield 0
    return Sketch(picture=np.clip(veiled(view, canvas), 0, 1), focus=focus)


def _add(view: View, canvas: Floats, focus: Floats, thing: Thing) -> None:
    """Put one thing into the scene with its shadow or its mirror image."""
    scene, scale = view.scene, view.scale
    pixels = _portrayed(scene, thing, scale)
    if thing.footing in ("stands", "rests"):
        _cast(scene, canvas, thing, pixels[..., 3], scale)
    if thing.footing == "floats" or (thing.footing == "stands" and _is_wet(scene)):
        _mirror(view, canvas, thing, pixels)
    _set_off(canvas, pixels[..., 3], thing.left * scale, thing.top * scale)
    _lay(canvas, pixels, thing.left * scale, thing.top * scale)
    seen = np.repeat(pixels[..., 3:], 4, -1)
    seen[..., :3] = 1
    _lay(focus, seen, thing.left * scale, thing.top * scale)


def _is_wet(scene: Scene) -> bool:
    return scene.place == "city" and (scene.weather in ("rain", "storm") or scene.brief.style == "neon")


def _portrayed(scene: Scene, thing: Thing, scale: float) -> Floats:
    """Return a thing's pixels, turned, coloured, lit and hazed, its outline no longer ruler-straight."""
    pixels = drawing(thing.drawing.emoji, max(4, round(thing.height * scale)))
    if thing.flip:
        pixels = np.ascontiguousarray(pixels[:, ::-1])
    if thing.colour is not None:
        pixels = recoloured(pixels, thing.colour)
    rng = seeded(scene.seed, 90, round(thing.left), round(thing.top))
    pixels = _trembling(pixels, rng)
    pixels = lit(pixels, scene.palette, scene.light.direction, scene.palette.near)
    if thing.footing == "stands" and scene.place in _SOFT_GROUND:
        pixels = _sunk(pixels, rng)
    if thing.tilt:
        turned = Image.fromarray(to_bytes(pixels)).rotate(thing.tilt, Image.Resampling.BICUBIC, expand=False)
        pixels = from_bytes(np.asarray(turned))
    return in_the_air(pixels, scene.palette.haze, 0.5 * thing.depth**1.6)


def _trembling(pixels: Floats, rng: np.random.Generator) -> Floats:
    """Return a drawing as a hand would copy it: every line off by about a hundredth."""
    height, width = pixels.shape[:2]
    reach = 0.011 * max(height, width)
    down = noise(rng, height, width, max(6, height * 0.16), octaves=2) * reach
    right = noise(rng, height, width, max(6, height * 0.16), octaves=2) * reach
    rows = np.clip(np.arange(height)[:, None] + down + 0.5, 0, height - 1).astype(np.int64)
    columns = np.clip(np.arange(width)[None, :] + right + 0.5, 0, width - 1).astype(np.int64)
    return np.asarray(pixels[rows, columns], np.float32)


def _sunk(pixels: Floats, rng: np.random.Generator) -> Floats:
    """Return a drawing whose foot is hidden unevenly, as by grass or snow."""
    height, width = pixels.shape[:2]
    blades = 0.03 + 0.022 * noise(rng, 1, width, max(2, width * 0.03), octaves=2)[0]
    up = (height - 1 - np.arange(height)[:, None]) / height
    sunk = pixels.copy()
    sunk[..., 3] *= np.clip((up - blades[None, :]) / 0.012 + 1, 0, 1)
    return sunk


def _cast(scene: Scene, canvas: Floats, thing: Thing, cover: Floats, scale: float) -> None:
    """Darken the ground where a standing thing keeps the light away: dark at the foot, long and faint away from the light."""
    height, width = cover.shape
    long = max(3, round(height * 0.28))
    pad = round(height * 0.5)
    flat = np.asarray(Image.fromarray(to_bytes(cover[::-1])).resize((width, long), Image.Resampling.BILINEAR))
    shadow = np.zeros((long + 8, width + 2 * pad), np.uint8)
    shadow[4 : 4 + long, pad : pad + width] = flat
    lean = -scene.light.direction[0] * 1.1
    sheared = Image.fromarray(shadow).transform(
        (shadow.shape[1], shadow.shape[0]), Image.Transform.AFFINE, (1, -lean, 4 * lean, 0, 1, 0), Image.Resampling.BILINEAR
    )
    soft = blurred(from_bytes(np.asarray(sheared)), max(0.8, height * 0.014))
    soft = soft * np.linspace(0.55, 0.12, soft.shape[0], dtype=np.float32)[:, None]
    left, top = thing.left * scale - pad, thing.base * scale - 4 - height * 0.03
    _lay(canvas, _inked(soft), left, top)
    x, y = np.linspace(-1.15, 1.15, width + 8), np.linspace(-1.3, 1.3, max(3, round(height * 0.1)))
    foot = np.clip(1 - np.hypot(x[None, :], y[:, None]), 0, 1).astype(np.float32) * 0.7
    _lay(canvas, _inked(foot), thing.left * scale - 4, thing.base * scale - foot.shape[0] * 0.6)


def _set_off(canvas: Floats, cover: Floats, left: float, top: float) -> None:
    """Darken the canvas a little around a thing, or sandy legs would be lost on sand."""
    reach = max(2, round(0.035 * max(cover.shape)))
    around = blurred(np.pad(cover, 2 * reach), reach * 0.7) * 0.26
    _lay(canvas, _inked(around), left - 2 * reach, top - 2 * reach)


def _inked(cover: Floats) -> Floats:
    tone = np.array([0.07, 0.07, 0.15], np.float32)
    return np.concatenate([np.broadcast_to(tone, (*cover.shape, 3)), cover[..., None]], -1).astype(np.float32)


def _mirror(view: View, canvas: Floats, thing: Thing, pixels: Floats) -> None:
    """Paint a thing's broken mirror image under its foot."""
    flipped = pixels[::-1]
    height, width = flipped.shape[:2]
    ripple = noise(view.rng(91), height, 1, max(3, height * 0.05), octaves=2) * height * 0.05
    columns = np.clip(np.arange(width)[None, :] + ripple, 0, width - 1).astype(np.int64)
    image = flipped[np.arange(height)[:, None], columns].copy()
    image[..., :3] = mix(image[..., :3], view.scene.palette.near, 0.3)
    image[..., 3] *= np.linspace(0.62, 0.1, height, dtype=np.float32)[:, None]
    _lay(canvas, image[: round(height * 0.8)], thing.left * view.scale, thing.base * view.scale - 1)


def _lay(canvas: Floats, pixels: Floats, left: float, top: float) -> None:
    """Put pixels over the canvas in place; what is outside is left away."""
    x, y = math.floor(left + 0.5), math.floor(top + 0.5)
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = max(0, x), max(0, y), min(canvas.shape[1], x + width), min(canvas.shape[0], y + height)
    if x0 >= x1 or y0 >= y1:
        return
    part = pixels[y0 - y : y1 - y, x0 - x : x1 - x]
    tones = part[..., 0] if canvas.ndim == 2 else part[..., :3]
    canvas[y0:y1, x0:x1] = mix(canvas[y0:y1, x0:x1], tones, part[..., 3])
