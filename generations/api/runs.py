"""Ask for a run: POST the inputs to the model's own address."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import Http404, HttpResponse
from ninja import Router

from generations import contract
from generations.api import orders
from generations.api.auth import KeyRequest, require_run
from generations.api.predictions import as_it_stands
from generations.api.refusals import NOTHING_HERE, respond
from generations.api.waiting import end_of, give_connections_back
from generations.models import ApiKey, Prediction
from generations.sources import picture_at

router = Router()


@router.post("/v3/{path:model_id}", include_in_schema=False)
async def run(request: KeyRequest, model_id: str) -> HttpResponse:
    """Take an order; in sync mode, answer when it has ended or after 90 s."""
    asked = orders.read(request, model_id)
    prediction, told = await _placed(request.auth, asked)
    if asked.is_sync and told["status"] in contract.GOING_ON:
        told = await _ended(request.auth, prediction)
    return respond(contract.envelope(told))


@router.api_operation(["GET", "PUT", "PATCH", "DELETE"], "/v3/{path:model_id}", auth=None, include_in_schema=False)
async def no_run(request: KeyRequest, model_id: str) -> HttpResponse:
    """Refuse what is no run: with the other methods there is nothing at these addresses."""
    raise Http404(NOTHING_HERE)


async def _placed(key: ApiKey, asked: orders.Run) -> tuple[Prediction, contract.Data]:
    """Save the run; the picture that it starts from is fetched before, and only for what is not a repetition."""
    if not asked.image_address:
        return await sync_to_async(_place)(key, asked)
    earlier = await sync_to_async(_known)(key, asked)
    if earlier is not None:
        return earlier
    picture = await picture_at(asked.image_address)
    return await sync_to_async(_place)(key, asked, picture)


def _place(*arguments: object) -> tuple[Prediction, contract.Data]:
    prediction = orders.place(*arguments)  # type: ignore[arg-type]
    return prediction, contract.prediction(prediction)


def _known(key: ApiKey, asked: orders.Run) -> tuple[Prediction, contract.Data] | None:
    earlier = orders.placed_before(require_run(key), asked)
    return None if earlier is None else (earlier, contract.prediction(earlier))


async def _ended(key: ApiKey, prediction: Prediction) -> contract.Data:
    """Wait for the end without holding a thread."""
    await sync_to_async(give_connections_back)()  # Hundreds may wait at once: none of them keeps a connection.
    await end_of(prediction.public_id, settings.API_SYNC_WAIT_S)
    told = await sync_to_async(as_it_stands)(key.member, prediction.public_id)
    # It may have ended in the very last moment.
    return contract.timed_out(told, settings.API_SYNC_WAIT_S) if told["status"] in contract.GOING_ON else told
