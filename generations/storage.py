"""Files that are whole or not there at all, whenever the power goes."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible
from django.utils.encoding import force_bytes

from generations.faults import reach


@deconstructible(path="generations.storage.DurableFileSystemStorage")
class DurableFileSystemStorage(FileSystemStorage):
    """Write beside the target, flush to disk, rename over the target, flush the folder.

    Saving under a name that exists replaces that file, as names are unique or follow from the content. What a worker
    leaves when it dies is called `.<name>.<random>.tmp` and lies in the folder of its target.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_overwrite": True, **options})

    def _save(self, name: str, content: File[bytes]) -> str:
        """Return the name; raises OSError, such as for a full disk, and leaves nothing behind then."""
        target = Path(self.path(name))
        self._make_folder(target.parent)
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
        try:
            self._write(temporary, content)
            reach("after_tmp")
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        reach("after_rename")
        _flush_folder(target.parent)
        return target.relative_to(self.location).as_posix()

    def _write(self, temporary: Path, content: File[bytes]) -> None:
        with temporary.open("xb") as file:
            for chunk in content.chunks():
                file.write(force_bytes(chunk))
            file.flush()
            if self.file_permissions_mode is not None:
                temporary.chmod(self.file_permissions_mode)
            os.fsync(file.fileno())

    def _make_folder(self, folder: Path) -> None:
        """Make a folder and those above it; each new one is an entry that must reach the disk, too."""
        new = [each for each in (folder, *folder.parents) if not each.exists()]
        for each in reversed(new):
            each.mkdir(exist_ok=True)
            if self.directory_permissions_mode is not None:
                each.chmod(self.directory_permissions_mode)
            _flush_folder(each.parent)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
