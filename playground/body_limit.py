"""Refuse request bodies that nobody sends in earnest, before Django copies them to disk.

Django's ASGI handler keeps the whole body before any middleware runs, and uvicorn has no limit of its own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

# Well above the 20 MB that a picture may have, so that a file just too large still gets its sentence beside the field.
MOST_BYTES = 100_000_000

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class _TooLarge(Exception):
    pass


def limit_bodies(application: Application, most_bytes: int = MOST_BYTES) -> Application:
    """Wrap an ASGI application: bodies over `most_bytes` are answered with 413, announced or not."""

    async def limited(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await application(scope, receive, send)
        try:
            if _announced_bytes(scope) > most_bytes:
                raise _TooLarge
            await application(scope, _counting(receive, most_bytes), send)
        except _TooLarge:
            await send({"type": "http.response.start", "status": 413, "headers": [(b"connection", b"close")]})
            await send({"type": "http.response.body"})

    return limited


def _announced_bytes(scope: Scope) -> int:
    """Return what the Content-Length header says; uvicorn has checked that it is a number."""
    return int(dict(scope["headers"]).get(b"content-length", 0))


def _counting(receive: Receive, most_bytes: int) -> Receive:
    """Pass messages on as long as their bodies stay below the limit together."""
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > most_bytes:
            raise _TooLarge
        return message

    return counted
