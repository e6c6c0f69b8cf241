"""The packages of requirements-gpu.txt: looked for without being imported, which takes seconds and a gigabyte."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

MODULES = ("torch", "diffusers", "transformers", "accelerate", "safetensors", "sentencepiece", "gguf", "torchao")
SHAPING = ("torch", "diffusers", "transformers")
"""Packages whose versions shape the pixels, whatever the precision."""
MISSING = "FLUX needs packages that are not installed here: {names}. Whoever runs this server installs them with: make gpu"


@cache
def why_missing() -> str:
    """Say which packages are not installed, or "" when all are; asked once a process."""
    names = [name for name in MODULES if find_spec(name) is None]
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return MISSING.format(names=", ".join(names[:2]) + more) if names else ""


@contextlib.contextmanager
def importing_quietly() -> Iterator[None]:
    """Import what warns of parts for other cards and other tasks, which nobody misses here."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


def versions_of(*names: str) -> dict[str, str]:
    """Return name → version of what is installed."""
    found: dict[str, str] = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
