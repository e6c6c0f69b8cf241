"""Runs that were asked for: how they stand, what is listed, cancelled and deleted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db.models import Q
from django.db.models.functions import Now
from django.http import Http404, HttpResponse, StreamingHttpResponse
from ninja import Body, Field, Query, Router
from pydantic import AfterValidator, BaseModel

from generations import contract, enhancing, submission
from generations.access import NOT_YOURS, Right, may, may_change
from generations.api.auth import KeyRequest, require_run
from generations.api.refusals import respond
from generations.api.schemas import Deleted, Enveloped, Page, PredictionOut
from generations.api.waiting import came, give_connections_back, lobby
from generations.errors import NotAllowed
from generations.models import ApiKey, Member, Prediction, Progress
from generations.models.api import PredictionQuerySet

router = Router()

NO_SUCH_RUN = "There is no run of this id, or it is not your team's."
STREAM_S = 600
"""A stream ends after that long; clients connect anew."""
LOOK_EVERY_S = 0.5


def _in_utc(at: datetime) -> datetime:
    """Read a time without a zone as UTC, which is how times are told here."""
    try:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError:
        raise ValueError("this time is out of range") from None


Moment = Annotated[datetime, AfterValidator(_in_utc)]
Word = Annotated[str, Field(max_length=100, pattern=r"^[^\x00]*$")]
"""PostgreSQL takes no NUL."""


class ListOrder(BaseModel):
    """Which runs are listed."""

    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=100)] = 20
    model: Word | None = None
    status: Word | None = None
    created_after: Moment | None = None
    created_before: Moment | None = None
    include_inputs: bool = False


class DeleteOrder(BaseModel):
    """Which runs are to be deleted."""

    ids: Annotated[list[str], Field(max_length=1000)]


def prediction_of(member: Member, public_id: UUID | str) -> Prediction:
    """Return a run that a member may see, with its outcome; Http404 otherwise."""
    return _found(Prediction.objects.seen_by(member).with_outcome(), public_id)


def as_it_stands(member: Member, public_id: UUID | str) -> contract.Data:
    """Return how a run that a member may see stands; Http404 otherwise."""
    return contract.prediction(_found(Prediction.objects.seen_by(member).to_tell(), public_id))


def _found(rows: PredictionQuerySet, public_id: UUID | str) -> Prediction:
    try:
        wanted = public_id if isinstance(public_id, UUID) else UUID(public_id)
        found = rows.get(public_id=wanted)
    except (ValueError, Prediction.DoesNotExist):
        raise Http404(NO_SUCH_RUN) from None
    if found.enhancement is not None and found.enhancement.is_busy:
        found.enhancement = enhancing.settle(found.enhancement)
    return found


# Before the addresses with an id, which would take the word for one.
@router.post("/v3/predictions/delete", response=Enveloped[Deleted], summary="Delete runs")
def delete_many(request: KeyRequest, order: DeleteOrder) -> HttpResponse:
    """Take runs out of the API; their pictures stay in the gallery. What is not yours is ignored."""
    return respond(contract.envelope({"deleted_count": _delete(request.auth, order.ids)}))


RESULT: dict[str, Any] = {"response": Enveloped[PredictionOut], "summary": "The result of a run"}


@router.get("/v3/predictions/{id}/result", **RESULT)
@router.get("/v3/predictions/{id}", url_name="result_short", **RESULT)
@router.get("/v2/predictions/{id}/result", url_name="result_v2", deprecated=True, **RESULT)
def result(request: KeyRequest, id: str) -> HttpResponse:
    """Say how a run stands; once it is completed, `outputs` are the addresses of its pictures."""
    return respond(contract.envelope(as_it_stands(request.auth.member, id)))


@router.get("/v3/predictions", response=Enveloped[Page], summary="List runs")
def list_by_query(request: KeyRequest, order: Query[ListOrder]) -> HttpResponse:
    """List the team's runs, newest first."""
    return _page(request.auth, order)


@router.post("/v3/predictions", response=Enveloped[Page], summary="List runs")
def list_by_body(request: KeyRequest, order: Annotated[ListOrder, Body()] = ListOrder()) -> HttpResponse:  # noqa: B008
    """List the team's runs, newest first."""
    return _page(request.auth, order)


