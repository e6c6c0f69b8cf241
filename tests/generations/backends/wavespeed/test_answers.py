"""A vendor's JSON may have any shape: it becomes checked values or ReadFailed, and nothing else."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime

import pytest

from generations.backends.base import RemoteState
from generations.backends.wavespeed import webhook_status
from generations.backends.wavespeed.answers import microusd, page, prediction, prediction_or_gone, ticket
from generations.errors import ReadFailed
from generations.outbound import Answer


def test_random_json_never_raises_anything_else() -> None:
    draw = random.Random(20261124)
    for _ in range(100):
        body = json.dumps(_shape(draw, 0)).encode()
        answer = Answer(status=draw.choice([200, 200, 404, 500]), headers={}, body=body)
        for read in (page, ticket, lambda got: prediction_or_gone(got, "a" * 32), lambda got: webhook_status(got.body)):
            try:
                read(answer)
            except ReadFailed:
                continue


def test_values_are_kept_only_when_they_are_what_they_should_be() -> None:
    found = prediction(
        {
            "id": "0123456789abcdef",
            "status": " COMPLETED ",
            "outputs": ["https://x.example/1.png", 7, None, "data:image/png;base64,xx", "javascript:alert(1)", ["https://y"]],
            "error": "nul\0 half \ud83d key 0123456789abcdef0123456789abcdef0123",
            "code": "1200",
            "created_at": "2025-05-19T06:09:15.948268264Z",
            "timings": {"inference": True},
            "executionTime": 2345.6,
            "has_nsfw_contents": [False, "true", True],
            "inputs": {"prompt": "\udc00x", "seed": 7, "nested": {"a": 1}, "nan": float("nan"), 'list"': []},
        }
    )
    assert found.outputs == ("https://x.example/1.png",)
    assert found.detail == "nul half ? key …"
    assert found.task_code == 1200
    assert found.created_at == datetime(2025, 5, 19, 6, 9, 15, 948268, tzinfo=UTC)
    assert found.inference_ms == 2346
    assert found.has_nsfw
    assert found.inputs == {"prompt": "?x", "seed": 7}
    assert found.state is RemoteState.COMPLETED


@pytest.mark.parametrize(
    ("outputs", "text"),
    [
        (["a fox, soft\0 light \ud83d"], "a fox, soft light ?"),
        (["https://x.example/1.png", "a fox"], ""),
        ([7, "a fox"], ""),
        ([], ""),
        ("a fox", ""),
        (None, ""),
    ],
)
def test_a_text_is_the_first_output_where_that_is_no_address(outputs: object, text: str) -> None:
    assert prediction({"id": "0123456789abcdef", "status": "completed", "outputs": outputs}).text == text


@pytest.mark.parametrize("value", [None, True, "", "much", "NaN", "Infinity", float("inf"), 1e30, [], {}])
def test_what_is_no_amount_is_not_taken_for_one(value: object) -> None:
    with pytest.raises(ReadFailed):
        microusd(value)


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (0.025, 25_000), ("12.34", 12_340_000), (-1.5, -1_500_000)])
def test_an_amount_is_exact_to_the_millionth(value: object, expected: int) -> None:
    assert microusd(value) == expected


NAMES = (
    "code", "data", "id", "items", "status", "outputs", "error", "created_at", "timings", "inference", "executionTime", "inputs",
    "input", "has_nsfw_contents", "upload", "url", "headers", "method", "download_url", "message", "balance",
)  # fmt: skip


def _shape(draw: random.Random, depth: int) -> object:
    """Return a value that looks like the vendor's at first sight, and often is not."""
    if depth > 2 or draw.random() < 0.3:
        return draw.choice(
            [None, True, 0, -1, 1e308, 2**70, "", "completed", "a" * 32, "https://x/1.png", "\ud800", "NaN", [], {}]
        )
    if draw.random() < 0.25:
        return [_shape(draw, depth + 1) for _ in range(draw.randint(0, 3))]
    names = NAMES
    if depth == 0 and draw.random() < 0.8:
        names = ("code", "data")
    return {name: _shape(draw, depth + 1) for name in names if draw.random() < 0.8}
