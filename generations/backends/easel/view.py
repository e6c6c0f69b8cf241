"""The painter's window on a scene: its size in pixels, where the horizon runs, how the ground recedes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from generations.backends.easel.raster import Colour, Floats, noise, seeded
from generations.backends.easel.scene import Scene


@dataclass(frozen=True, kw_only=True)
class View:
    """A scene seen at a size of its own, in pixels."""

    scene: Scene
    height: int
    width: int

    @cached_property
    def scale(self) -> float:
        """Pixels here for a pixel of the picture asked for."""
        return self.height / self.scene.height

    @cached_property
    def horizon(self) -> int:
        """The first row of ground; at least one row of sky, and beyond the height where there is no ground."""
        return max(1, round(self.scene.horizon * self.scale))

    @cached_property
    def side(self) -> float:
        """The mean side, the measure of everything that is not tied to width or height."""
        return float((self.height * self.width) ** 0.5)

    @cached_property
    def rows(self) -> Floats:
        return np.arange(self.height, dtype=np.float32)[:, None]

    @cached_property
    def columns(self) -> Floats:
        return np.arange(self.width, dtype=np.float32)[None, :]

    @cached_property
    def nearness(self) -> Floats:
        """0 at the horizon and above, 1 at the lower edge; height × 1."""
        return np.clip((self.rows - self.horizon) / max(1, self.height - self.horizon), 0, 1).astype(np.float32)

    def rng(self, *purpose: int) -> np.random.Generator:
        return seeded(self.scene.seed, *purpose)

    def receding(self, rng: np.random.Generator, lump: float, stretch: float = 1) -> Floats:
        """Return noise that lies on the ground: lumps of `lump` tiles of 256, smaller towards the horizon."""
        tile = noise(rng, 256, 256, lump, stretch=stretch, octaves=4)
        far = 1 / (self.nearness[self.horizon :, 0] + 0.12)
        v = (far * 60).astype(np.int64)
        u = ((self.columns - self.width / 2) * (far[:, None] * 90 / self.side)).astype(np.int64)
        ground = np.zeros((self.height, self.width), np.float32)
        ground[self.horizon :] = tile[_mirrored(v)[:, None], _mirrored(u)]
        return ground

    def toward_light(self) -> Floats:
        """Return 1 in the light's column, falling to 0 across the picture; 1 × width."""
        away = np.abs(self.columns - self.scene.light.x * self.scale) / self.width
        return np.asarray(np.clip(1 - away * 1.2, 0, 1), np.float32)


def in_light(tone: Colour, scene: Scene, share: float = 0.75) -> Colour:
    """Return a daylight colour as it looks in the scene's light, of which a share falls on it directly."""
    palette = scene.palette
    r, g, b = (min(1.0, tone[i] * (palette.ambient[i] + palette.key[i] * share)) for i in range(3))
    return (r, g, b)


def _mirrored(index: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return indices that run to and fro within 256, so that a tile has no seams."""
    index = np.mod(index, 512)
    return np.where(index < 256, index, 511 - index)
