"""Turn a flat drawing into a lit body: a new colour, a round form, the air between it and the painter."""

from __future__ import annotations

import numpy as np

from generations.backends.easel.palette import Palette
from generations.backends.easel.raster import Colour, Floats, blurred, luma, mix, smoothstep


def recoloured(pixels: Floats, wanted: Colour) -> Floats:
    """Return a drawing with its main colour replaced; outlines, eyes and what is white on it stay.

    The main colour is the hue that covers most; a drawing without much hue, such as a grey elephant, changes as a whole.
    """
    tones, cover = pixels[..., :3], pixels[..., 3]
    light = luma(tones)
    spread = tones.max(-1) - tones.min(-1)
    seen = cover > 0.5
    vivid = seen & (spread > 0.2)
    if vivid.sum() < 0.25 * seen.sum():
        share = smoothstep(0.12, 0.3, light) if light[seen].mean() > 0.3 else np.ones_like(light)
    else:
        share = _near_main_hue(tones, spread, vivid)
    level = float(np.median(light[seen & (share > 0.5)])) if (seen & (share > 0.5)).any() else 0.5
    ratio = np.clip(light / max(level, 0.05), 0.25, 1.7)[..., None]
    target = np.asarray(wanted, np.float32)
    painted = np.where(ratio <= 1, target * (0.25 + 0.75 * ratio), target + (1 - target) * np.minimum(1, (ratio - 1) * 0.6))
    return np.concatenate([mix(tones, np.asarray(painted, np.float32), share), pixels[..., 3:]], -1)


def _near_main_hue(tones: Floats, spread: Floats, vivid: np.ndarray) -> Floats:
    """Return how much each pixel belongs to the hue that most pixels have."""
    hue = _hue(tones, spread)
    counts = np.bincount((hue[vivid] * 24).astype(np.int64) % 24, minlength=24)
    # The hue's neighbours count too, or two half-filled bins would lose against one.
    main = (int(np.argmax(counts + np.roll(counts, 1) + np.roll(counts, -1))) + 0.5) / 24
    away = np.abs((hue - main + 0.5) % 1 - 0.5)
    return np.asarray((1 - smoothstep(0.1, 0.16, away)) * smoothstep(0.06, 0.16, spread), np.float32)


def _hue(tones: Floats, spread: Floats) -> Floats:
    r, g, b = tones[..., 0], tones[..., 1], tones[..., 2]
    safe = np.maximum(spread, 1e-4)
    top = tones.max(-1)
    sector = np.where(top == r, (g - b) / safe % 6, np.where(top == g, (b - r) / safe + 2, (r - g) / safe + 4))
    return np.asarray(sector / 6 % 1, np.float32)


def lit(pixels: Floats, palette: Palette, direction: tuple[float, float], ground: Colour) -> Floats:
    """Return a drawing shaded as if it were round, lit from `direction` and by the light that the ground throws back."""
    tones, cover = pixels[..., :3], pixels[..., 3]
    height, width = cover.shape
    form = sum(blurred(np.pad(cover, 8), sigma) for sigma in (max(height, width) * 0.03, max(height, width) * 0.1))
    form = np.asarray(form, np.float32)[8:-8, 8:-8] * (0.5 * max(height, width) * 0.18)
    down, right = np.gradient(form)
    length = np.sqrt(down * down + right * right + 1)
    facing = (-right * direction[0] - down * direction[1] + 0.65) / length
    key = np.clip(facing, 0, 1.3)[..., None] * np.asarray(palette.key, np.float32)
    rise = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    bounce = 0.16 * rise * rise * np.asarray(ground, np.float32)
    shade = np.asarray(palette.ambient, np.float32) * (1.02 - 0.14 * rise)
    rim = smoothstep(0.75, 1.25, np.asarray(facing, np.float32))[..., None] * np.asarray(palette.key, np.float32) * 0.16
    return np.concatenate([np.clip(tones * (shade + key + bounce) + rim, 0, 1), pixels[..., 3:]], -1)


def in_the_air(pixels: Floats, haze: Colour, share: float) -> Floats:
    """Return a drawing as it looks from afar: paler the farther."""
    return np.concatenate([mix(pixels[..., :3], haze, share), pixels[..., 3:]], -1)
