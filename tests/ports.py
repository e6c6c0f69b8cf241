"""Ports for servers of the tests, which nobody else gets meanwhile."""

from __future__ import annotations

import atexit
import socket

_HELD: list[socket.socket] = []
atexit.register(lambda: [each.close() for each in _HELD])


def free_port() -> int:
    """Return a port of this machine that a server may listen on as long as this process lives, and that refuses until then.

    A bound socket that does not listen keeps the port from all who ask for any free one; servers say SO_REUSEADDR themselves.
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    _HELD.append(held)
    return int(held.getsockname()[1])
