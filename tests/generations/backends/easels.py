"""Short ways to have Easel paint in a test."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generations.backends.base import ImageRequest, Preview, RenderedImage
from generations.backends.easel import Easel


def request(prompt: str = "a red fox in the snow", **changes: Any) -> ImageRequest:
    asked: dict[str, Any] = {"width": 256, "height": 256, "num_inference_steps": 6, "guidance_scale": 3.5, "seed": 7}
    return ImageRequest(prompt=prompt, **{**asked, **changes})


def painted(prompt: str = "a red fox in the snow", **changes: Any) -> RenderedImage:
    [image] = Easel().render(request(prompt, **changes), lambda step, of, preview: None)
    return image


def pixels(image: RenderedImage | Preview) -> NDArray[np.int16]:
    """The picture as height × width × 3, in a type that can be subtracted."""
    return np.frombuffer(image.pixels, np.uint8).reshape(image.height, image.width, 3).astype(np.int16)


def distance(one: NDArray[Any], other: NDArray[Any]) -> float:
    """The mean difference of two pictures, 0–255."""
    return float(np.abs(one.astype(float) - other.astype(float)).mean())


def png(width: int, height: int, *, mode: str = "RGB") -> bytes:
    """A picture with something to see: ramps across and down."""
    across, down = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    image = Image.fromarray(np.stack([across, down, 255 - across], -1).astype(np.uint8)).convert(mode)
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
