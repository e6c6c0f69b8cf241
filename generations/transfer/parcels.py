"""Files that somebody hands over, one by one, those in a ZIP among them; nothing is ever unpacked to disk.

A name inside a ZIP is only shown, never used as a path. Links, names that lead elsewhere, locked entries, archives inside and
whatever unpacks to more than pictures do are refused, each with a sentence.
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import IO

from generations.errors import InvalidInputs, UnusablePicture
from generations.images import MAX_BYTES, TOO_MANY_BYTES

MOST = 200
"""Pictures in one go."""
MOST_UNPACKED = 1_000_000_000
"""Bytes that all of a ZIP may have, unpacked."""
MOST_DIRECTORY = 4_000_000
"""Bytes that a ZIP's own list of what is in it may have; in memory it takes ten times as much."""

NOTHING_CHOSEN = "Choose pictures or a ZIP first."
TOO_MANY = "These are {count} files, and {most} can be brought in at once. Choose fewer, and bring the others in after them."
DAMAGED_ZIP = "This ZIP is cut off or damaged. Download or pack it again, then try again."
TOO_LARGE_ZIP = "This ZIP would unpack to {size} GB, and 1 GB is the most. Pack fewer pictures into one."
LEADS_ELSEWHERE = "Its name in the ZIP leads out of the ZIP, so it was left out. Pack it again with a plain name."
A_LINK = "This is a link and no picture. Pack the picture itself."
LOCKED = "This is locked with a password. Pack it again without one."
AN_ARCHIVE = "This is an archive inside the ZIP. Unpack it, and bring its pictures in by themselves."
OTHER_PACKING = "This is packed in a way that is not used here. Pack the ZIP again in the usual way."

ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
_ZIP = ARCHIVES[:2]
_NOT_MEANT = frozenset({"settings.json", "settings.csv", "missing.txt", "thumbs.db", "desktop.ini", ".ds_store"})
"""What archives hold beside pictures without anybody having put it there."""

# What broken and hostile ZIPs have zipfile raise.
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, struct.error, ValueError, OverflowError, OSError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One file that may be a picture."""

    name: str
    """As a person knows it; a text from outside."""
    read: Callable[[], bytes]
    """Return what is in it; raises UnusablePicture with a sentence that says why not."""


def parcels_in(files: Sequence[tuple[str, IO[bytes]]], most: int | None = MOST) -> Iterator[Parcel]:
    """Yield each file, and in place of a ZIP what is in it; raises InvalidInputs for none or for too many."""
    found: list[Parcel] = []
    for name, file in files:
        found += _inside(name, file) if file.read(4) in _ZIP else [Parcel(name=name, read=partial(_whole, file))]
    if not found and most is not None:
        raise InvalidInputs({"files": NOTHING_CHOSEN})
    if most is not None and len(found) > most:
        raise InvalidInputs({"files": TOO_MANY.format(count=len(found), most=most)})
    return iter(found)


def _whole(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read(MAX_BYTES + 1)


def _inside(name: str, file: IO[bytes]) -> list[Parcel]:
    """Return what is in a ZIP, or one parcel that says why it cannot be used."""
    try:
        opened = zipfile.ZipFile(_Wary(file))
        entries = [entry for entry in opened.infolist() if not entry.is_dir() and not _is_beside(entry.filename)]
    except _BROKEN:
        return [_refused(name, DAMAGED_ZIP)]
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MOST_UNPACKED:
        return [_refused(name, TOO_LARGE_ZIP.format(size=f"{unpacked / 1e9:,.1f}"))]
    return [_entry(opened, entry) for entry in entries]


def _entry(opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Parcel:
    sentence = _why_not(entry)
    return _refused(entry.filename, sentence) if sentence else Parcel(name=entry.filename, read=partial(_unpacked, opened, entry))


def _why_not(entry: zipfile.ZipInfo) -> str:
    """Return why an entry is left where it is; the order is that of what a person should hear first."""
    parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if not parts or ".." in parts or parts[0].startswith("/") or parts[0][1:2] == ":":
        return LEADS_ELSEWHERE
    if kind not in (0, stat.S_IFREG):
        return A_LINK
    if entry.flag_bits & 0x41:
        return LOCKED
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return OTHER_PACKING
    return TOO_MANY_BYTES if entry.file_size > MAX_BYTES else ""


def _unpacked(opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return an entry's bytes, never more than it says and a picture may have; zipfile stops there and checks the sum."""
    out = io.BytesIO()
    try:
        with opened.open(entry) as packed:
            while (piece := packed.read(64 * 1024)) and out.tell() <= MAX_BYTES:
                out.write(piece)
    except _BROKEN as error:
        raise UnusablePicture(DAMAGED_ZIP, detail=repr(error)[:300]) from error
    content = out.getvalue()
    if content.startswith(ARCHIVES):
        raise UnusablePicture(AN_ARCHIVE)
    return content


def _refused(name: str, sentence: str) -> Parcel:
    def read() -> bytes:
        raise UnusablePicture(sentence)

    return Parcel(name=name, read=read)


def _is_beside(name: str) -> bool:
    path = PurePosixPath(name)
    return path.name.lower() in _NOT_MEANT or path.name.startswith("._") or "__MACOSX" in path.parts


class _Wary:
    """A ZIP that is never read in pieces larger than its list may be: zipfile takes that list in one, whatever it says."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._size = file.seek(0, io.SEEK_END)

    def read(self, size: int | None = -1) -> bytes:
        left = max(0, self._size - self._file.tell())
        wanted = left if size is None or size < 0 else min(size, left)
        if wanted > MOST_DIRECTORY:
            raise zipfile.BadZipFile("its list is too long")
        return self._file.read(wanted)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True
