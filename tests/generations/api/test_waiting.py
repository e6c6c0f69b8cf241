"""The lobby: those who wait for ends look together, by the clock or when something is announced, and leave nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from asgiref.sync import ThreadSensitiveContext, async_to_sync, sync_to_async
from django.db import DatabaseError, connection

from generations import submission
from generations.announce import CHANNEL
from generations.api import waiting
from generations.api.waiting import end_of, lobby
from generations.models import Generation, State
from tests.installation import Broker

pytestmark = pytest.mark.django_db(transaction=True)

Asking = Callable[..., Generation]
FOREVER_S = 30.0


@pytest.fixture
def _without_broker(settings) -> None:
    settings.PUBSUB_URL = ""


def together(story: Callable[[], Awaitable[Any]]) -> Any:
    """Run a story in an event loop on the test's own database connection."""

    async def bounded() -> Any:
        async with asyncio.timeout(60):
            return await story()

    return async_to_sync(bounded)()


@contextlib.asynccontextmanager
async def waiters(*generations: Generation) -> AsyncIterator[list[asyncio.Task[bool]]]:
    """Wait for the ends of these, once all have taken their seats."""
    tasks = [asyncio.create_task(end_of(generation.public_id, FOREVER_S)) for generation in generations]
    while sum(lobby().guests.values()) < len(tasks):
        await asyncio.sleep(0)
    yield tasks


@pytest.mark.usefixtures("_without_broker")
class TestByTheClock:
    def test_an_end_is_seen(self, ask: Asking):
        generation = ask()

        async def story() -> bool:
            async with waiters(generation) as (waiter,):
                await sync_to_async(submission.withdraw)(generation)
                return await waiter

        assert together(story)

    def test_one_that_came_before_is_seen_at_once(self, ask: Asking, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(waiting, "LOOK_EVERY_S", FOREVER_S)
        generation = ask()
        submission.withdraw(generation)
        began = time.monotonic()
        assert together(lambda: end_of(generation.public_id, FOREVER_S))
        assert time.monotonic() - began < FOREVER_S / 3

    def test_what_is_not_there_has_ended(self):
        assert together(lambda: end_of(uuid.uuid4(), FOREVER_S))

    def test_what_a_person_has_to_decide_has_not(self, ask: Asking):
        generation = ask()
        Generation.objects.update(state=State.NEEDS_REVIEW)
        assert not together(lambda: end_of(generation.public_id, 0.2))

    def test_what_goes_on_is_waited_for_as_long_as_told(self, ask: Asking):
        generation = ask()
        assert not together(lambda: end_of(generation.public_id, 0.2))

    def test_only_those_whose_run_has_ended_are_called(self, ask: Asking):
        one, other = ask(), ask()

        async def story() -> tuple[bool, bool]:
            async with waiters(one, other) as (first, second):
                await sync_to_async(submission.withdraw)(one)
                await first
                waits_on = not second.done()
                await sync_to_async(submission.withdraw)(other)
                return waits_on, await second

        assert together(story) == (True, True)

    def test_many_make_one_query_a_look(self, ask: Asking, monkeypatch: pytest.MonkeyPatch):
        looks: list[int] = []
        look = waiting._ended

        def counted(public_ids: list[uuid.UUID]) -> list[uuid.UUID]:
            queries: list[str] = []
            with connection.execute_wrapper(lambda execute, sql, *rest: (queries.append(sql), execute(sql, *rest))[1]):
                found = look(public_ids)
            looks.append(len(queries))
            return found

        monkeypatch.setattr(waiting, "_ended", counted)
        generations = [ask() for _ in range(20)]

        async def story() -> list[bool]:
            async with waiters(*generations, *generations) as tasks:
                while not looks:
                    await asyncio.sleep(0.01)
                await sync_to_async(Generation.objects.update)(state=State.CANCELLED)
                return await asyncio.gather(*tasks)

        assert together(story) == [True] * 40
        assert set(looks) == {1}

    def test_a_database_that_is_away_for_a_moment_is_asked_again(self, ask: Asking, monkeypatch: pytest.MonkeyPatch):
        generation, look = ask(), waiting._ended
        failures = [DatabaseError("the server closed the connection"), DatabaseError("and again")]

        def shaky(public_ids: list[uuid.UUID]) -> list[uuid.UUID]:
            if failures:
                raise failures.pop()
            return look(public_ids)

        monkeypatch.setattr(waiting, "_ended", shaky)
        submission.withdraw(generation)
        assert together(lambda: end_of(generation.public_id, FOREVER_S))
        assert failures == []


class TestWhatIsLeft:
    def tasks(self) -> set[str]:
        return {task.get_coro().__qualname__ for task in asyncio.all_tasks() if "Lobby" in task.get_coro().__qualname__}

    def test_nothing_when_all_have_gone(self, ask: Asking):
        generations = [ask(), ask()]

        async def story() -> tuple[set[str], set[str]]:
            async with waiters(*generations) as tasks:
                during = self.tasks()
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            while self.tasks():
                await asyncio.sleep(0.01)
            assert (lobby().guests, lobby().events, lobby().tasks) == ({}, {}, [])
            return during, self.tasks()

        assert together(story) == ({"Lobby._look", "Lobby._listen"}, set())

    def test_the_next_one_is_served_as_the_first(self, ask: Asking):
        first, second = ask(), ask()

        async def story() -> list[bool]:
            answers = [await end_of(first.public_id, 0.1)]
            await sync_to_async(submission.withdraw)(second)
            return [*answers, await end_of(second.public_id, FOREVER_S)]

        assert together(story) == [False, True]

    def test_the_request_that_came_first_may_leave_before_the_others(self, ask: Asking):
        """Its thread goes with it: whoever looks must not depend on it."""
        first, second = ask(), ask()

        async def in_a_request(generation: Generation) -> bool:
            with ThreadPoolExecutor(1) as thread:
                async with ThreadSensitiveContext(executor=thread):
                    return await end_of(generation.public_id, FOREVER_S)

        async def story() -> bool:
            leaving, staying = (asyncio.create_task(in_a_request(generation)) for generation in (first, second))
            while len(lobby().guests) < 2:
                await asyncio.sleep(0)
            leaving.cancel()
            await asyncio.wait([leaving])
            await sync_to_async(submission.withdraw)(second)
            return await staying

        assert together(story)


class TestByAnnouncement:
    pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

    def test_an_end_that_is_announced_is_seen_at_once(self, broker: Broker, ask: Asking, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(waiting, "LOOK_EVERY_S", FOREVER_S)
        generation = ask()

        async def story() -> float:
            async with waiters(generation) as (waiter,):
                while not await asyncio.to_thread(lambda: broker.client.pubsub_numsub(CHANNEL)[0][1]):
                    await asyncio.sleep(0.01)
                began = time.monotonic()
                await sync_to_async(submission.withdraw)(generation)
                assert await waiter
                return time.monotonic() - began

        assert together(story) < FOREVER_S / 3

    def test_a_broker_that_goes_away_is_made_up_for_by_the_clock(self, broker: Broker, ask: Asking):
        generation = ask()

        async def story() -> bool:
            async with waiters(generation) as (waiter,):
                await asyncio.to_thread(broker.kill_and_wipe)
                await sync_to_async(submission.withdraw)(generation)
                return await waiter

        assert together(story)
