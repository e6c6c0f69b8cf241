"""Celery's broker in files, for where Valkey cannot run: kombu's, without its half-written files.

Kombu writes a message, and the table of an exchange, into a file that others can see already. A worker that reads one too soon
finds half of it and ends.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic_ns
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override] # kombu's own names differ
        """Write a message beside its name and move it there; OSError where the disk is full."""
        path = Path(self.data_folder_out, f"{monotonic_ns() // 1_000_000}_{uuid4()}.{queue}.msg")
        part = path.with_suffix(".part")
        part.write_text(dumps(payload))
        part.rename(path)

    def get_table(self, exchange: str) -> Any:
        with self._alone():
            return super().get_table(exchange)

    def _queue_bind(self, *names: Any) -> None:
        with self._alone():
            super()._queue_bind(*names)

    def _delete(self, *names: Any, **options: Any) -> None:
        with self._alone():
            super()._delete(*names, **options)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let no other process read or write the tables meanwhile."""
        self.control_folder.mkdir(parents=True, exist_ok=True)
        with (self.control_folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


class Transport(filesystem.Transport):
    Channel = Channel
