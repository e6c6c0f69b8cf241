"""Pictures to take along and to bring in."""

from __future__ import annotations

import random
from collections.abc import Callable
from io import BytesIO

import pytest
from asgiref.sync import async_to_sync
from django.http import HttpResponseBase, StreamingHttpResponse
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from generations import lifecycle
from generations.backends.base import RenderedImage
from generations.models import Generation, Image
from generations.pipeline.store import store

Painting = Callable[..., Image]


def pattern(seed: int, width: int = 256, height: int = 256) -> bytes:
    """Return pixels that are unlike those of any other seed and that a JPEG changes."""
    return random.Random(seed).randbytes(3 * width * height)


def paint(generation: Generation, seed: int = 1) -> Image:
    """Take a queued generation through the real store, with a picture of its own."""
    claimed = lifecycle.claim(generation.pk)
    assert claimed is not None and lifecycle.move("rendered", claimed)
    store(
        claimed, [RenderedImage(width=claimed.width, height=claimed.height, pixels=pattern(seed, claimed.width, claimed.height))]
    )
    generation.refresh_from_db()
    return generation.images.get()


@pytest.fixture
def painted(ask: Callable[..., Generation]) -> Painting:
    """Make a finished picture of the owner's; `look` says what it looks like."""
    return lambda prompt="a red fox", look=1, **inputs: paint(ask(prompt, **inputs), look)


def stored(image: Image) -> bytes:
    with image.file.open("rb") as opened:
        return bytes(opened.read())


def pixels_of(data: bytes) -> bytes:
    with Pillow.open(BytesIO(data)) as picture:
        return picture.convert("RGB").tobytes()


def foreign_png(seed: int = 5, width: int = 64, height: int = 48, **texts: str) -> bytes:
    """Return a PNG that no tool of ours has written."""
    chunks = PngInfo()
    for name, text in texts.items():
        chunks.add_text(name, text)
    out = BytesIO()
    Pillow.frombytes("RGB", (width, height), pattern(seed, width, height)).save(out, "PNG", pnginfo=chunks)
    return out.getvalue()


def body(response: HttpResponseBase) -> bytes:
    """Return all of an answer, one that is sent piece by piece included."""
    if not isinstance(response, StreamingHttpResponse):
        return bytes(response.content)  # type: ignore[attr-defined]

    async def collect() -> bytes:
        return b"".join([bytes(piece) async for piece in response.streaming_content])  # type: ignore[union-attr]

    return async_to_sync(collect)()
