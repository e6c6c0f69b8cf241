"""Calls something once nothing has happened for a while."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Idle:
    """Waits in a thread that never keeps the process alive."""

    def __init__(self, seconds: float, call: Callable[[], object]) -> None:
        self.seconds = seconds
        self.call = call
        self._timer: threading.Timer | None = None

    def begin(self) -> None:
        """Start to wait anew; with 0 seconds it never calls."""
        self.end()
        if self.seconds > 0:
            self._timer = threading.Timer(self.seconds, self.call)
            self._timer.daemon = True
            self._timer.start()

    def end(self) -> None:
        """Stop waiting; a call that has begun goes on."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
