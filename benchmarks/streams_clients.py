"""Pages that only listen: raw clients of the event stream, quick ones and ones that never read."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Iterator, Sequence

RETRY_S = 1.0
"""As the stream tells a page to wait before it opens it again."""
AT_ONCE = 20
WITHIN_S = 60.0
TINY_BUFFER = 2048
EVENT = b"data: "
HELLO = b"data: listening"


class Listener:
    """Holds the stream open as a page does, and opens it again when it breaks."""

    def __init__(self, port: int, session: str) -> None:
        self.port = port
        self.session = session
        self.hello_at: list[float] = []
        self.heard_at: list[float] = []
        self.greeted = asyncio.Event()

    async def listen(self) -> None:
        while True:
            with contextlib.suppress(OSError):
                await self._listen_once()
            self.greeted.clear()
            await asyncio.sleep(RETRY_S)

    async def _listen_once(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(_request(self.port, self.session))
            async for line in reader:
                if line.startswith(HELLO):
                    self.hello_at.append(time.time())
                    self.greeted.set()
                elif line.startswith(EVENT):
                    self.heard_at.append(time.time())
        finally:
            writer.close()


@contextlib.asynccontextmanager
async def listeners(port: int, sessions: Sequence[str]) -> AsyncIterator[list[Listener]]:
    """Open a stream a session, some at once, and wait until each was greeted."""
    made = [Listener(port, session) for session in sessions]
    async with asyncio.TaskGroup() as group:
        tasks = []
        for at in range(0, len(made), AT_ONCE):
            chunk = made[at : at + AT_ONCE]
            tasks += [group.create_task(each.listen()) for each in chunk]
            await all_greeted(chunk)
        try:
            yield made
        finally:
            for task in tasks:
                task.cancel()


async def all_greeted(listening: Sequence[Listener]) -> None:
    async with asyncio.timeout(WITHIN_S):
        for each in listening:
            await each.greeted.wait()


@contextlib.contextmanager
def sleepers(port: int, sessions: Sequence[str]) -> Iterator[None]:
    """Open streams that nobody ever reads, over connections that take hardly anything."""
    with contextlib.ExitStack() as stack:
        for session in sessions:
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, TINY_BUFFER)
            connection.connect(("127.0.0.1", port))
            connection.sendall(_request(port, session))
        yield


def _request(port: int, session: str) -> bytes:
    return f"GET /events/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: sessionid={session}\r\n\r\n".encode()
