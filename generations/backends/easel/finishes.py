"""What is done to a picture when the paint is dry: varnish and relief, paper, outlines, glow, grain."""

from __future__ import annotations

import numpy as np

from generations.backends.easel.raster import Floats, blurred, luma, mix, noise, seeded, smoothstep, stretched
from generations.backends.easel.strokes import Motif, flow


def varnished(picture: Floats, motif: Motif, seed: int) -> Floats:
    """Return paint with body: hairs of the brush along the strokes, and ridges lit from the upper left."""
    height, width = picture.shape[:2]
    shrink = max(1.0, max(height, width) / 640)
    rows, columns = max(2, round(height / shrink)), max(2, round(width / shrink))
    hairs = _brushed(seeded(seed, 50), stretched(flow(picture, seed), rows, columns))
    body = luma(picture)
    body = body - blurred(body, max(0.8, (height * width) ** 0.5 * 0.003)) + 0.045 * stretched(hairs, height, width)
    down, right = np.zeros_like(body), np.zeros_like(body)
    down[1:], right[:, 1:] = body[1:] - body[:-1], body[:, 1:] - body[:, :-1]
    light = np.clip((down + right) * 0.5, -0.1, 0.1) * (0.4 + 0.6 * luma(picture))
    painted = picture * (1 + 0.018 * stretched(hairs, height, width))[..., None] + light[..., None]
    return np.asarray(np.clip(painted, 0, 1), np.float32)


def on_wet_paper(picture: Floats, motif: Motif, seed: int) -> Floats:
    """Return washes on rough paper: darker at their rims, grainy in the paper's hollows, ragged at the sheet's edge."""
    height, width = picture.shape[:2]
    side = (height * width) ** 0.5
    rng = seeded(seed, 51)
    soft = blurred(picture, side * 0.006)
    rim = np.clip(luma(picture) - luma(soft), -0.2, 0)[..., None]
    tooth = noise(rng, height, width, max(2.0, side * 0.004), octaves=2)
    bloom = noise(rng, height, width, side * 0.16, octaves=4)
    grey = luma(picture)[..., None]
    wash = picture + rim * 0.7 + (0.05 * tooth + 0.05 * bloom)[..., None] * (1.15 - grey)
    x, y = np.abs(np.linspace(-1, 1, width))[None, :] * width / 2, np.abs(np.linspace(-1, 1, height))[:, None] * height / 2
    inside = np.minimum(width / 2 - x, height / 2 - y) / side
    ragged = 0.035 + 0.022 * noise(rng, height, width, side * 0.06, octaves=4)
    sheet = smoothstep(0.0, 0.006, np.asarray(inside - ragged, np.float32))
    paper = np.clip(np.array([0.97, 0.955, 0.915], np.float32) + 0.012 * tooth[..., None], 0, 1).astype(np.float32)
    return mix(paper, np.clip(wash, 0, 1).astype(np.float32), sheet)


def outlined_in_ink(picture: Floats, motif: Motif, seed: int) -> Floats:
    return mix(picture, (0.07, 0.07, 0.1), 0.92 * _outlines(motif, seed, 0.0012, 0.05))


def drawn_in_pencil(picture: Floats, motif: Motif, seed: int) -> Floats:
    """Return hatching with soft outlines, broken by the grain of the paper."""
    height, width = picture.shape[:2]
    side = (height * width) ** 0.5
    drawn = mix(picture, (0.2, 0.2, 0.23), 0.7 * _outlines(motif, seed, 0.0017, 0.05))
    grain = noise(seeded(seed, 52), height, width, max(1.6, side * 0.0022), octaves=2)
    return mix(drawn, (0.95, 0.94, 0.92), 0.5 * smoothstep(0.05, 0.7, grain))


