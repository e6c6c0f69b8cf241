"""The settings that a picture file carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from generations import metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    tool: str
    raw: Mapping[str, object]
    unmapped: tuple[str, ...] = ()


def found_in(data: bytes) -> Found | None:
    """Return what the file says of how it was made; None when it says nothing."""
    ours = metadata.read(data)
    if ours is None:
        return None
    raw = {name: getattr(ours, name) for name in ("prompt", "seed", "num_inference_steps", "guidance_scale", "output_format")}
    return Found(tool="this playground", raw={**raw, "size": f"{ours.width}*{ours.height}", "strength": ours.strength})
