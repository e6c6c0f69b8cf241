"""The pictures of a share link on their way out: each with its recipe or without a word of it, alone or as one ZIP."""

from __future__ import annotations

import zipfile
from collections.abc import AsyncIterator, Iterator, Sequence

from generations.errors import UnusablePicture
from generations.models import Image, ShareLink
from generations.sharing import pictures_of
from generations.transfer.archive import PAGE, Sink, awaited
from generations.transfer.download import Download, Form, Wish, download
from generations.transfer.names import Names


def handed_out(link: ShareLink, image: Image) -> Download:
    """Return the file: the very one with its recipe, or one that says only that AI made it, name and all.

    Raises FileNotFoundError when the stored one is gone, and UnusablePicture when it is damaged.
    """
    if link.with_settings:
        return download(image, Wish(form=Form.RECIPE))
    made = download(image, Wish(form=Form.MARK))
    ending = made.name.rpartition(".")[2]
    name = f"picture-{image.generation.public_id.hex[:8]}.{ending}"
    return Download(name=name, output_format=made.output_format, content=made.content)


async def sent_out(link: ShareLink, keys: Sequence[int]) -> AsyncIterator[bytes]:
    """Yield a ZIP of these pictures, in pieces; leaves out what the link does not show any more."""
    async for piece in awaited(_zip(link, keys)):
        yield piece


def _zip(link: ShareLink, keys: Sequence[int]) -> Iterator[bytes]:
    sink, names = Sink(), Names()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED, allowZip64=True) as made:
        for image in _images(link, keys):
            try:
                file = handed_out(link, image)
            except (FileNotFoundError, UnusablePicture):
                continue
            entry = zipfile.ZipInfo(names.once(file.name), (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            made.writestr(entry, file.content)
            yield sink.taken()
    yield sink.taken()


def _images(link: ShareLink, keys: Sequence[int]) -> Iterator[Image]:
    """Yield the pictures in the order of the keys, a page at a time, each time asking anew what the link shows."""
    rows = pictures_of(link).prefetch_related("images")
    for at in range(0, len(keys), PAGE):
        page = keys[at : at + PAGE]
        found = rows.in_bulk(list(page))
        for key in page:
            if (generation := found.get(key)) is not None:
                yield from generation.images.all()