@router.delete("/v3/predictions/{id}", response=Enveloped[Deleted], summary="Delete a run")
def delete_one(request: KeyRequest, id: str) -> HttpResponse:
    """Take a run out of the API; its picture stays in the gallery."""
    key = require_run(request.auth)
    _require_own(key, prediction_of(key.member, id))
    return respond(contract.envelope({"deleted_count": _delete(key, [id])}))


@router.post("/v3/predictions/{id}/cancel", response=Enveloped[PredictionOut], summary="Cancel a run (only here)")
def cancel(request: KeyRequest, id: str) -> HttpResponse:
    """Cancel a run that has not ended; one that has stays as it is. Nothing is charged for what was not made."""
    key = require_run(request.auth)
    prediction = prediction_of(key.member, id)
    _require_own(key, prediction)
    if prediction.generation is not None:
        submission.withdraw(prediction.generation)
    elif prediction.enhancement is not None:
        enhancing.withdraw(prediction.enhancement)
    return respond(contract.envelope(as_it_stands(key.member, id)))


@router.get("/v3/predictions/{id}/events", summary="Follow a run (only here)")
async def events(request: KeyRequest, id: str) -> StreamingHttpResponse:
    """Send a server-sent event `prediction` at each change, with `progress` from 0 to 1, until the run has ended."""
    member = request.auth.member
    first = await sync_to_async(_followed)(member, id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(_changes(member, id, first), content_type="text/event-stream", headers=headers)


async def _changes(member: Member, id: str, told: contract.Data) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + STREAM_S
    yield _event(told)
    async with lobby().seat(UUID(told["id"])) as ended:
        while told["status"] in contract.GOING_ON and loop.time() < ends_at:
            await came(ended, LOOK_EVERY_S)
            try:
                now = await sync_to_async(_followed)(member, id)
            except Http404:  # deleted meanwhile
                return
            if now != told:
                told = now
                yield _event(told)


def _event(told: contract.Data) -> str:
    return f"event: prediction\ndata: {json.dumps(told)}\n\n"


def _followed(member: Member, id: str) -> contract.Data:
    """Return a run with how far it is, and keep no database connection until the next look."""
    try:
        return _with_progress(prediction_of(member, id))
    finally:
        give_connections_back()


def _with_progress(prediction: Prediction) -> contract.Data:
    told = contract.prediction(prediction)
    if told["status"] == contract.COMPLETED:
        return {**told, "progress": 1.0}
    step = Progress.objects.filter(generation=prediction.generation_id).values_list("step", "of").first()
    return {**told, "progress": round(step[0] / step[1], 3) if step and step[1] else 0.0}


def _page(key: ApiKey, order: ListOrder) -> HttpResponse:
    rows = _listed(Prediction.objects.seen_by(key.member), order)
    start = (order.page - 1) * order.page_size
    shown = rows.with_outcome().order_by("-id")[start : start + order.page_size]
    items = [contract.listed(row, with_inputs=order.include_inputs) for row in shown]
    return respond(contract.envelope({"page": order.page, "items": items, "total": rows.count()}))


def _listed(rows: PredictionQuerySet, order: ListOrder) -> PredictionQuerySet:
    if order.model:
        rows = rows.filter(model_id=order.model)
    if order.status:
        pictures, prompts = contract.states_of(order.status)
        rows = rows.filter(Q(generation__state__in=pictures) | Q(enhancement__state__in=prompts))
    if order.created_after:
        rows = rows.filter(created_at__gte=order.created_after)
    if order.created_before:
        rows = rows.filter(created_at__lte=order.created_before)
    return rows


def _delete(key: ApiKey, ids: list[str]) -> int:
    """Return how many were the key's to delete, and are gone."""
    require_run(key)
    rows = Prediction.objects.seen_by(key.member).filter(public_id__in=_uuids(ids))
    if not may(key.member, Right.MANAGE):
        author = key.member.user_id
        rows = rows.filter(Q(generation__author=author) | Q(enhancement__author=author))
    return rows.update(deleted_at=Now())


def _uuids(ids: list[str]) -> list[UUID]:
    found = []
    for each in ids:
        try:
            found.append(UUID(each))
        except ValueError:
            continue
    return found


def _require_own(key: ApiKey, prediction: Prediction) -> None:
    made: Any = prediction.generation or prediction.enhancement
    if not may_change(key.member, made):
        raise NotAllowed(NOT_YOURS)
