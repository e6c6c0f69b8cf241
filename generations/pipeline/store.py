"""Keep finished pictures: files first, each whole or not there at all; then one commit that makes them exist."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Sum

from generations import budget, images, lifecycle, safety, search
from generations.backends import backend_for
from generations.backends.base import RenderedImage
from generations.enhancers import enhancer_title
from generations.errors import Cancelled
from generations.faults import reach
from generations.metadata import Settings
from generations.models import Generation, Image, PicturesPolicy
from generations.models.ledger import EntryKind
from generations.money import dollars
from generations.pipeline.judge import score_of

log = logging.getLogger(__name__)

REFUSED = "This picture may be unsafe to look at, and your team keeps no such pictures. It was not kept; {charged}."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """A picture, and what is known of whether it is unsafe to look at."""

    image: RenderedImage
    score: float | None

    @property
    def is_flagged(self) -> bool:
        return self.image.is_flagged or (self.score or 0.0) >= safety.THRESHOLD


def store(generation: Generation, rendered: Sequence[RenderedImage]) -> bool:
    """Write files and rows of a generation in state storing; raises Cancelled when the row is no longer this worker's.

    False when the team keeps no pictures that may be unsafe to look at, and one of these is: the row has failed then.
    """
    remove_strays(generation, range(generation.fence))
    judged = [_Judged(image=image, score=score_of(image.pixels, image.width, image.height)) for image in rendered]
    if generation.team.pictures_policy == PicturesPolicy.REFUSE and any(each.is_flagged for each in judged):
        _refuse(generation, judged)
        return False
    rows: list[Image] = []
    try:
        rows.extend(_write(generation, index, each) for index, each in enumerate(judged))
        reach("before_asset_commit")
        _commit(generation, rows)
    except (Cancelled, OSError):
        remove_strays(generation, range(generation.fence, generation.fence + 1))
        raise
    reach("after_publish")
    return True


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


def _refuse(generation: Generation, judged: Sequence[_Judged]) -> None:
    """End a row whose picture the team does not keep, saying by the books what it has cost."""
    with transaction.atomic():
        charges = generation.ledger.filter(kind=EntryKind.CHARGE)
        charged = charges.aggregate(sum=Sum("amount_microusd", default=0))["sum"]
        sentence = REFUSED.format(charged=f"{dollars(charged)} was charged all the same" if charged else "nothing was charged")
        detail = f"scores {[each.score for each in judged]}, by the vendor {[each.image.is_flagged for each in judged]}"
        if not lifecycle.move("fail", generation, error=sentence, detail=detail[:2000]):
            raise Cancelled(detail=f"{generation} was taken away before it was stored")
        budget.release(generation)
    log.info("generation %s not kept: %s", generation.public_id, detail)


def _write(generation: Generation, index: int, judged: _Judged) -> Image:
    """Store one picture and its two thumbnails; the fence in the names keeps two workers apart."""
    image = judged.image
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
        unsafe_score=judged.score,
        vendor_flagged=image.is_flagged,
        is_flagged=judged.is_flagged,
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
