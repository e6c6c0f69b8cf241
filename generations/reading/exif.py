"""The texts in an EXIF block that picture generators write there, read by the TIFF 6.0 layout."""

from __future__ import annotations

import struct
from collections.abc import Iterator

NAME = b"Exif\0\0"

_USER_COMMENT = 0x9286
_DETAILS = 0x8769
"""The entry that points to the EXIF directory."""
_MOST_ENTRIES = 200
_TEXT_TYPES = (1, 2, 7)
"""BYTE, ASCII, UNDEFINED: tools differ in what they make of a comment."""
_UNICODE = b"UNICODE\0"
_PREFIXES = (b"ASCII\0\0\0", b"\0" * 8)


def texts_in(block: bytes) -> Iterator[tuple[str, str]]:
    """Yield `parameters` for each UserComment, and `prompt` for a graph that ComfyUI put into a camera's entry."""
    tiff = block.removeprefix(NAME)
    order = {b"MM": ">", b"II": "<"}.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return
    details: list[int] = []
    for tag, content in _entries(tiff, order, struct.unpack_from(order + "I", tiff, 4)[0], details):
        yield from _texts(tag, content, order)
    for start in details[:1]:
        for tag, content in _entries(tiff, order, start, []):
            yield from _texts(tag, content, order)


def _entries(tiff: bytes, order: str, start: int, details: list[int]) -> Iterator[tuple[int, bytes]]:
    """Yield tag and content of a directory's texts; add the EXIF directory's place to `details`."""
    if start + 2 > len(tiff):
        return
    (count,) = struct.unpack_from(order + "H", tiff, start)
    for at in range(start + 2, start + 2 + 12 * min(count, _MOST_ENTRIES), 12):
        if at + 12 > len(tiff):
            return
        tag, kind, length, value = struct.unpack_from(order + "HHII", tiff, at)
        if tag == _DETAILS:
            details.append(value)
        elif kind in _TEXT_TYPES:
            place = at + 8 if length <= 4 else value
            yield tag, tiff[place : place + length]


def _texts(tag: int, content: bytes, order: str) -> Iterator[tuple[str, str]]:
    if tag == _USER_COMMENT:
        yield "parameters", _comment(content, order)
    elif content[:8].lower().startswith(b"prompt:"):
        yield "prompt", content[7:].decode(errors="replace").rstrip("\0")


def _comment(content: bytes, order: str) -> str:
    """Return a UserComment; some tools write one without the eight bytes that name its encoding."""
    if content.startswith(_UNICODE):
        return _unicode(content.removeprefix(_UNICODE), order).strip("\ufeff\0")
    for prefix in _PREFIXES:
        content = content.removeprefix(prefix)
    return content.decode(errors="replace").strip("\0")


def _unicode(text: bytes, order: str) -> str:
    """Return UTF-16 in the byte order that puts more zeros into high bytes: the standard leaves the order open.

    Settings always hold Latin letters, so a text without a zero byte is UTF-8 under a wrong name.
    """
    if 0 not in text:
        return text.decode(errors="replace")
    high_first, low_first = text[::2].count(0), text[1::2].count(0)
    big = order == ">" if high_first == low_first else high_first > low_first
    return text.decode("utf-16-be" if big else "utf-16-le", errors="replace")
