"""The texts that a picture file carries beside its pixels, by name, and the JSON in them, within limits."""

from __future__ import annotations

import json
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from itertools import islice

from generations import metadata
from generations.reading import exif

Records = Mapping[str, str]
"""Name → text. What a JPEG or WebP file says in its UserComment stands under `parameters`, as in a PNG."""

NAMES = ("parameters", "prompt", "invokeai_metadata", "sd-metadata")
LONGEST = 2_000_000
"""Bytes of a text, unpacked."""
DEEPEST = 64
MOST_NODES = 200_000
"""Objects and lists in a JSON text."""

MALFORMED = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, struct.error, zlib.error)
"""What broken files have readers raise."""

_MOST_PARTS = 10_000
_MOST_TEXTS = 32
"""Texts of a wanted name that are looked at, so that no file can have thousands of bombs unpacked."""
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)


def records_in(data: bytes) -> Records:
    """Return the texts in a PNG, JPEG or WebP file that readers know; the first of a name counts."""
    found: dict[str, str] = {}
    for name, text in islice(_texts(data), _MOST_TEXTS):
        if text:
            found.setdefault(name, text)
    return found


def object_in(text: str) -> Mapping[str, object]:
    """Return the JSON object that a text is, empty where it is none, or is too deep or too large."""
    text = text.strip("\ufeff\0 \t\r\n")
    if not text.startswith("{") or not _is_moderate(text):
        return {}
    try:
        return object_of(json.loads(text))
    except (ValueError, RecursionError):
        return {}


def object_of(value: object) -> Mapping[str, object]:
    """Return a JSON object as it is, and an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[object]:
    """Return a JSON list as it is, and an empty one for anything else."""
    return value if isinstance(value, list) else []


def _texts(data: bytes) -> Iterator[tuple[str, str]]:
    for kind, content in islice(metadata.parts(data), _MOST_PARTS):
        if kind in (b"tEXt", b"zTXt", b"iTXt"):
            name, _, rest = content[: LONGEST + 200].partition(b"\0")
            if (title := name.decode("latin-1")) in NAMES:
                yield title, _text(kind, rest)
        elif kind in (b"eXIf", b"EXIF") or (kind == b"\xe1" and content.startswith(exif.NAME)):
            yield from exif.texts_in(content[: 2 * LONGEST])


def _text(kind: bytes, rest: bytes) -> str:
    """Return the text of a PNG chunk, empty where it is damaged or too long."""
    try:
        if kind == b"tEXt":
            return _decoded(rest)
        if kind == b"zTXt":
            return _decoded(_unpacked(rest[1:]))
        # Compression flag and method, then language and translated keyword, each closed by a zero byte.
        text = rest[2:].split(b"\0", 2)[2]
        return (_unpacked(text) if rest[0] else text).decode()
    except MALFORMED:
        return ""


def _unpacked(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    text = unpacker.decompress(packed, LONGEST)
    if unpacker.unconsumed_tail:
        raise ValueError("too long")
    return text


def _decoded(text: bytes) -> str:
    """Return Latin-1, which the PNG standard wants, or UTF-8, which some tools write all the same."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")


def _is_moderate(text: str) -> bool:
    """Tell whether a JSON text has a depth and a number of objects and lists that may be parsed."""
    depth = nodes = 0
    if len(text) > LONGEST:
        return False
    for found in _STRING_OR_BRACKET.finditer(text):
        mark = found[0][0]
        if mark in "[{":
            depth, nodes = depth + 1, nodes + 1
        elif mark in "]}":
            depth -= 1
        if depth > DEEPEST or nodes > MOST_NODES:
            return False
    return True
