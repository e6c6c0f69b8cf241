"""Sync mode: the POST waits for its result without holding anything; base64 is the very file."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from generations import pipeline, submission
from generations.models import EnhancementRequest, Generation, State
from tests.conftest import finish
from tests.enhancers import wise
from tests.generations.api.conftest import (
    FOX,
    OPTIMIZER,
    RUN,
    Answer,
    Calling,
    CallingAsync,
    elsewhere,
    file_of,
    generation_of,
    waiting_now,
)

# Those who wait look with a connection of their own.
pytestmark = pytest.mark.django_db(transaction=True)

SYNC = {**FOX, "enable_sync_mode": True}
Meanwhile = Callable[..., list[Answer]]


@pytest.fixture
def meanwhile(acall: CallingAsync) -> Meanwhile:
    """Place requests that wait, do something once the first one does, and return their answers."""

    def both(happening: Callable[[], object], *bodies: object, path: str = RUN, **headers: str) -> list[Answer]:
        async def together() -> list[Answer]:
            async with asyncio.timeout(60):
                asked = [asyncio.create_task(acall("POST", path, body, **headers)) for body in bodies]
                while not waiting_now() and not any(task.done() for task in asked):
                    await asyncio.sleep(0.01)
                await asyncio.to_thread(elsewhere, happening)
                return await asyncio.gather(*asked)

        return async_to_sync(together)()

    return both


def finish_it() -> None:
    finish(Generation.objects.get())


def test_it_answers_with_the_picture_once_it_is_there(meanwhile: Meanwhile):
    told = meanwhile(finish_it, SYNC)[0].data
    assert (told["status"], told["code"], told["error"]) == ("completed", 0, "")
    assert len(told["outputs"]) == 1
    assert told["has_nsfw_contents"] == [False]


@pytest.mark.parametrize(
    ("end", "status", "code", "error"),
    [
        (lambda: submission.withdraw(Generation.objects.get()), "cancelled", 0, "This run was cancelled."),
        (lambda: Generation.objects.update(state=State.FAILED, error="The brush broke."), "failed", 5000, "The brush broke."),
    ],
)
def test_another_end_is_an_answer_too(meanwhile: Meanwhile, end: Callable[[], object], status: str, code: int, error: str):
    told = meanwhile(end, SYNC)[0].data
    assert (told["status"], told["code"], told["error"], told["outputs"]) == (status, code, error, [])


def test_a_prompt_is_waited_for_too(meanwhile: Meanwhile, enhancers):
    def enhance() -> None:
        pipeline.enhance(EnhancementRequest.objects.get().pk)

    told = meanwhile(enhance, {"text": "a red fox", "enable_sync_mode": True}, path=f"/api/v3/{OPTIMIZER}")[0].data
    assert (told["status"], told["outputs"]) == ("completed", [wise("a red fox")])


def test_the_same_request_twice_gets_the_same_result(meanwhile: Meanwhile):
    first, second = meanwhile(finish_it, SYNC, SYNC, Idempotency_Key="order 1")
    assert first.data == second.data
    assert first.data["status"] == "completed"


@pytest.mark.parametrize("seconds", [0, 1])
def test_after_too_long_the_run_goes_on(call: Calling, settings, seconds: int):
    settings.API_SYNC_WAIT_S = seconds
    told = call("POST", RUN, SYNC).data
    assert (told["status"], told["code"], told["outputs"]) == ("processing", 5004, [])
    assert told["error"].startswith(f"Sync mode timed out after {seconds} seconds.")
    finish_it()
    assert call("GET", f"/api/v3/predictions/{told['id']}/result").data["status"] == "completed"


def test_what_has_ended_is_not_waited_for(call: Calling, settings):
    settings.API_SYNC_WAIT_S = 0
    call("POST", RUN, SYNC, Idempotency_Key="order 1")
    finish_it()
    assert call("POST", RUN, SYNC, Idempotency_Key="order 1").data["status"] == "completed"


@pytest.mark.parametrize("flag", ["true", "True", 1])
def test_the_flag_may_be_written_as_clients_do(call: Calling, settings, flag: object):
    settings.API_SYNC_WAIT_S = 0
    assert call("POST", RUN, {**FOX, "enable_sync_mode": flag}).data["code"] == 5004


@pytest.mark.parametrize("flag", [False, None, "", "false", "False", 0])
def test_without_it_the_answer_comes_at_once(run, flag: object):
    assert run({**FOX, "enable_sync_mode": flag})["status"] == "created"


class TestBase64:
    BODY = {**FOX, "enable_base64_output": True}

    def told(self, call: Calling, **more: object) -> dict[str, Any]:
        told = call("POST", RUN, {**self.BODY, **more}).data
        finish(generation_of(told))
        result: dict[str, Any] = call("GET", f"/api/v3/predictions/{told['id']}/result").data
        return result

    @pytest.mark.parametrize("output_format", ["png", "jpeg"])
    def test_it_is_the_whole_file_and_nothing_else(self, call: Calling, output_format: str):
        told = self.told(call, output_format=output_format)
        assert [base64.b64decode(output, validate=True) for output in told["outputs"]] == [file_of(told)]

    def test_sync_mode_brings_it_at_once(self, meanwhile: Meanwhile):
        told = meanwhile(finish_it, {**SYNC, "enable_base64_output": True})[0].data
        assert base64.b64decode(told["outputs"][0], validate=True) == file_of(told)

    def test_a_list_has_the_address_instead(self, call: Calling):
        self.told(call)
        listed = call("GET", "/api/v3/predictions").data["items"][0]
        assert listed["outputs"][0].startswith("http://")

    def test_a_prompt_stays_text(self, meanwhile: Meanwhile, enhancers):
        def enhance() -> None:
            pipeline.enhance(EnhancementRequest.objects.get().pk)

        body = {"text": "a red fox", "enable_sync_mode": True, "enable_base64_output": True}
        assert meanwhile(enhance, body, path=f"/api/v3/{OPTIMIZER}")[0].data["outputs"] == [wise("a red fox")]
