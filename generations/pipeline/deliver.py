"""Send webhooks: one asynchronous sweep over all that is due, so that a slow receiver holds up neither a worker nor others.

A delivery is tried at least once and perhaps twice: a worker that dies in the middle leaves it to the next sweep, with the
same webhook-id.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from generations.backends.wavespeed import sign_webhook
from generations.errors import AddressRefused, AnswerTooLarge, DeadlinePassed, OutboundError, Unreachable
from generations.models import Delivery, DeliveryState
from generations.outbound import AsyncClient, open_async_client, origin_of
from generations.pipeline.lease import release_lease, take_lease
from generations.pipeline.tell import tell, to_tell
from generations.webhook_address import loopback_origin
from generations.webhook_secret import secret_of_team

LEASE = "deliver"
LEASE_S = 30.0
"""More than a sweep takes; the next one waits as long for one that died."""
TAKES_S = 12.0
"""A sweep takes on what is due for so long, and then waits for what is under way: TRY_S at most."""
TICK_S = 1.0
"""How often it looks for more while it waits."""
TRY_S = 10.0
ANSWER_BYTES = 100_000
AT_ONCE = 20
AT_ONCE_EACH = 5
"""Of those for one receiver, so that one that is slow leaves the others their places."""
MOST_ROWS = 2000
"""How far down what is due it looks for a receiver with a free place."""
HELD = timedelta(seconds=30)
"""More than a try takes; one whose worker died waits as long."""

WAITS = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=15),
)
"""Between one try and the next, with up to a tenth more: eight tries in about 24 hours."""
MOST_ANSWERS = 40

DELIVERED = "Delivered."
GONE = "The receiver wants no more webhooks at this address."
REDIRECTED = "It answered with a redirect, which is not followed. Give its final address as the webhook."
NOT_TAKEN = "It did not take it."
SENTENCES: dict[type[OutboundError], str] = {
    AddressRefused: "The address leads to a place that this server does not talk to. It has to be a public https address.",
    Unreachable: "There was no connection. Check its name and its certificate, and that it is running.",
    DeadlinePassed: f"It did not answer within {TRY_S:.0f} seconds.",
    AnswerTooLarge: f"It answered with more than {ANSWER_BYTES // 1000} kB. A short answer is enough.",
}
BROKEN = "The connection broke before it had answered."


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One try at a delivery, as a sweep carries it."""

    pk: int
    public_id: str
    url: str
    receiver: str
    """Scheme, host and port."""
    body: str
    secret: str
    tries: int
    """With this one; it also tells this try's word from a later one's."""
    answers: list[list[str | int]]


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    """0 when there was none."""
    sentence: str


UnderWay = dict[asyncio.Task[Reply], Parcel]


def deliver() -> None:
    """Write down whom to tell and send what is due; one process at a time does it, the others return at once."""
    if not (to_tell().exists() or _due().exists()):
        return
    holder = take_lease(LEASE, LEASE_S)
    if holder is None:
        return
    try:
        with asyncio.Runner() as runner:
            _sweep(runner)
    finally:
        release_lease(LEASE, holder)


def _sweep(runner: asyncio.Runner) -> None:
    """Keep AT_ONCE under way as long as there are so many, and note each answer as it comes."""
    takes_until = time.monotonic() + TAKES_S
    client = open_async_client(loopback_origin=loopback_origin(), keep_alive=False)
    under_way: UnderWay = {}
    try:
        while True:
            if time.monotonic() < takes_until:
                tell()
                for parcel in _take(AT_ONCE - len(under_way), under_way.values()):
                    under_way[runner.get_loop().create_task(_send(client, parcel))] = parcel
            if not under_way:
                return
            for task in runner.run(_some(under_way)):
                _note(under_way.pop(task), task.result())
    finally:
        runner.run(client.aclose())


async def _some(under_way: UnderWay) -> set[asyncio.Task[Reply]]:
    """Return those that ended, or none when TICK_S is over."""
    done, _ = await asyncio.wait(under_way, timeout=TICK_S, return_when=asyncio.FIRST_COMPLETED)
    return done


