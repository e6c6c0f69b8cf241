"""Fingerprints of weight files: gigabytes are read once, and again only when a file's size or time has changed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

DIGITS = 16
"""Hexadecimal digits that are shown; 64 bits tell weights apart."""


def fingerprints(files: Mapping[str, Sequence[Path]], cache: Path, before_each: Callable[[], object]) -> dict[str, str]:
    """Return part → fingerprint of all its files in order; `before_each` is called before a file is read."""
    known = _read(cache)
    found: dict[str, str] = {}
    for part, paths in files.items():
        digests = [_digest(path, known, before_each) for path in paths]
        whole = digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
        found[part] = whole[:DIGITS]
    _write(cache, known)
    return found


def _digest(path: Path, known: dict[str, list[str | int]], before_each: Callable[[], object]) -> str:
    """Return a file's SHA-256, from `known` if it is still the same file."""
    real = path.resolve()
    stat = real.stat()
    size, time_ns, digest = known.get(str(real), [0, 0, ""])
    if (size, time_ns) == (stat.st_size, stat.st_mtime_ns):
        return str(digest)
    before_each()
    with real.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    known[str(real)] = [stat.st_size, stat.st_mtime_ns, digest]
    return digest


def _read(cache: Path) -> dict[str, list[str | int]]:
    try:
        read: dict[str, list[str | int]] = json.loads(cache.read_bytes())
    except (OSError, ValueError):
        return {}
    return read


def _write(cache: Path, known: Mapping[str, list[str | int]]) -> None:
    """Replace the cache, whole; one that cannot be written only costs time."""
    with contextlib.suppress(OSError), tempfile.NamedTemporaryFile("w", dir=cache.parent, delete=False) as file:
        json.dump(known, file)
        file.close()
        Path(file.name).replace(cache)
