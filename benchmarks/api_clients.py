"""Programs that call the API over connections they keep: `python -m benchmarks.api_clients DO JSON`, which prints JSON.

`ask` sends one request after the other over each connection for some seconds, `hold` sends one over each and waits for all.
They run in a process of their own, with a client that costs less than the server.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import uvloop

AT_ONCE = 50
"""Connections that are opened at the same time: more would wait in the listening socket's line."""
Wanted = tuple[str, str, object]
"""Method, path, and what is sent as JSON; None for no body."""


class Connection(asyncio.Protocol):
    """One kept connection; one request at a time."""

    def __init__(self) -> None:
        self.buffer = b""
        self.answer: asyncio.Future[tuple[int, bytes]] | None = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request and return the answer's status and body."""
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self.answer

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, end, body = self.buffer.partition(b"\r\n\r\n")
        if end and len(body) >= (length := _length(head)):
            self.buffer = body[length:]
            assert self.answer is not None
            self.answer.set_result((int(head[9:12]), body[:length]))

    def connection_lost(self, error: Exception | None) -> None:
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(error or ConnectionResetError("the server closed the connection"))


async def ask(*, port: int, key: str, requests: Sequence[Wanted], connections: int, seconds: float) -> dict[str, object]:
    """Return how often each status came, after how many milliseconds each, and the first answers' bodies."""
    made = await _connected(port, connections)
    ready = [_request(port, key, wanted) for wanted in requests]
    statuses: Counter[int] = Counter()
    took_ms: list[float] = []
    bodies: list[bytes] = []
    started = time.perf_counter()

    async def go_on(connection: Connection, at: int) -> None:
        for request in itertools.islice(itertools.cycle(ready), at, None):
            asked = time.perf_counter()
            if asked - started > seconds:
                return
            status, body = await connection.ask(request)
            took_ms.append(round((time.perf_counter() - asked) * 1000, 2))
            statuses[status] += 1
            if len(bodies) < len(made):
                bodies.append(body)

    await asyncio.gather(*(go_on(connection, at) for at, connection in enumerate(made)))
    lasted_s = time.perf_counter() - started
    return {"statuses": statuses, "took_ms": took_ms, "lasted_s": lasted_s, "answers": [json.loads(body) for body in bodies]}


async def hold(*, port: int, key: str, request: Wanted, connections: int) -> dict[str, object]:
    """Send the same request over each connection; return how the runs stood in the answers once all have come."""
    made = await _connected(port, connections)
    answers = await asyncio.gather(*(connection.ask(_request(port, key, request)) for connection in made))
    return dict(Counter(json.loads(body)["data"]["status"] if status == 200 else str(status) for status, body in answers))


async def _connected(port: int, connections: int) -> list[Connection]:
    loop = asyncio.get_running_loop()
    made: list[Connection] = []
    while len(made) < connections:
        count = min(AT_ONCE, connections - len(made))
        opened = await asyncio.gather(*(loop.create_connection(Connection, "127.0.0.1", port) for _ in range(count)))
        made += [connection for _, connection in opened]
    return made


def _request(port: int, key: str, wanted: Wanted) -> bytes:
    method, path, content = wanted
    body = b"" if content is None else json.dumps(content).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _length(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0])


def main() -> None:
    order: dict[str, Any] = json.loads(sys.argv[2])
    print(json.dumps(uvloop.run({"ask": ask, "hold": hold}[sys.argv[1]](**order))))


if __name__ == "__main__":
    main()
