"""Wait for the end of runs without holding a thread: one look at the rows for all that wait in this process."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from uuid import UUID

import redis
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import DatabaseError, connections

from generations.announce import listening
from generations.enhancement_lifecycle import ENDED
from generations.models import EnhancementRequest, Generation
from generations.models.generation import FINAL

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
"""Between two looks while nothing is announced: also what is never announced ends that late at most."""
PAUSE_S = 0.05
"""From an announcement to the look, so that many at once are one look."""
CHUNK = 500


class Lobby:
    """Those who wait, in one event loop; it looks only while somebody does."""

    def __init__(self) -> None:
        self.guests: Counter[UUID] = Counter()
        self.events: dict[UUID, asyncio.Event] = {}
        self.news = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []

    @contextlib.asynccontextmanager
    async def seat(self, public_id: UUID) -> AsyncIterator[asyncio.Event]:
        """Give an event that is set once that run has ended."""
        self.guests[public_id] += 1
        event = self.events.setdefault(public_id, asyncio.Event())
        self.news.set()  # It may have ended before anybody waited.
        if not self.tasks:
            self.tasks = [asyncio.create_task(self._look()), asyncio.create_task(self._listen())]
        try:
            yield event
        finally:
            self._leave(public_id)

    def _leave(self, public_id: UUID) -> None:
        self.guests[public_id] -= 1
        if not self.guests[public_id]:
            del self.guests[public_id], self.events[public_id]
        if not self.guests:
            for task in self.tasks:
                task.cancel()
            self.tasks = []

    def _is_on_duty(self) -> bool:
        """Say whether this task is still wanted: libraries lose a cancellation that comes while they wait for the network."""
        return asyncio.current_task() in self.tasks

    async def _look(self) -> None:
        while self._is_on_duty():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.news.wait(), LOOK_EVERY_S)
                await asyncio.sleep(PAUSE_S)
            self.news.clear()
            waiting = [public_id for public_id, event in self.events.items() if not event.is_set()]
            try:
                for at in range(0, len(waiting), CHUNK):
                    await self._call(waiting[at : at + CHUNK])
            except DatabaseError as error:  # Everybody waits for this one task: it looks again when the database is back.
                log.warning("no look at the runs that are waited for: %s", error)

    async def _call(self, waiting: list[UUID]) -> None:
        # In no request's thread: the request that began to look may be gone before the others.
        for public_id in await sync_to_async(_ended, thread_sensitive=False)(waiting):
            if event := self.events.get(public_id):
                event.set()

    async def _listen(self) -> None:
        """Look at once when one of those is announced; without a broker the clock alone says when."""
        while settings.PUBSUB_URL and self._is_on_duty():
            try:
                async with listening() as changes:
                    if self._is_on_duty():
                        await self._hear(changes)
            except (redis.RedisError, OSError) as error:
                log.warning("no announcements from the broker: %s", error)
            await asyncio.sleep(1)

    async def _hear(self, changes: AsyncIterator[tuple[int, str]]) -> None:
        async for _, public_id in changes:
            if not self._is_on_duty():
                return
            if UUID(public_id) in self.events:
                self.news.set()


_lobbies: dict[asyncio.AbstractEventLoop, Lobby] = {}


def lobby() -> Lobby:
    """Return the one of the running event loop."""
    for gone in [each for each in _lobbies if each.is_closed()]:
        del _lobbies[gone]
    return _lobbies.setdefault(asyncio.get_running_loop(), Lobby())


async def end_of(public_id: UUID, within_s: float) -> bool:
    """Wait for the end of a run; return whether it came within that many seconds."""
    async with lobby().seat(public_id) as ended:
        return await came(ended, within_s)


async def came(event: asyncio.Event, within_s: float) -> bool:
    """Return whether an event was set in time."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), within_s)
    return event.is_set()


def _ended(public_ids: Iterable[UUID]) -> list[UUID]:
    """Look with a connection that is given back: between two looks the database may have gone away."""
    try:
        return _ended_of(public_ids)
    finally:
        give_connections_back()


def give_connections_back() -> None:
    """Close this thread's connections to the database as the end of a request does, but for one inside a transaction."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def _ended_of(public_ids: Iterable[UUID]) -> list[UUID]:
    """Return those of the runs that have ended, or are not there any more."""
    wanted = set(public_ids)
    pictures = Generation.objects.filter(public_id__in=wanted).values_list("public_id", "state")
    states = dict(pictures)
    if len(states) < len(wanted):
        prompts = EnhancementRequest.objects.filter(public_id__in=wanted - set(states)).values_list("public_id", "state")
        states |= dict(prompts)
    return [public_id for public_id in wanted if states.get(public_id) in {None, *FINAL, *ENDED}]
