"""What the WaveSpeed v3 API says of things here, in the vendor's words. No other module knows them.

Source: the vendor's API reference and the sources of its official clients, November 2026.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum
from typing import Any

from django.conf import settings

from generations.catalog import Entry
from generations.models import EnhancementRequest, EnhancementState, Generation, Image, Prediction, State
from generations.signed import picture_address

Data = dict[str, Any]

CREATED, PROCESSING, COMPLETED, FAILED, CANCELLED = "created", "processing", "completed", "failed", "cancelled"
STATUSES = (CREATED, PROCESSING, COMPLETED, FAILED, CANCELLED)
GOING_ON = (CREATED, PROCESSING)

OF_PICTURES: Mapping[str, str] = {
    State.PENDING: CREATED,
    State.QUEUED: CREATED,
    State.SUBMITTING: PROCESSING,
    State.UNKNOWN: PROCESSING,
    State.RUNNING: PROCESSING,
    State.FETCHING: PROCESSING,
    State.RENDERING: PROCESSING,
    State.STORING: PROCESSING,
    # A person decides; until then nothing has ended.
    State.NEEDS_REVIEW: PROCESSING,
    State.SUCCEEDED: COMPLETED,
    State.FAILED: FAILED,
    State.CANCELLED: CANCELLED,
}
OF_PROMPTS: Mapping[str, str] = {
    EnhancementState.QUEUED: CREATED,
    EnhancementState.RUNNING: PROCESSING,
    EnhancementState.PRICED: PROCESSING,
    EnhancementState.READY: COMPLETED,
    EnhancementState.FAILED: FAILED,
    EnhancementState.CANCELLED: CANCELLED,
}
WAS_CANCELLED = "This run was cancelled."
TOO_LONG_TO_WAIT = "Sync mode timed out after {seconds} seconds. The run goes on: ask for its result at data.urls.get."


class Code(IntEnum):
    """The vendor's task codes; 0 is success."""

    OK = 0
    MODERATED = 1200
    INPUTS = 1400
    FIELD = 1401
    MEDIA = 1402
    FAILED = 5000
    UNAVAILABLE = 5003
    SYNC_TIMEOUT = 5004


def envelope(content: object) -> Data:
    """Wrap what a request asked for."""
    return {"code": 200, "message": "success", "data": content}


def refusal(status: int, sentence: str, code: Code | None = None) -> Data:
    """Say why a request is refused; the sentence stands twice, as older clients read `error`."""
    return {"code": status, "message": sentence, "error_code": int(code) if code else status, "error": sentence}


def prediction(prediction: Prediction) -> Data:
    """Return a run as it stands; read it with `with_outcome()`."""
    told = _of_picture(prediction) if prediction.generation is not None else _of_prompt(prediction)
    return {
        "id": prediction.public_id.hex,
        "model": prediction.model_id,
        "outputs": told["outputs"],
        "urls": {"get": result_address(prediction)},
        "has_nsfw_contents": told["flags"],
        "status": told["status"],
        "created_at": moment(prediction.created_at),
        "error": told["error"],
        "executionTime": told["ms"],
        "timings": {"inference": told["ms"]},
        "code": Code.FAILED if told["status"] == FAILED else Code.OK,
    }


def timed_out(told: Data, seconds: int) -> Data:
    """Return a run that sync mode waited for in vain; it goes on."""
    return {**told, "status": PROCESSING, "code": Code.SYNC_TIMEOUT, "error": TOO_LONG_TO_WAIT.format(seconds=seconds)}


def listed(prediction_: Prediction, *, with_inputs: bool) -> Data:
    """Return one row of the list of runs; with addresses only, as a page of whole files would not fit into memory."""
    prediction_.wants_base64 = False
    told = prediction(prediction_)
    return {**told, "inputs": prediction_.inputs} if with_inputs else told


def states_of(status: str) -> tuple[list[str], list[str]]:
    """Return the states of pictures and of prompts that the vendor calls so; none for a word it does not have."""
    wanted = {"pending": CREATED, "succeeded": COMPLETED}.get(status, status)
    return _keys(OF_PICTURES, wanted), _keys(OF_PROMPTS, wanted)


def result_address(prediction: Prediction) -> str:
    return f"{settings.PUBLIC_URL}/api/v3/predictions/{prediction.public_id.hex}/result"


def moment(at: datetime) -> str:
    """Write a time as the vendor does."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def model_listing(entry: Entry, price_microusd: int, sort_order: int) -> Data:
    """Return a model of the catalog as the vendor lists its own."""
    run = {
        "type": "model_run",
        "method": "POST",
        "server": settings.PUBLIC_URL,
        "api_path": f"/api/v3/{entry.model_id}",
        "request_schema": entry.request_schema,
    }
    return {
        "model_id": entry.model_id,
        "name": entry.name,
        "description": entry.description,
        "type": entry.type,
        "base_price": price_microusd / 1_000_000,
        "formula": "",
        "sort_order": sort_order,
        "api_schema": {"api_schemas": [run]},
    }


def price(model_id: str, price_microusd: int) -> Data:
    """Return what a run costs: the words of both of the vendor's price endpoints."""
    dollars = price_microusd / 1_000_000
    return {"model_id": model_id, "unit_price": dollars, "price": dollars, "discounted_price": dollars, "currency": "USD"}


def _of_picture(prediction: Prediction) -> Data:
    generation = prediction.generation
    assert generation is not None
    status = OF_PICTURES[generation.state]
    images = generation.images.all() if status == COMPLETED else []
    return {
        "status": status,
        "outputs": [_output(prediction, generation, image) for image in images],
        "flags": [image.is_flagged for image in images],
        "error": _error(status, generation.error),
        "ms": generation.render_ms or 0,
    }


def _output(prediction: Prediction, generation: Generation, image: Image) -> str:
    """Return the picture's address, or its whole file as bare base64 where that was asked for."""
    if not prediction.wants_base64:
        return picture_address(generation.public_id, image.index, image.output_format)
    with image.file.open("rb") as file:
        return b64encode(file.read()).decode()


def _of_prompt(prediction: Prediction) -> Data:
    request = prediction.enhancement
    assert request is not None
    status = OF_PROMPTS[request.state]
    outputs = [request.text] if status == COMPLETED else []
    flags = [False] * len(outputs)
    return {"status": status, "outputs": outputs, "flags": flags, "error": _error(status, request.error), "ms": _ms(request)}


def _ms(request: EnhancementRequest) -> int:
    return round((request.finished_at - request.created_at).total_seconds() * 1000) if request.finished_at else 0


def _error(status: str, sentence: str) -> str:
    """Return what a client shows of an end without a result; "" otherwise."""
    if status == CANCELLED:
        return WAS_CANCELLED
    return (sentence or "The run failed.") if status == FAILED else ""


def _keys(words: Mapping[str, str], wanted: str) -> list[str]:
    return [str(state) for state, word in words.items() if word == wanted]
