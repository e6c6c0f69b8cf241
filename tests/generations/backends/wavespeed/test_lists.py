"""Lists: the poller's view of all that is under way, and the search for an order whose answer was lost."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from generations.backends.base import RemoteState, RemoteStatus
from generations.backends.wavespeed import MODEL, MODEL_WITH_IMAGE, WaveSpeed
from generations.backends.wavespeed.answers import prediction
from generations.errors import ReadFailed, SubmitUnknown, Why
from tests.generations.backends.wavespeed.conftest import ended, request
from tests.vendor.process import KEY, Vendor

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def test_hundreds_under_way_are_seen_by_a_few_questions(vendor: Vendor, engine: WaveSpeed) -> None:
    vendor.set(duration_s=60, concurrency=3)
    ids = {engine.submit(request(seed=seed)).upstream_id for seed in range(250)}
    running = asyncio.run(_running(engine))
    assert {status.id for status in running} == ids
    assert vendor.counts().requests["list"] == 3 + 1, "three pages wait, one is being made"
    assert sum(status.word == "processing" for status in running) == 3


def test_who_has_ended_is_missing(vendor: Vendor, engine: WaveSpeed) -> None:
    first = engine.submit(request()).upstream_id
    ended(engine, first)
    vendor.fault("task", "stuck")
    second = engine.submit(request(seed=8)).upstream_id
    assert [status.id for status in asyncio.run(_running(engine))] == [second]
    assert asyncio.run(_running(engine, datetime.now(UTC) + timedelta(hours=1))) == ()


def test_half_a_list_is_an_error_and_not_an_answer(vendor: Vendor, engine: WaveSpeed) -> None:
    engine.submit(request())
    vendor.fault("list", "500", after=1)
    with pytest.raises(ReadFailed):
        asyncio.run(_running(engine))
    assert vendor.counts().requests["list"] == 2, "the poller comes round again; nothing is repeated here"


def test_a_flapping_vendor_fails_now_and_then(vendor: Vendor, engine: WaveSpeed) -> None:
    upstream_id = engine.submit(request()).upstream_id
    vendor.fault("result", "503", every=3, times=0)

    async def asking() -> list[str]:
        said = []
        async with engine.reader() as reader:
            for _ in range(9):
                try:
                    said.append((await reader.fetch(upstream_id)).id)
                except ReadFailed as failed:
                    said.append(failed.why)
        return said

    assert asyncio.run(asking()) == [upstream_id, upstream_id, Why.BROKEN] * 3


def test_a_slow_answer_holds_up_nobody_else(vendor: Vendor) -> None:
    engine = WaveSpeed(api_key=KEY, base_url=vendor.url, read_within_s=3)
    ids = [engine.submit(request(seed=seed)).upstream_id for seed in range(15)]
    vendor.fault("result", "drip", times=3)

    async def asking() -> list[object]:
        async with engine.reader() as reader:
            return await asyncio.gather(*(reader.fetch(upstream_id) for upstream_id in ids), return_exceptions=True)

    begun = time.monotonic()
    outcomes = asyncio.run(asking())
    engine.close()
    assert sum(isinstance(outcome, RemoteStatus) for outcome in outcomes) == 12
    assert [outcome.why for outcome in outcomes if isinstance(outcome, ReadFailed)] == [Why.SILENT] * 3
    assert time.monotonic() - begun < 10


async def _running(engine: WaveSpeed, since: datetime | None = None) -> tuple[RemoteStatus, ...]:
    async with engine.reader() as reader:
        return await reader.running(since)


def test_a_lost_order_is_found_again_by_what_it_asked_for(vendor: Vendor, engine: WaveSpeed) -> None:
    wanted = request("a hare", seed=42)
    engine.submit(request("a hare", seed=41))
    vendor.fault("submit", "accept_then_reset")
    with pytest.raises(SubmitUnknown):
        engine.submit(wanted)
    engine.submit(request("a hare", seed=43))
    candidates = engine.candidates(LONG_AGO)
    assert len(candidates) == 3
    (found,) = [candidate for candidate in candidates if engine.resembles(wanted, candidate)]
    assert found.inputs is not None
    assert found.inputs["seed"] == 42
    assert ended(engine, found.id).state is RemoteState.COMPLETED
    assert vendor.counts().doubles == 0


def test_an_order_that_never_arrived_has_no_candidate(vendor: Vendor, engine: WaveSpeed) -> None:
    vendor.fault("submit", "500")
    with pytest.raises(SubmitUnknown):
        engine.submit(request())
    assert engine.candidates(LONG_AGO) == ()


def test_only_what_is_newer_is_listed(vendor: Vendor, engine: WaveSpeed) -> None:
    first = engine.submit(request()).status.created_at
    second = engine.submit(request(seed=8))
    assert first is not None
    assert [status.id for status in engine.candidates(first + timedelta(microseconds=1))] == [second.upstream_id]


def test_all_pages_are_read_and_newest_come_first(vendor: Vendor, engine: WaveSpeed) -> None:
    ids = [engine.submit(request(seed=seed)).upstream_id for seed in range(205)]
    assert [status.id for status in engine.candidates(LONG_AGO)] == ids[::-1]
    assert vendor.counts().requests["list"] == 3


@pytest.mark.parametrize(
    ("changes", "is_alike"),
    [
        ({}, True),
        ({"prompt": "  a red fox "}, True),
        ({"size": "256x320"}, True),
        ({"seed": "7"}, True),
        ({"guidance_scale": 3.5000000001}, True),
        ({"extra": 1}, True),
        ({"prompt": "a red ox"}, False),
        ({"seed": 8}, False),
        ({"size": "320*256"}, False),
        ({"guidance_scale": 3.6}, False),
        ({"num_inference_steps": 5}, False),
        ({"seed": None}, False),
    ],
)
def test_a_candidate_is_compared_by_what_makes_an_order_its_own(changes: dict[str, object], is_alike: bool) -> None:
    engine = WaveSpeed(api_key=KEY)
    listed = {**engine.inputs_for(request()), **changes}
    found = prediction({"id": "a" * 32, "model": MODEL, "status": "created", "inputs": listed})
    assert engine.resembles(request(), found) is is_alike
    assert not engine.resembles(request(), prediction({"id": "a" * 32, "model": MODEL, "status": "created"}))
    other = {"id": "a" * 32, "model": MODEL_WITH_IMAGE, "status": "created", "inputs": listed}
    assert not engine.resembles(request(), prediction(other))
