"""Server-sent events: "generation N changed", for the pages of the team it belongs to.

One subscription to the broker a process, whatever the number of open pages.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import threading
from collections.abc import AsyncIterator, Callable
from types import FrameType
from typing import Any

import redis
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections
from django.http import HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET

from generations.access import member_for_look
from generations.announce import ASK_ANEW, WISHES, listening
from generations.requests import SignedInRequest

log = logging.getLogger(__name__)

# A page that reads slower than this many changes is let go; it comes back and re-reads its cards.
BACKLOG = 200
KEEP_ALIVE_S = 15
# The page connects anew after this long, and is asked again who it is.
STREAM_S = 600
RETRY_MS = 1000


class Farewell:
    """Ends the streams when the server is told to stop, which else waits for them as long as it waits for anything."""

    def __init__(self, end: Callable[[], None]) -> None:
        self.end = end
        self.loop: asyncio.AbstractEventLoop | None = None
        self.servers: dict[int, Callable[[int, FrameType | None], Any]] = {}
        """What the server itself does on each signal."""

    def hear(self) -> None:
        self.loop = asyncio.get_running_loop()
        if threading.current_thread() is not threading.main_thread():
            return  # where no signals are heard
        for number in (signal.SIGINT, signal.SIGTERM):
            handler = signal.getsignal(number)
            if callable(handler) and handler != self._stop:
                self.servers[number] = handler
                signal.signal(number, self._stop)

    def forget(self) -> None:
        for number, handler in self.servers.items():
            if signal.getsignal(number) == self._stop:
                signal.signal(number, handler)
        # Only now: one of several web processes is told twice to stop, and the second time may fall in between.
        self.servers.clear()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self.end)
        self.servers[number](number, frame)


class Radio:
    """Passes what the broker says on to every open page."""

    def __init__(self) -> None:
        self.pages: dict[asyncio.Queue[str | None], int] = {}
        self.task: asyncio.Task[None] | None = None
        self.on_air = asyncio.Event()
        self.farewell = Farewell(self._end_all)

    @contextlib.asynccontextmanager
    async def tuned_to(self, team_id: int) -> AsyncIterator[asyncio.Queue[str | None]]:
        """Give a queue of public ids that changed in this team; None ends it."""
        queue: asyncio.Queue[str | None] = asyncio.Queue(BACKLOG)
        self.pages[queue] = team_id
        self.farewell.hear()
        if self.task is None or self.task.done():
            self.on_air.clear()
            self.task = asyncio.create_task(self._receive())
        try:
            yield queue
        finally:
            self.pages.pop(queue, None)
            if not self.pages:
                self.farewell.forget()
            if not self.pages and self.task is not None:
                self.task.cancel()
                self.task = None

    async def _receive(self) -> None:
        try:
            async with listening() as changes:
                self.on_air.set()
                async for team_id, public_id in changes:
                    self._tell(team_id, public_id)
        except (redis.RedisError, OSError) as error:
            log.warning("no announcements from the broker: %s", error)
        self.on_air.set()
        self._end_all()

    def _tell(self, team_id: int, public_id: str) -> None:
        for queue in [queue for queue, team in self.pages.items() if team == team_id]:
            if public_id == ASK_ANEW:
                self._end(queue)  # the page connects again, and only those who may listen still do
            else:
                self._pass_on(queue, public_id)

    def _pass_on(self, queue: asyncio.Queue[str | None], public_id: str) -> None:
        try:
            queue.put_nowait(public_id)
        except asyncio.QueueFull:
            self._end(queue)

    def _end_all(self) -> None:
        for queue in list(self.pages):
            self._end(queue)

    def _end(self, queue: asyncio.Queue[str | None]) -> None:
        self.pages.pop(queue, None)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)


radio = Radio()


@require_GET
async def stream(request: SignedInRequest) -> HttpResponse | StreamingHttpResponse:
    """Hold a stream of changes open; 204 where there is no broker to hear from, and the page asks by itself."""
    team_id = await sync_to_async(_team_id)(request)
    if not settings.PUBSUB_URL:
        return HttpResponse(status=204)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(_messages(team_id), content_type="text/event-stream", headers=headers)


def _team_id(request: SignedInRequest) -> int:
    """Return whose changes the page may hear, and keep no database connection for as long as it listens."""
    try:
        return member_for_look(request.user).team_id
    finally:
        close_old_connections()


async def _messages(team_id: int) -> AsyncIterator[str]:
    async with radio.tuned_to(team_id) as queue:
        # A page re-reads its cards on hello; what changes after that is told.
        await radio.on_air.wait()
        yield f"retry: {RETRY_MS}\nevent: hello\ndata: listening\n\n"
        ends_at = asyncio.get_running_loop().time() + STREAM_S
        while asyncio.get_running_loop().time() < ends_at:
            try:
                public_id = await asyncio.wait_for(queue.get(), KEEP_ALIVE_S)
            except TimeoutError:
                yield ": still here\n\n"
                continue
            if public_id is None:
                return
            yield "event: wishes\ndata: changed\n\n" if public_id == WISHES else f"event: generation\ndata: {public_id}\n\n"
