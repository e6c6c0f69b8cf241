"""Bodies that nobody sends in earnest are refused before they are read to the end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from playground.body_limit import limit_bodies


async def count_bytes(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """An application that reads its whole body and says how long it was."""
    length, more = 0, True
    while more:
        message = await receive()
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(length).encode()})


def answer(chunks: list[bytes], *, announced: bool) -> tuple[int, int]:
    """Return the status for a body of these chunks, and how many chunks were read."""
    sent: list[Mapping[str, Any]] = []
    waiting = list(chunks)

    async def receive() -> Mapping[str, Any]:
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    headers = [(b"content-length", str(sum(map(len, chunks))).encode())] if announced else []
    asyncio.run(limit_bodies(count_bytes, most_bytes=10)({"type": "http", "headers": headers}, receive, send))
    return sent[0]["status"], len(chunks) - len(waiting)


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_up_to_the_limit_passes(announced: bool):
    assert answer([b"12345", b"67890"], announced=announced) == (200, 2)


def test_a_longer_one_that_says_so_is_refused_unread():
    assert answer([b"12345", b"67890", b"1"], announced=True) == (413, 0)


def test_a_longer_one_that_does_not_say_so_is_refused_at_the_limit():
    assert answer([b"12345", b"67890", b"1", b"2", b"3"], announced=False) == (413, 3)
