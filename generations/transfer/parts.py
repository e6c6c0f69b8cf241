"""A folder or a ZIP that holds an export: gallery.json, gallery.jsonl, and the files of pictures and references."""

from __future__ import annotations

import contextlib
import json
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Protocol

from generations.errors import InvalidInputs

LINES, HEAD = "gallery.jsonl", "gallery.json"
NOT_AN_EXPORT = "There is no export of a gallery at this place: it must be a folder or a ZIP with gallery.jsonl in it."
_CHUNK = 1024 * 1024


class Target(Protocol):
    """Where an export is written to."""

    def has(self, name: str, size_bytes: int) -> bool: ...

    def copy(self, name: str, file: IO[bytes]) -> None: ...

    def lines(self, lines: Iterable[str], name: str) -> None: ...


class FolderTarget:
    """A folder; what a broken export has left in it is gone on with."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, name: str, size_bytes: int) -> bool:
        path = self._folder / name
        return path.is_file() and path.stat().st_size == size_bytes

    def copy(self, name: str, file: IO[bytes]) -> None:
        with _replacing(self._folder / name) as out:
            shutil.copyfileobj(file, out, _CHUNK)

    def lines(self, lines: Iterable[str], name: str) -> None:
        with _replacing(self._folder / name) as out:
            out.writelines(line.encode() for line in lines)


class ZipTarget:
    """A ZIP of any size; it gets its name when it is whole."""

    def __init__(self, made: zipfile.ZipFile) -> None:
        self._made = made

    def has(self, name: str, size_bytes: int) -> bool:
        return False

    def copy(self, name: str, file: IO[bytes]) -> None:
        with self._made.open(zipfile.ZipInfo(name), "w", force_zip64=True) as out:
            shutil.copyfileobj(file, out, _CHUNK)

    def lines(self, lines: Iterable[str], name: str) -> None:
        entry = zipfile.ZipInfo(name)
        entry.compress_type = zipfile.ZIP_DEFLATED
        with self._made.open(entry, "w", force_zip64=True) as out:
            for line in lines:
                out.write(line.encode())


@contextlib.contextmanager
def target_at(path: Path) -> Iterator[Target]:
    """Give where to write: a ZIP where the path ends in .zip, else a folder."""
    if path.suffix.lower() != ".zip":
        yield FolderTarget(path)
        return
    with _replacing(path) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:
        yield ZipTarget(made)


class Export:
    """An export, read back; its names are made here and never taken from it."""

    def __init__(self, path: Path) -> None:
        self._folder = None if path.is_file() else path
        self._zip = zipfile.ZipFile(path) if path.is_file() else None

    def open(self, name: str) -> IO[bytes]:
        """Open a file of it; raises FileNotFoundError."""
        try:
            return self._zip.open(name) if self._zip else (self._folder or Path()).joinpath(name).open("rb")
        except KeyError as error:
            raise FileNotFoundError(name) from error

    def head(self) -> dict[str, Any]:
        with self.open(HEAD) as file:
            found = json.loads(file.read())
        return found if isinstance(found, dict) else {}

    def lines(self) -> Iterator[bytes]:
        with self.open(LINES) as file:
            yield from file


def is_export(path: Path) -> bool:
    """Say whether an export lies at a place; raises InvalidInputs when nothing at all lies there."""
    if path.is_dir():
        return (path / LINES).is_file()
    if not path.is_file():
        raise InvalidInputs({"path": f"There is nothing at {path}. Give the path of a folder, a picture or a ZIP."})
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as opened:
        return LINES in opened.NameToInfo


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """Write beside a file, and put it there when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("wb") as out:
            yield out
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
