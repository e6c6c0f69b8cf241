"""Write down who is to be told of the end of a run, and what; `deliver` sends it."""

from __future__ import annotations

import json

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from generations import contract
from generations.enhancement_lifecycle import ENDED
from generations.models import Delivery, DeliveryState, Prediction
from generations.models.generation import FINAL

MOST_ROWS = 100
"""Written down in one go."""


def to_tell() -> QuerySet[Prediction]:
    """Return the runs that ended, whose webhook is not written down yet."""
    ended = Q(generation__state__in=FINAL) | Q(enhancement__state__in=ENDED)
    return Prediction.objects.with_outcome().filter(ended, told_at__isnull=True).exclude(webhook_url="")


def tell() -> None:
    """Write down a delivery for each run that ended; many processes may do it at once."""
    not_wanted: dict[tuple[int, str], bool] = {}
    for prediction in to_tell().order_by("pk")[:MOST_ROWS]:
        address = (prediction.team_id, prediction.webhook_url)
        if address not in not_wanted:
            not_wanted[address] = _is_not_wanted(*address)
        _write_down(prediction, is_wanted=not not_wanted[address])


def body_of(prediction: Prediction) -> str:
    """Return what a webhook says of a run as it stands now: the API's own words for it, and what was asked for."""
    return json.dumps({**contract.prediction(prediction), "input": prediction.inputs}, separators=(",", ":"))


def _write_down(prediction: Prediction, *, is_wanted: bool) -> None:
    ended = {} if is_wanted else {"state": DeliveryState.DISABLED, "ended_at": Now()}
    with transaction.atomic():
        if Prediction.objects.filter(pk=prediction.pk, told_at__isnull=True).update(told_at=Now()):
            Delivery.objects.create(
                team_id=prediction.team_id,
                prediction=prediction,
                url=prediction.webhook_url,
                body=body_of(prediction),
                **ended,
            )


def _is_not_wanted(team_id: int, url: str) -> bool:
    """Say whether the last word of this address was 410: nothing was delivered to it since."""
    ended = Delivery.objects.filter(team=team_id, url=url, state__in=(DeliveryState.DISABLED, DeliveryState.DELIVERED))
    return ended.order_by("-ended_at", "-pk").values_list("state", flat=True).first() == DeliveryState.DISABLED
