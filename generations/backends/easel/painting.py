"""One picture on its way: what it is painted after, the canvas, and the passes from coarse to fine."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator

import numpy as np
from PIL import Image

from generations.backends.base import ImageRequest
from generations.backends.easel.canvas import Canvas
from generations.backends.easel.raster import Floats, blurred, from_bytes, mix, noise, plane, seeded, smoothstep, stretched
from generations.backends.easel.scene import Scene
from generations.backends.easel.strokes import Motif
from generations.backends.easel.styles import STYLES, Style
from generations.backends.easel.underdrawing import sketched
from generations.images import open_picture

MOST_SCENE = 1024
"""Pixels on the longer side of the scene that is painted after; larger pictures get it stretched."""


class Painting:
    """The canvas of one request; `steps` paints it."""

    def __init__(self, request: ImageRequest, scene: Scene) -> None:
        self.request = request
        self.scene = scene
        self.style: Style = STYLES[scene.brief.style]
        self.height, self.width = request.height, request.width
        self.strength = 1.0 if request.image is None or request.strength is None else request.strength
        self.reference = None if request.image is None or self.strength >= 1 else _fitted(request.image, self.height, self.width)
        self.canvas = Canvas(plane((0.5, 0.5, 0.5), self.height, self.width) if self.reference is None else self.reference)

    def steps(self) -> Iterator[int]:
        """Paint; yields the number of finished passes, 0 while the scene is sketched, also in the midst of a pass."""
        passes = self.request.num_inference_steps
        if self.strength <= 0 and self.reference is not None:
            yield from range(1, passes + 1)
            return
        motif = yield from self._motif()
        yield 0
        if self.reference is None:
            mean = motif.picture.mean((0, 1)) * 0.85
            self.canvas.cover(plane(self.style.ground or tuple(mean.tolist()), self.height, self.width))
        freedom = 1 - math.log(self.request.guidance_scale) / math.log(20)
        for done, _ in self.style.passes(self.canvas, motif, passes, freedom, self.request.seed):
            yield done
        self._finish(motif)

    def _motif(self) -> Generator[int, None, Motif]:
        """Sketch the scene; yields 0 while at it, returns what is painted after."""
        shrink = min(1.0, MOST_SCENE / max(self.width, self.height))
        height, width = max(8, round(self.height * shrink)), max(8, round(self.width * shrink))
        sketch = yield from sketched(self.scene, height, width, soft_backdrop=self.style.soft_backdrop)
        picture = stretched(self.style.prepare(sketch.picture, sketch.focus), self.height, self.width)
        focus = np.clip(stretched(sketch.focus, self.height, self.width), 0, 1)
        picture = np.clip(picture, 0, 1)
        if self.reference is None:
            return Motif(picture=picture, focus=focus)
        return self._over(self.reference, picture, focus)

    def _over(self, reference: Floats, picture: Floats, focus: Floats) -> Motif:
        """Return the motif for painting over a picture: `strength` is the share of it that is painted over, subjects first."""
        field = noise(seeded(self.request.seed, 45), self.height, self.width, self.width * 0.22, octaves=3) - 1.5 * blurred(
            focus, 4
        )
        limit = float(np.quantile(field[::4, ::4], self.strength))
        paintable = smoothstep(-0.09, 0.09, limit - field)
        share = np.clip(0.25 + 0.85 * self.strength + 0.4 * focus, 0, 1)
        return Motif(picture=mix(reference, picture, share), focus=focus, paintable=paintable)

    def _finish(self, motif: Motif) -> None:
        after = self.style.finish(self.canvas.picture(), motif, self.request.seed)
        if self.reference is not None and motif.paintable is not None:
            # Coarse strokes run out of the part that may be painted over.
            after = mix(self.reference, after, motif.paintable)
        self.canvas.cover(after)


def _fitted(png: bytes, height: int, width: int) -> Floats:
    """Return the reference picture scaled to cover the size and cut evenly."""
    picture = open_picture(png)
    image = Image.frombuffer("RGB", (picture.width, picture.height), picture.pixels, "raw", "RGB", 0, 1)
    scale = max(width / image.width, height / image.height)
    wide, high = min(image.width, width / scale), min(image.height, height / scale)
    left, top = (image.width - wide) / 2, (image.height - high) / 2
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.LANCZOS, box=(left, top, left + wide, top + high))
    return from_bytes(np.asarray(image))
