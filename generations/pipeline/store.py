"""Keep finished pictures: files first, each whole or not there at all; then one commit that makes them exist."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from generations import budget, images, lifecycle, search
from generations.backends import backend_for
from generations.backends.base import RenderedImage
from generations.enhancers import enhancer_title
from generations.errors import Cancelled
from generations.faults import reach
from generations.metadata import Settings
from generations.models import Generation, Image


def store(generation: Generation, rendered: Sequence[RenderedImage]) -> None:
    """Write files and rows of a generation in state storing; raises Cancelled when the row is no longer this worker's."""
    remove_strays(generation, range(generation.fence))
    rows: list[Image] = []
    try:
        rows.extend(_write(generation, index, image) for index, image in enumerate(rendered))
        reach("before_asset_commit")
        _commit(generation, rows)
    except (Cancelled, OSError):
        remove_strays(generation, range(generation.fence, generation.fence + 1))
        raise
    reach("after_publish")


def remove_strays(generation: Generation, fences: range) -> None:
    """Delete the files of those workers; never a later worker's, which may be the picture by now."""
    folder = _folder(generation)
    if not default_storage.exists(folder):
        return
    for name in default_storage.listdir(folder)[1]:
        fence = name.lstrip(".").partition("-")[0]
        if fence.isdecimal() and int(fence) in fences:
            default_storage.delete(f"{folder}/{name}")


def _commit(generation: Generation, rows: Sequence[Image]) -> None:
    with transaction.atomic():
        kept = {"render_ms": generation.render_ms, "versions": generation.versions, "notes": generation.notes}
        if not lifecycle.move("stored", generation, error="", detail="", **kept):
            raise Cancelled(detail=f"{generation} was taken away while it was stored")
        Image.objects.bulk_create(rows)
        budget.settle(generation)
        search.index([generation.pk])
        transaction.on_commit(lambda: reach("after_asset_commit"))


def _write(generation: Generation, index: int, image: RenderedImage) -> Image:
    """Store one picture and its two thumbnails; the fence in the names keeps two workers apart."""
    stem = f"{_folder(generation)}/{generation.fence}-{index}"
    pixels_sha256 = images.fingerprint_pixels(image.pixels, image.width, image.height)
    data = images.encode(
        image.pixels,
        image.width,
        image.height,
        output_format=generation.output_format,
        settings=_settings(generation, image, pixels_sha256),
    )
    small, large = images.thumbnails(image.pixels, image.width, image.height)
    return Image(
        generation=generation,
        index=index,
        file=_save(f"{stem}.{generation.output_format}", data),
        small=_save(f"{stem}-small.webp", small),
        large=_save(f"{stem}-large.webp", large),
        width=image.width,
        height=image.height,
        size_bytes=len(data),
        output_format=generation.output_format,
        sha256=images.fingerprint_bytes(data),
        pixels_sha256=pixels_sha256,
        placeholder=images.placeholder(image.pixels, image.width, image.height),
    )


def _save(name: str, data: bytes) -> str:
    return default_storage.save(name, ContentFile(data))


def _folder(generation: Generation) -> str:
    name = generation.public_id.hex
    return f"pictures/{name[:2]}/{name}"


def _settings(generation: Generation, image: RenderedImage, pixels_sha256: str) -> Settings:
    """Return what the file says of itself: no date, no names, so that the same request gives the same bytes."""
    backend = backend_for(generation.backend)
    return Settings(
        prompt=generation.prompt,
        **_before_enhancing(generation),
        width=image.width,
        height=image.height,
        num_inference_steps=generation.num_inference_steps,
        guidance_scale=generation.guidance_scale,
        seed=generation.seed,
        strength=generation.strength,
        output_format=generation.output_format,
        model=generation.model if backend.runs_model else backend.alias,
        backend=backend.title,
        versions=generation.versions,
        pixels_sha256=pixels_sha256,
        notes=image.notes,
        credits=backend.credits,
    )


def _before_enhancing(generation: Generation) -> dict[str, Any]:
    """Return what led to a prompt that an enhancer improved."""
    request = generation.enhancement
    if request is None:
        return {}
    title = enhancer_title(request.enhancer)
    return {
        "original_prompt": request.original,
        "enhancer": title,
        "enhancer_style": request.style,
        "enhancer_seed": request.seed,
    }
