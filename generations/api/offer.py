"""What can be run here, what it costs, and what is left to pay for it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from ninja import Router
from pydantic import BaseModel

from generations import catalog, contract
from generations.accounts import account_for, engine_of
from generations.api.auth import KeyRequest
from generations.api.orders import NO_MODEL
from generations.api.refusals import respond
from generations.api.schemas import Balance, Enveloped, Model, Price, Secret
from generations.backends.base import RemoteBackend
from generations.catalog import Entry
from generations.errors import BackendUnavailable, ReadFailed
from generations.keys import backend_of, left_microusd
from generations.models import ApiKey
from generations.webhook_secret import secret_of_team

router = Router()

ORDER = ("flux-srpo", "flux-srpo-image-to-image", "prompt-optimizer")


class PriceOrder(BaseModel):
    """Of which model and inputs the price is asked."""

    model_id: str
    inputs: dict[str, Any] = {}


@router.get("/v3/models", response=Enveloped[list[Model]], summary="List models")
def models(request: KeyRequest) -> HttpResponse:
    """List what can be run here, each with the JSON Schema of its inputs: the same that makes the form on the page."""
    found = [contract.model_listing(entry, _price(request.auth, entry), place) for place, entry in enumerate(_entries(), 1)]
    return respond(contract.envelope(found))


@router.post("/v3/model/pricing", url_name="pricing", response=Enveloped[Price], summary="The price of a run")
@router.post("/v3/model/price", response=Enveloped[Price], summary="The price of a run")
def price(request: KeyRequest, order: PriceOrder) -> HttpResponse:
    """Say what a run costs with this key: nothing where the pictures are made here."""
    entry = next((entry for entry in _entries() if entry.model_id == order.model_id), None)
    if entry is None:
        raise Http404(NO_MODEL.format(model_id=order.model_id[:100]))
    return respond(contract.envelope(contract.price(entry.model_id, _price(request.auth, entry))))


@router.get("/v3/balance", response=Enveloped[Balance], summary="What is left")
def balance(request: KeyRequest) -> HttpResponse:
    """Say how many dollars this key can still spend: its own budget, and no more than the vendor's account has.

    It is 0 where nothing costs anything: pictures that are made here are free.
    """
    return respond(contract.envelope({"balance": _balance_microusd(request.auth) / 1_000_000}))


@router.get("/v3/webhook/secret", response=Enveloped[Secret], summary="What webhooks are signed with")
def webhook_secret(request: KeyRequest) -> HttpResponse:
    """Give the team's secret, to check that a webhook comes from here."""
    return respond(contract.envelope({"secret": secret_of_team(request.auth.member.team)}))


def _entries() -> list[Entry]:
    return [catalog.load(slug) for slug in ORDER]


def _price(key: ApiKey, entry: Entry) -> int:
    """Return the price of a run with this key, in millionths of a dollar; prompts are improved here, for nothing."""
    return backend_of(key).price_microusd if entry.type.endswith("-to-image") else 0


def _balance_microusd(key: ApiKey) -> int:
    sums = [left for left in (left_microusd(key), _vendor_microusd(key)) if left is not None]
    return min(sums, default=0)


def _vendor_microusd(key: ApiKey) -> int | None:
    backend, team = backend_of(key), key.member.team
    account = account_for(team, backend.alias) if isinstance(backend, RemoteBackend) else None
    if account is None:
        return None
    try:
        return engine_of(account).balance()
    except ReadFailed as error:
        raise BackendUnavailable(error.message, detail=error.detail) from error
