"""The canvas: pixels that Skia paints strokes on and numpy reads."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import skia
from numpy.typing import NDArray
from PIL import Image

from generations.backends.easel.raster import Floats, from_bytes, to_bytes


class Canvas:
    """Opaque pixels, painted stroke by stroke."""

    def __init__(self, ground: Floats) -> None:
        self.height, self.width = ground.shape[:2]
        self._rgba: NDArray[np.uint8] = np.empty((self.height, self.width, 4), np.uint8)
        self._rgba[..., 3] = 255
        # The surface draws into this very array; it must stay alive as long as the surface.
        self._surface = skia.Surface(self._rgba, colorType=skia.kRGBA_8888_ColorType)
        self._skia = self._surface.getCanvas()
        self._paint = skia.Paint(
            AntiAlias=True,
            Style=skia.Paint.kStroke_Style,
            StrokeCap=skia.Paint.kRound_Cap,
            StrokeJoin=skia.Paint.kRound_Join,
        )
        self.cover(ground)

    def cover(self, picture: Floats) -> None:
        """Replace everything, height × width × 3, 0–1."""
        self.cover_with_bytes(to_bytes(picture))

    def cover_with_bytes(self, pixels: NDArray[np.uint8]) -> None:
        """Replace everything, height × width × 3, 0–255."""
        self._rgba[..., :3] = pixels

    def stroke(self, points: list[list[float]], width: float, argb: int) -> None:
        """Paint one stroke through at least two points (x, y)."""
        path = skia.Path()
        path.moveTo(*points[0])
        for (ax, ay), (bx, by) in pairwise(points[1:]):
            path.quadTo(ax, ay, (ax + bx) / 2, (ay + by) / 2)
        path.lineTo(*points[-1])
        self._paint.setStrokeWidth(width)
        self._paint.setColor(argb)
        self._skia.drawPath(path, self._paint)

    def reduced(self, factor: int) -> Floats:
        """Return the picture, factor times smaller."""
        image = self._image()
        return from_bytes(np.asarray(image.reduce(factor) if factor > 1 else image))

    def picture(self) -> Floats:
        """Return the picture, 0–1."""
        return from_bytes(self._rgba[..., :3])

    def rgb(self) -> bytes:
        """Return the pixels row by row, three bytes each."""
        return np.ascontiguousarray(self._rgba[..., :3]).tobytes()

    def thumbnail(self, longest: int) -> Image.Image:
        """Return the picture with at most `longest` pixels a side."""
        image = self._image()
        image = image.reduce(max(1, max(image.size) // (2 * longest)))
        image.thumbnail((longest, longest), Image.Resampling.BILINEAR)
        return image

    def _image(self) -> Image.Image:
        return Image.fromarray(self._rgba).convert("RGB")
