"""A file is whole under its name or not there at all."""

from __future__ import annotations

import errno
import os
import resource
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile

from generations.storage import DurableFileSystemStorage

ROOT = Path(__file__).parents[2]

SAVE = """
import sys
from django.conf import settings
settings.configure()
from django.core.files.base import ContentFile
from generations.storage import DurableFileSystemStorage
DurableFileSystemStorage(location=sys.argv[1]).save("a/b/fox.png", ContentFile(b"new" * 100_000))
"""


class HalfWritten(ContentFile):  # type: ignore[type-arg]
    """Content whose second half cannot be written."""

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        yield b"half"
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def storage(tmp_path: Path) -> DurableFileSystemStorage:
    return DurableFileSystemStorage(location=tmp_path / "media")


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_saved_file_is_there_under_its_name(storage: DurableFileSystemStorage) -> None:
    assert storage.save("a/b/fox.png", ContentFile(b"pixels")) == "a/b/fox.png"
    with storage.open("a/b/fox.png") as file:
        assert file.read() == b"pixels"
    assert storage.listdir("a/b") == ([], ["fox.png"])


def test_the_product_keeps_its_files_in_it() -> None:
    assert isinstance(storages["default"], DurableFileSystemStorage)


def test_text_and_uploads_are_saved_as_well(storage: DurableFileSystemStorage) -> None:
    storage.save("note.txt", ContentFile("狐"))
    storage.save("upload.png", SimpleUploadedFile("x.png", b"abc" * 50_000))
    assert Path(storage.path("note.txt")).read_text() == "狐"
    assert storage.size("upload.png") == 150_000


def test_saving_under_the_same_name_replaces_the_file(storage: DurableFileSystemStorage) -> None:
    storage.save("fox.png", ContentFile(b"old"))
    assert storage.save("fox.png", ContentFile(b"new")) == "fox.png"
    assert Path(storage.path("fox.png")).read_bytes() == b"new"
    assert storage.listdir("") == ([], ["fox.png"])


def test_a_name_that_leaves_the_folder_is_refused(storage: DurableFileSystemStorage) -> None:
    with pytest.raises(Exception, match=r"\.\."):
        storage.save("../fox.png", ContentFile(b"x"))


def test_a_full_disk_is_told_and_leaves_nothing_behind(storage: DurableFileSystemStorage, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        storage.save("a/fox.png", HalfWritten(b""))
    assert files_in(tmp_path) == []


def test_a_failed_save_leaves_the_old_file_as_it_was(storage: DurableFileSystemStorage, tmp_path: Path) -> None:
    storage.save("fox.png", ContentFile(b"old"))
    with pytest.raises(OSError, match="No space left"):
        storage.save("fox.png", HalfWritten(b""))
    assert Path(storage.path("fox.png")).read_bytes() == b"old"
    assert files_in(tmp_path) == ["fox.png"]


def test_a_write_that_the_system_cuts_short_is_told_and_leaves_nothing_behind(
    storage: DurableFileSystemStorage, tmp_path: Path
) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            storage.save("fox.png", ContentFile(b"x" * 100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_files_get_the_permissions_that_are_set(tmp_path: Path, mode: int) -> None:
    storage = DurableFileSystemStorage(location=tmp_path, file_permissions_mode=mode, directory_permissions_mode=0o750)
    storage.save("a/b/fox.png", ContentFile(b"x"))
    assert stat.S_IMODE((tmp_path / "a/b/fox.png").stat().st_mode) == mode
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == stat.S_IMODE((tmp_path / "a/b").stat().st_mode) == 0o750


def test_without_set_permissions_the_umask_decides(tmp_path: Path, settings: Any) -> None:
    settings.FILE_UPLOAD_PERMISSIONS = None
    before = os.umask(0o027)
    try:
        DurableFileSystemStorage(location=tmp_path).save("fox.png", ContentFile(b"x"))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "fox.png").stat().st_mode) == 0o640


def killed_at(point: str, folder: Path) -> int:
    environment = {**os.environ, "FAULT": f"{point}:1"}
    return subprocess.run([sys.executable, "-c", SAVE, str(folder)], env=environment, cwd=ROOT, timeout=60).returncode


def test_a_kill_before_the_rename_leaves_the_old_file_and_one_that_can_be_told(tmp_path: Path) -> None:
    storage = DurableFileSystemStorage(location=tmp_path)
    storage.save("a/b/fox.png", ContentFile(b"old"))
    assert killed_at("after_tmp", tmp_path) == -signal.SIGKILL
    stray, whole = sorted(storage.listdir("a/b")[1])
    assert whole == "fox.png"
    assert stray.startswith(".fox.png.")
    assert stray.endswith(".tmp")
    assert (tmp_path / "a/b/fox.png").read_bytes() == b"old"
    assert (tmp_path / "a/b" / stray).read_bytes() == b"new" * 100_000


def test_a_kill_after_the_rename_leaves_the_new_file_alone(tmp_path: Path) -> None:
    assert killed_at("after_rename", tmp_path) == -signal.SIGKILL
    assert files_in(tmp_path) == ["fox.png"]
    assert (tmp_path / "a/b/fox.png").read_bytes() == b"new" * 100_000


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_file_and_folders_are_on_the_disk_in_the_right_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    flush, rename = os.fsync, Path.replace

    def noting_flush(descriptor: int) -> None:
        name = Path(f"/proc/self/fd/{descriptor}").readlink().relative_to(tmp_path).as_posix()
        size = os.fstat(descriptor).st_size
        seen.append(f"flush {size} bytes" if name.endswith(".tmp") else f"flush {name}")
        flush(descriptor)

    def noting_rename(path: Path, target: Path) -> Path:
        seen.append("rename")
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", noting_flush)
    monkeypatch.setattr(Path, "replace", noting_rename)
    DurableFileSystemStorage(location=tmp_path).save("a/b/fox.png", ContentFile(b"pixels"))
    assert seen == ["flush .", "flush a", "flush 6 bytes", "rename", "flush a/b"]


def test_many_threads_can_save_into_one_new_folder(storage: DurableFileSystemStorage) -> None:
    with ThreadPoolExecutor(16) as pool:
        names = list(pool.map(lambda n: storage.save(f"a/b/{n % 8}.png", ContentFile(bytes([n]) * 1000)), range(64)))
    assert sorted(set(names)) == sorted(f"a/b/{n}.png" for n in range(8)) == sorted(f"a/b/{n}" for n in storage.listdir("a/b")[1])
    assert all(len(set(Path(storage.path(name)).read_bytes())) == 1 for name in names)
