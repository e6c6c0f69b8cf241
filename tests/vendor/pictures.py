"""The files that the vendor serves: real pictures painted by Easel, and hostile ones on command."""

from __future__ import annotations

import struct
import zlib
from functools import cache, lru_cache
from io import BytesIO

from PIL import Image

from generations.backends.base import ImageRequest
from generations.backends.easel import Easel

PAINTED_SIDE = 256
"""Pixels; larger orders are scaled up from it."""
SUBJECTS = ("a red fox in the snow", "a boat on the sea", "an apple on a table", "a house by a lake", "a cat under a tree")
_MARK = 8
"""Pixels a side of each square in the mark that tells one seed from another."""


@lru_cache(maxsize=256)
def picture(seed: int, width: int, height: int, output_format: str) -> bytes:
    """Return a PNG or JPEG file of that size; another seed is another picture.

    Only a handful are really painted. Along the lower edge stand 32 light and dark squares: the seed's bits.
    """
    image = _painting(seed % len(SUBJECTS)).resize((width, height), Image.Resampling.BILINEAR)
    for bit in range(min(32, width // _MARK)):
        tone = (235, 235, 235) if seed >> bit & 1 else (20, 20, 20)
        image.paste(tone, (bit * _MARK, height - _MARK, (bit + 1) * _MARK, height))
    return _file(image, output_format)


def seed_in(data: bytes) -> int:
    """Read the seed back from a picture's mark."""
    image = Image.open(BytesIO(data)).convert("L")
    squares = range(min(32, image.width // _MARK))
    middles = (image.getpixel((bit * _MARK + _MARK // 2, image.height - _MARK // 2)) for bit in squares)
    return sum(1 << bit for bit, tone in enumerate(middles) if isinstance(tone, int) and tone > 127)


@cache
def bomb() -> bytes:
    """Return a PNG of a few kB that unpacks to 20,000 × 20,000 pixels."""
    side = 20_000
    packer = zlib.compressobj(9)
    row = bytes(1 + side // 8)
    rows = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def svg() -> bytes:
    return b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def html() -> bytes:
    return b"<!doctype html><script>alert(document.cookie)</script>"


def polyglot(data: bytes) -> bytes:
    """Return a good picture with a web page and a zip archive's head behind it."""
    return data + b"<script>alert(1)</script>PK\x03\x04" + bytes(64)


@cache
def _painting(number: int) -> Image.Image:
    request = ImageRequest(
        prompt=SUBJECTS[number],
        width=PAINTED_SIDE,
        height=PAINTED_SIDE,
        num_inference_steps=2,
        guidance_scale=3.5,
        seed=number,
    )
    painted = Easel().render(request, lambda step, of, preview: None)[0]
    return Image.frombytes("RGB", (painted.width, painted.height), painted.pixels)


def _file(image: Image.Image, output_format: str) -> bytes:
    out = BytesIO()
    if output_format == "png":
        image.save(out, "PNG", compress_level=1)
    else:
        image.save(out, "JPEG", quality=90)
    return out.getvalue()


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
