"""Write the files of a picture that was not made here, and the row that will name them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from generations import images
from generations.images import Picture
from generations.models import Generation, Image


def written(generation: Generation, index: int, *, file: bytes, picture: Picture, output_format: str) -> Image:
    """Store a file as it is, with its two thumbnails; the row is not saved yet and lacks the fingerprint of the pixels."""
    name = generation.public_id.hex
    stem = f"pictures/{name[:2]}/{name}/{generation.fence}-{index}"
    small, large = images.thumbnails(picture.pixels, picture.width, picture.height)
    return Image(
        generation=generation,
        index=index,
        file=_save(f"{stem}.{output_format}", file),
        small=_save(f"{stem}-small.webp", small),
        large=_save(f"{stem}-large.webp", large),
        width=picture.width,
        height=picture.height,
        size_bytes=len(file),
        output_format=output_format,
        sha256=images.fingerprint_bytes(file),
        placeholder=images.placeholder(picture.pixels, picture.width, picture.height),
    )


@contextlib.contextmanager
def kept_or_removed(rows: Sequence[Image]) -> Iterator[None]:
    """Delete the files of these rows when what is done with them fails."""
    try:
        yield
    except BaseException:
        remove(rows)
        raise


def remove(rows: Sequence[Image]) -> None:
    for row in rows:
        for stored in (row.file, row.small, row.large):
            default_storage.delete(stored.name)


def _save(name: str, content: bytes) -> str:
    return default_storage.save(name, ContentFile(content))