def _due() -> QuerySet[Delivery]:
    return Delivery.objects.filter(state=DeliveryState.WAITING, due_at__lte=Now())


def _take(count: int, under_way: Iterable[Parcel]) -> list[Parcel]:
    """Claim up to so many of those that have been due longest."""
    busy = Counter(parcel.receiver for parcel in under_way)
    taken: list[Parcel] = []
    rows = _due().order_by("due_at").values_list("pk", "url", "tries")[: MOST_ROWS if count else 0]
    for pk, url, tries in rows:
        if len(taken) == count:
            break
        receiver = origin_of(url)
        if busy[receiver] < AT_ONCE_EACH and (parcel := _claimed(pk, receiver, tries)) is not None:
            busy[receiver] += 1
            taken.append(parcel)
    return taken


def _claimed(pk: int, receiver: str, tries: int) -> Parcel | None:
    """Put the next try off by longer than this one takes; None when somebody else was faster."""
    if not _due().filter(pk=pk, tries=tries).update(due_at=Now() + HELD, tries=F("tries") + 1):
        return None
    delivery = Delivery.objects.select_related("team").get(pk=pk)
    return Parcel(
        pk=pk,
        public_id=str(delivery.public_id),
        url=delivery.url,
        receiver=receiver,
        body=delivery.body,
        secret=secret_of_team(delivery.team),
        tries=delivery.tries,
        answers=delivery.answers,
    )


async def _send(client: AsyncClient, parcel: Parcel) -> Reply:
    """Try once, and say in our own words what came of it; what the receiver writes is not kept."""
    body, stamp = parcel.body.encode(), str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "flux-srpo-playground",
        "webhook-id": parcel.public_id,
        "webhook-timestamp": stamp,
        "webhook-signature": sign_webhook(parcel.secret, parcel.public_id, stamp, body),
    }
    try:
        answer = await client.send("POST", parcel.url, headers=headers, content=body, within_s=TRY_S, most_bytes=ANSWER_BYTES)
    except OutboundError as error:
        return Reply(0, SENTENCES.get(type(error), BROKEN))
    return Reply(answer.status, _sentence(answer.status))


def _sentence(status: int) -> str:
    if 200 <= status < 300:
        return DELIVERED
    if status == 410:
        return GONE
    return REDIRECTED if 300 <= status < 400 else NOT_TAKEN


def _note(parcel: Parcel, reply: Reply) -> None:
    """Keep what came of a try, unless the row moved on meanwhile."""
    answers = [*parcel.answers, [timezone.now().isoformat(timespec="seconds"), reply.status, reply.sentence]]
    held = Delivery.objects.filter(pk=parcel.pk, tries=parcel.tries, state=DeliveryState.WAITING)
    noted = held.update(answers=answers[-MOST_ANSWERS:], **_outcome(parcel, reply))
    if noted and reply.status == 410:
        _stop(parcel)


def _outcome(parcel: Parcel, reply: Reply) -> dict[str, Any]:
    if reply.sentence == DELIVERED:
        return {"state": DeliveryState.DELIVERED, "ended_at": Now()}
    if reply.status == 410:
        return {"state": DeliveryState.DISABLED, "ended_at": Now()}
    if parcel.tries > len(WAITS):
        return {"state": DeliveryState.GIVEN_UP, "ended_at": Now()}
    return {"due_at": Now() + WAITS[parcel.tries - 1] * random.uniform(1.0, 1.1)}


def _stop(parcel: Parcel) -> None:
    """Send nothing more to an address that said 410, what waits for its next try included."""
    team = Delivery.objects.filter(pk=parcel.pk).values("team")
    waiting = Delivery.objects.filter(team__in=team, url=parcel.url, state=DeliveryState.WAITING)
    waiting.update(state=DeliveryState.DISABLED, ended_at=Now())
