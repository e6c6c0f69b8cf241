"""Many pictures as one ZIP that is written while it is sent: nothing of it is kept but the list of what is in it.

Pictures are stored as they are, since packing does not make them smaller. The archive ends with what made them, as
settings.json and settings.csv, and with missing.txt where a file could not be found. It may have any size (ZIP64).
"""

from __future__ import annotations

import io
import zipfile
import zlib
from array import array
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from itertools import chain

from asgiref.sync import sync_to_async

from generations.models import Generation, Image, User
from generations.transfer.names import Names, file_name
from generations.transfer.tables import csv_head, csv_of, json_of, row_of

CHUNK = 512 * 1024
"""Bytes."""
PAGE = 200
"""Pictures that are read from the database at once."""
MISSING = "These pictures are in the gallery, but their files were not found on the server:\r\n\r\n"


def keys_of(generations: Iterable[int]) -> array[int]:
    """Return the keys of rows in 8 bytes each."""
    return array("q", generations)


async def sent(user: User, keys: Sequence[int]) -> AsyncIterator[bytes]:
    """Yield the ZIP of these generations, in pieces; leaves out what the person may not see any more."""
    async for piece in awaited(archive(user, keys)):
        yield piece


async def awaited(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Yield what is read from the database and the disk without holding up other requests."""

    def following() -> bytes:
        return next(pieces, b"")

    while piece := await sync_to_async(following)():
        yield piece


def archive(user: User, keys: Sequence[int]) -> Iterator[bytes]:
    """Yield the ZIP as `sent` does."""
    sink = Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED, allowZip64=True) as made:
        yield from _written(made, sink, user, keys)
    yield sink.taken()


def _written(made: zipfile.ZipFile, sink: Sink, user: User, keys: Sequence[int]) -> Iterator[bytes]:
    names, as_json, as_csv, missing = Names(), _Scroll(), _Scroll(), _Scroll()
    as_csv.add(csv_head())
    for count, image in enumerate(_images(user, keys)):
        name = names.once(file_name(image))
        row = row_of(image, name)
        as_json.add((",\n" if count else "") + json_of(row))
        as_csv.add(csv_of(row))
        try:
            opened = image.file.open("rb")
        except FileNotFoundError:
            missing.add(f"{name}  {image.generation.get_absolute_url()}\r\n")
            continue
        with opened:
            yield from _entry(made, sink, _entry_of(name, image), iter(lambda: opened.read(CHUNK), b""))  # noqa: B023
    yield from _text(made, sink, "settings.json", chain([b"[\n"], as_json, [b"\n]\n"]))
    yield from _text(made, sink, "settings.csv", as_csv)
    if missing:
        yield from _text(made, sink, "missing.txt", chain([MISSING.encode()], missing))


def _images(user: User, keys: Sequence[int]) -> Iterator[Image]:
    """Yield the pictures in the order of the keys, a page at a time, each time asking anew what the person may see."""
    visible = Generation.objects.visible_to(user).in_gallery().select_related("author", "enhancement")
    for at in range(0, len(keys), PAGE):
        page = keys[at : at + PAGE]
        found = visible.prefetch_related("images", "taggings__tag").in_bulk(list(page))
        for key in page:
            if (generation := found.get(key)) is not None:
                yield from generation.images.all()


def _entry_of(name: str, image: Image) -> zipfile.ZipInfo:
    finished = image.generation.finished_at or image.created_at
    entry = zipfile.ZipInfo(name, finished.timetuple()[:6])
    entry.file_size = image.size_bytes
    entry.external_attr = 0o644 << 16
    return entry


def _text(made: zipfile.ZipFile, sink: Sink, name: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    yield from _entry(made, sink, entry, pieces)


def _entry(made: zipfile.ZipFile, sink: Sink, entry: zipfile.ZipInfo, pieces: Iterable[bytes]) -> Iterator[bytes]:
    with made.open(entry, "w", force_zip64=entry.compress_type == zipfile.ZIP_DEFLATED) as target:
        for piece in pieces:
            target.write(piece)
            if sink.size >= CHUNK:
                yield sink.taken()
    if sink.size >= CHUNK:
        yield sink.taken()


class Sink(io.RawIOBase):
    """A file that cannot go back; what was written is taken out again and again."""

    def __init__(self) -> None:
        self._written: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, piece: object) -> int:
        kept = bytes(piece)  # type: ignore[call-overload]
        self._written.append(kept)
        self.size += len(kept)
        return len(kept)

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        pieces = b"".join(self._written)
        self._written.clear()
        self.size = 0
        return pieces


class _Scroll:
    """A long text, kept packed until the end: some 200 bytes a picture."""

    def __init__(self) -> None:
        self._packer = zlib.compressobj(6)
        self._packed: list[bytes] = []
        self._is_empty = True

    def add(self, text: str) -> None:
        self._is_empty = False
        self._packed.append(self._packer.compress(text.encode(errors="replace")))

    def __bool__(self) -> bool:
        return not self._is_empty

    def __iter__(self) -> Iterator[bytes]:
        unpacker = zlib.decompressobj()
        for packed in (*self._packed, self._packer.flush()):
            yield unpacker.decompress(packed)
        yield unpacker.flush()
