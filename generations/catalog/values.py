"""Turn what forms, command lines and API clients send into the schema's types."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

# The vendor's clients write 1024*1024; people also write 1024x1024 and 1024 × 1024, or one number for a square.
SIZE = re.compile(r"\s*(\d{1,6})\s*(?:[*xX×]\s*(\d{1,6})\s*)?", re.ASCII)
INTEGER = re.compile(r"[+-]?\d{1,20}", re.ASCII)


def plain_value(spec: Mapping[str, Any], value: object) -> Any:
    """Return `value` in the type that `spec` wants, its default when empty, or unchanged when it does not fit."""
    if isinstance(value, str):
        value = _tidy(value)
    if value is None or value == "":
        return spec.get("default", "" if spec["type"] == "string" else None)
    if spec["type"] == "integer":
        return _integer(value)
    if spec["type"] == "number":
        return _number(value)
    return value


def parse_size(value: object, spec: Mapping[str, Any]) -> tuple[int, int]:
    """Return (width, height) in pixels; ValueError with a sentence when it is not a size in range."""
    low, high = spec["minimum"], spec["maximum"]
    match = SIZE.fullmatch(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else None
    if match is None:
        raise ValueError(f"Write the size as width*height, for example {spec['default']}.")
    width = int(match[1])
    height = int(match[2] or match[1])
    if not (low <= width <= high and low <= height <= high):
        raise ValueError(f"Width and height must each be from {low} to {high} pixels.")
    return width, height


def _tidy(text: str) -> str:
    """Drop control characters (a NUL cannot be stored) and outer blanks; keep line breaks and tabs."""
    kept = (char for char in text if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs"})
    return "".join(kept).strip()


def _integer(value: object) -> object:
    if isinstance(value, str) and INTEGER.fullmatch(value):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return value
    return number if math.isfinite(number) else str(value)
