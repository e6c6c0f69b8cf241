"""JPEG files taken apart at their segments, so that what they carry changes and their pixels do not."""

from __future__ import annotations

import re
from itertools import islice

from generations import metadata

_MOST_SEGMENTS = 1000
_JFIF, _RECORD, _ADOBE, _COMMENT = 0xE0, 0xE1, 0xEE, 0xFE
_JFIF_OF_OURS = b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
_XMP_NAME = b"http://ns.adobe.com/xap/1.0/\0"
_TABLES_OF_OURS = [(0xDB, 65), (0xDB, 65), (0xC0, 15), (0xC4, 29), (0xC4, 179), (0xC4, 29), (0xC4, 179)]
"""Kind and length of what stands between the records and the scan in each file that `images.encode` writes."""
_SCAN_HEAD = 14
"""Bytes, with its marker."""
# A zero stands behind an FF that belongs to the picture; D0 to D7 only say where decoding may start anew.
_MARKER_IN_A_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7]")

Segments = list[tuple[int, bytes]]
"""Kind and content."""


def rewritten(data: bytes, *, exif: bytes = b"", xmp: bytes = b"") -> bytes:
    """Return the file with these records alone in place of all that it carries; the picture's own bytes stay as they are.

    Raises ValueError for what is not laid out as a JPEG. What follows the end of the picture is left out.
    """
    segments, scan = _apart(data)
    kept = [each for each in segments if not (_JFIF < each[0] <= 0xEF or each[0] == _COMMENT) or each[0] == _ADOBE]
    records = [(_RECORD, exif), (_RECORD, _XMP_NAME + xmp if xmp else b"")]
    first = sum(kind == _JFIF for kind, _ in kept[:1])
    whole = kept[:first] + [record for record in records if record[1]] + kept[first:]
    return b"\xff\xd8" + b"".join(map(_segment, whole)) + scan


def is_as_written_here(data: bytes, settings: metadata.Settings) -> bool:
    """Say whether every byte of the file but the picture's own is what this product writes with these settings.

    It can hold nothing foreign then, so it may be kept as it is, without the loss of another encoding.
    """
    try:
        segments, scan = _apart(data)
        same = rewritten(data, exif=metadata.exif(settings), xmp=metadata.xmp(settings)) == data
    except ValueError:
        return False
    tables = [(kind, len(content)) for kind, content in segments if kind not in (_JFIF, _RECORD)]
    marker = _MARKER_IN_A_SCAN.search(scan, _SCAN_HEAD)
    # One scan and the end: no marker in between behind which something could hide.
    alone = marker is not None and marker.start() == len(scan) - 2
    return same and alone and segments[0] == (_JFIF, _JFIF_OF_OURS) and tables == _TABLES_OF_OURS


def _apart(data: bytes) -> tuple[Segments, bytes]:
    """Return the segments before the scan, and all from the scan to the end of the picture."""
    segments = [(kind[0], content) for kind, content in islice(metadata.parts(data), _MOST_SEGMENTS)]
    at = 2 + sum(4 + len(content) for _, content in segments)
    end = data.rfind(b"\xff\xd9")
    if not data.startswith(b"\xff\xd8\xff") or data[at : at + 2] != b"\xff\xda" or end < at or not segments:
        raise ValueError("not laid out as a JPEG")
    return segments, data[at : end + 2]


def _segment(segment: tuple[int, bytes]) -> bytes:
    kind, content = segment
    return b"\xff" + bytes([kind]) + (len(content) + 2).to_bytes(2, "big") + content
