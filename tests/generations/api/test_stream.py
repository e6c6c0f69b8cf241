"""A run is followed: an event at each change, until it has ended."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient
from django.utils import timezone

from generations import lifecycle
from generations.models import EnhancementRequest, EnhancementState, Generation, Prediction, Progress, State, User
from tests.conftest import finish
from tests.generations.api.conftest import (
    LIST,
    NO_SUCH_RUN,
    OPTIMIZER,
    Calling,
    Issuing,
    elsewhere,
    generation_of,
)

pytestmark = pytest.mark.django_db


class TestTheStream:
    pytestmark = pytest.mark.django_db(transaction=True)

    def follow(self, told: dict[str, Any], key: str, *steps: Callable[[], object]) -> list[tuple[str, float]]:
        """Open the stream, take one step after each event, and return status and progress of every event."""

        async def read() -> list[tuple[str, float]]:
            async with asyncio.timeout(60):
                path, headers = f"{LIST}/{told['id']}/events", {"Authorization": f"Bearer {key}"}
                response = await AsyncClient().get(path, headers=headers)
                assert response.headers["Content-Type"] == "text/event-stream"
                assert response.headers["Cache-Control"] == "no-store"
                waiting, seen = list(steps), []
                async for event in events_of(response.streaming_content):
                    assert event["id"] == told["id"]
                    seen.append((event["status"], event["progress"]))
                    if waiting:
                        await asyncio.to_thread(elsewhere, waiting.pop(0))
                assert waiting == []
                return seen

        seen: list[tuple[str, float]] = async_to_sync(read)()
        return seen

    def test_it_tells_each_change_in_order_and_ends_with_the_run(self, run, key: str):
        told = run()
        row = generation_of(told)

        def claim() -> None:
            lifecycle.claim(row.pk)

        def paint(step: int) -> Callable[[], object]:
            return lambda: Progress.objects.update_or_create(generation=row, defaults={"step": step, "of": 3, "preview": b"x"})

        def end() -> None:
            Generation.objects.update(state=State.QUEUED)
            finish(row)

        seen = self.follow(told, key, claim, paint(1), paint(2), end)
        assert seen == [
            ("created", 0.0),
            ("processing", 0.0),
            ("processing", 0.333),
            ("processing", 0.667),
            ("completed", 1.0),
        ]

    def test_of_what_has_ended_it_tells_that_alone(self, run, key: str):
        told = run()
        finish(generation_of(told))
        assert self.follow(told, key) == [("completed", 1.0)]

    def test_a_prompt_can_be_followed(self, call: Calling, key: str):
        told = call("POST", f"/api/v3/{OPTIMIZER}", {"text": "a fox"}).data
        seen = self.follow(told, key, lambda: EnhancementRequest.objects.update(state=EnhancementState.CANCELLED))
        assert seen == [("created", 0.0), ("cancelled", 0.0)]

    def test_it_ends_when_the_run_is_deleted(self, run, key: str):
        told = run()
        seen = self.follow(told, key, lambda: Prediction.objects.update(deleted_at=timezone.now()))
        assert seen == [("created", 0.0)]

    def test_another_teams_is_404(self, call: Calling, run, issue: Issuing, outsider: User):
        assert call("GET", f"{LIST}/{run()['id']}/events", key=issue(outsider)).refusal == (404, 404, NO_SUCH_RUN)


async def events_of(lines: AsyncIterator[bytes]) -> AsyncIterator[dict[str, Any]]:
    async for chunk in lines:
        name, data, blank = chunk.decode().split("\n", 2)
        assert (name, blank) == ("event: prediction", "\n")
        yield json.loads(data.removeprefix("data: "))
