"""A picture's settings and receipt as rows for a person to read."""

from __future__ import annotations

from django.conf import settings

from generations import catalog
from generations.backends import backend_for, is_remote, title_of
from generations.models import Generation, Image

Rows = list[tuple[str, str]]


def recipe(generation: Generation) -> Rows:
    """Return what somebody needs, beside the prompt, to make the picture again."""
    rows = [
        ("Made by", _maker(generation)),
        ("Size", f"{generation.width} × {generation.height}"),
        ("Seed", str(generation.seed)),
        ("Steps", str(generation.num_inference_steps)),
        ("Guidance", f"{generation.guidance_scale:g}"),
        ("Format", generation.output_format.upper()),
    ]
    if generation.strength is not None:
        rows.append(("Strength", f"{generation.strength:g}"))
    return rows


def making(generation: Generation) -> Rows:
    """Return who made a finished picture when, how long it took and what it cost."""
    return [
        ("Made", f"{generation.finished_at:%Y-%m-%d %H:%M} UTC by {generation.author}"),
        ("Time", f"{(generation.render_ms or 0) / 1000:.1f} s"),
        ("Cost", _cost(generation)),
    ]


def receipt(generation: Generation, image: Image) -> Rows:
    """Return what proves that a picture made again is the same."""
    rows = [
        ("File", f"{image.size_bytes / 1000:,.0f} kB, SHA-256 {image.sha256}"),
        ("Pixels", f"SHA-256 {image.pixels_sha256}"),
    ]
    return rows + versions(generation)


def versions(generation: Generation) -> Rows:
    """Return the versions of everything that shaped the pixels."""
    return [(name, str(version)) for name, version in generation.versions.items()]


def _cost(generation: Generation) -> str:
    if generation.price_microusd:
        return f"${generation.price_microusd / 1_000_000:.3f}"
    # What was brought in from a vendor's account was paid there before this team knew of it.
    return "paid at the vendor" if is_remote(generation.backend) else "free"


def _maker(generation: Generation) -> str:
    """Return the engine, with the model if it ran that."""
    title = title_of(generation.backend)
    if generation.backend in settings.IMAGE_BACKENDS and backend_for(generation.backend).runs_model:
        return f"{catalog.load(generation.model).name}, {title}"
    return title