def chalked(picture: Floats, motif: Motif, seed: int) -> Floats:
    """Return chalk: the paper's tooth shows through, the colours are rubbed soft."""
    height, width = picture.shape[:2]
    side = (height * width) ** 0.5
    rng = seeded(seed, 53)
    soft = mix(picture, blurred(picture, side * 0.003), 0.4)
    tooth = noise(rng, height, width, max(1.8, side * 0.0026), stretch=1.4, octaves=2)
    chalk = np.clip(soft + 0.03 * tooth[..., None], 0, 1).astype(np.float32)
    return mix(chalk, (0.9, 0.86, 0.82), 0.26 * smoothstep(0.1, 0.9, tooth))


def aglow(picture: Floats, motif: Motif, seed: int) -> Floats:
    """Return the picture with its lights spilling over."""
    side = (picture.shape[0] * picture.shape[1]) ** 0.5
    bright = np.clip((picture - 0.45) * 1.7, 0, 1).astype(np.float32)
    halo = blurred(bright, side * 0.012) * 0.65 + blurred(bright, side * 0.045) * 0.75
    return np.asarray(1 - (1 - picture) * (1 - np.clip(halo, 0, 1)), np.float32)


def projected(picture: Floats, motif: Motif, seed: int) -> Floats:
    """Return the picture as on a screen: lights that spread sideways, dark corners, a little grain."""
    height, width = picture.shape[:2]
    bright = np.clip((picture - 0.62) * 2, 0, 1).astype(np.float32)
    streak = stretched(stretched(bright, max(2, height // 6), max(2, width // 90)), height, width)
    lit = 1 - (1 - picture) * (1 - np.clip(0.16 * streak * np.array([1.0, 0.9, 0.75], np.float32), 0, 1))
    x, y = np.linspace(-1, 1, width, dtype=np.float32)[None, :], np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    corners = 1.03 - 0.42 * smoothstep(0.35, 1.6, x * x + y * y)
    return _grained(np.asarray(lit * corners[..., None], np.float32), seed, 0.012)


def exposed(picture: Floats, motif: Motif, seed: int) -> Floats:
    """Return the picture with its strokes all but smoothed away, soft lights and fine grain."""
    side = (picture.shape[0] * picture.shape[1]) ** 0.5
    smooth = mix(blurred(picture, side * 0.001), motif.picture, 0.72)
    bright = blurred(np.clip((smooth - 0.7) * 2, 0, 1).astype(np.float32), side * 0.02)
    return _grained(np.asarray(1 - (1 - smooth) * (1 - 0.22 * bright), np.float32), seed, 0.016)


def _grained(picture: Floats, seed: int, amount: float) -> Floats:
    grain = seeded(seed, 54).standard_normal(picture.shape[:2], np.float32) * np.float32(amount)
    return np.clip(picture + grain[..., None], 0, 1).astype(np.float32)


def _outlines(motif: Motif, seed: int, thick: float, least: float) -> Floats:
    """Return lines where the motif's tones meet, bolder around its subjects, 0–1."""
    height, width = motif.picture.shape[:2]
    side = (height * width) ** 0.5
    wide = max(0.7, side * thick)
    down, right = np.gradient(blurred(0.65 * luma(motif.picture) + 0.35 * motif.focus, wide))
    edges = np.hypot(down, right) * 2.5 * wide
    pressure = 0.85 + 0.4 * noise(seeded(seed, 55), height, width, side * 0.05, octaves=2)
    bold = 0.45 + 0.55 * np.clip(blurred(motif.focus, wide * 2) * 2, 0, 1)
    return np.asarray(np.clip(smoothstep(least, least * 3, edges) * pressure * bold, 0, 1), np.float32)


def _brushed(rng: np.random.Generator, direction: Floats) -> Floats:
    """Return noise smeared along a direction, about ±1: the hairs of a brush."""
    height, width = direction.shape
    grain = rng.standard_normal((height, width), np.float32)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    across, along = np.cos(direction), np.sin(direction)
    total = grain.copy()
    for sign in (1.0, -1.0):
        x, y = columns.copy(), rows.copy()
        for _ in range(4):
            x += sign * across
            y += sign * along
            total += grain[np.clip(y, 0, height - 1).astype(np.int32), np.clip(x, 0, width - 1).astype(np.int32)]
    return np.asarray(total / 3, np.float32)
