"""Ask vendors how their orders stand: one asynchronous sweep over everything in flight, not a task for each."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.utils import timezone

from generations.accounts import engine_of, pause
from generations.backends.base import RemoteBackend, RemoteReader, RemoteState, RemoteStatus
from generations.errors import ReadFailed, Why
from generations.models import Account, Attempt, Outcome, State
from generations.pipeline.lease import release_lease, take_lease
from generations.pipeline.line import next_in_every_line, next_to_fetch
from generations.pipeline.outcome import note

log = logging.getLogger(__name__)

LEASE = "poller"
TICK_S = 1.0
"""Until the next sweep comes."""
SWEEP_S = 10.0
"""After this many seconds a sweep ends with what it has."""
AT_ONCE = 20
FEW = 20
"""Up to here each is asked for by its id; beyond, the vendor's list is read, 100 a request."""
SPACING = ((timedelta(seconds=10), timedelta(seconds=0.5)), (timedelta(minutes=1), timedelta(seconds=1.5)))
"""How old an order is, and how long it is left alone: half a second short of 1 s, 2 s and 5 s, because sweeps come a second
apart, and what is not due by then waits for one more."""
WIDEST = timedelta(seconds=4.5)
LISTED_A_SECOND = 5000
"""How far apart lists are read: one sweep, and a second more for so many orders."""
SKEW = timedelta(minutes=5)
"""How far the vendor's clock may be off."""
CHUNK = 500
MOST_HINTS = 4
"""Rows to fetch that a sweep hints at, as the next sweep may have to wait behind them; each fetch hints at the next."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a sweep needs of an attempt; thousands of whole rows would take seconds and 100 MB."""

    pk: int
    upstream_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    status: RemoteStatus | None
    """None when the vendor did not say anything about it this time."""
    wait_s: float = 0.0
    """How long the vendor wants to be left alone."""
    refused: str = ""
    """A sentence, when the vendor does not accept the key any more."""


SILENCE = Answer(None)
Answers = dict[int, Answer]
"""By the attempt's primary key."""


def poll() -> list[int]:
    """Ask for all that is due and note what came out; return the rows to fetch and the next in each line.

    One process at a time does it; the others return at once.
    """
    holder = take_lease(LEASE, settings.SUBMIT_LEASE_S / 3)  # 30 s
    if holder is None:
        return []
    ended: list[int] = []
    asked = 0
    try:
        until = time.monotonic() + TICK_S
        # Again for those that a webhook made due meanwhile: its own call found the lease taken.
        while (accounts := _accounts()) and (not asked or time.monotonic() < until):
            ended += [pk for account in accounts for pk in _sweep(account)]
            asked += 1
    finally:
        release_lease(LEASE, holder)
    return [*next_to_fetch(min(len(ended), MOST_HINTS)), *next_in_every_line(1)] if asked else []


def _sweep(account: Account) -> list[int]:
    """Ask for what is due of one account; return the attempts that have ended."""
    started = timezone.now()
    orders = _orders(account)
    answers = asyncio.run(_ask(engine_of(account), orders))
    _put_off(orders, answers, started)
    if refused := next((answer.refused for answer in answers.values() if answer.refused), ""):
        pause(account, refused)
    return _note(answers)


def _accounts() -> list[Account]:
    """Return those with an order that is due."""
    due = Attempt.objects.filter(outcome=Outcome.ACCEPTED, generation__state=State.RUNNING, poll_at__lte=Now())
    return list(Account.objects.filter(pk__in=due.order_by().values("account")))


def _orders(account: Account) -> list[Order]:
    """Return what is due; where that needs the list, all that will be due soon, for the list tells of them as well."""
    soon = _read(account, Now() + WIDEST)
    return soon if len(soon) > FEW else _read(account, Now())


def _read(account: Account, until: Combinable) -> list[Order]:
    due = account.attempts.filter(outcome=Outcome.ACCEPTED, generation__state=State.RUNNING, poll_at__lte=until)
    rows = due.order_by("poll_at").values_list("pk", "upstream_id", "created_at")
    return [Order(pk, upstream_id or "", created_at) for pk, upstream_id, created_at in rows]


async def _ask(backend: RemoteBackend, orders: Sequence[Order]) -> Answers:
    """Return what the vendor says, in at most SWEEP_S."""
    answers: Answers = {}
    try:
        async with asyncio.timeout(SWEEP_S), backend.reader() as reader:
            rest = await _by_list(reader, orders, answers) if len(orders) > FEW else orders
            await _one_by_one(reader, rest, answers)
    except TimeoutError:
        log.warning("%s did not answer for %s of %s orders in time", backend.alias, len(orders) - len(answers), len(orders))
    return answers


async def _by_list(reader: RemoteReader, orders: Sequence[Order], answers: Answers) -> Sequence[Order]:
    """Note who is still on the vendor's list of what runs, and return the others."""
    try:
        listed = await reader.running(min(order.created_at for order in orders) - SKEW)
    except ReadFailed as error:
        log.warning("the list could not be read: %s", error)
        answers |= dict.fromkeys((order.pk for order in orders), _unread(error))
        return []
    running = {status.id: status for status in listed}
    answers |= {order.pk: Answer(running[order.upstream_id]) for order in orders if order.upstream_id in running}
    return [order for order in orders if order.pk not in answers]


async def _one_by_one(reader: RemoteReader, orders: Sequence[Order], answers: Answers) -> None:
    slots = asyncio.Semaphore(AT_ONCE)

    async def ask(order: Order) -> None:
        async with slots:
            answers[order.pk] = await _one(reader, order)

    await asyncio.gather(*(ask(order) for order in orders))


async def _one(reader: RemoteReader, order: Order) -> Answer:
    try:
        return Answer(await reader.fetch(order.upstream_id))
    except ReadFailed as error:
        return _unread(error)


def _unread(error: ReadFailed) -> Answer:
    wait_s = error.retry_after_s or (5.0 if error.why == Why.BUSY else 0.0)
    return Answer(None, wait_s, error.message if error.why == Why.KEY else "")


def _put_off(orders: Sequence[Order], answers: Mapping[int, Answer], started: datetime) -> None:
    """Note when to ask again for what has not ended: some statements, not one for each.

    Where each was asked for by its id, what a webhook made due since `started` stays due: the answer may be older than it.
    """
    waits: defaultdict[tuple[timedelta, bool], list[int]] = defaultdict(list)
    for order in orders:
        answer = answers.get(order.pk, SILENCE)
        if answer.status is None or answer.status.state == RemoteState.RUNNING:
            wait = max(_apart(order, len(orders)), timedelta(seconds=answer.wait_s))
            waits[wait, answer.status is not None].append(order.pk)
    for (wait, is_there), found in waits.items():
        kept = {"absences": 0} if is_there else {}
        for at in range(0, len(found), CHUNK):
            asked = Attempt.objects.filter(pk__in=found[at : at + CHUNK], outcome=Outcome.ACCEPTED)
            if len(orders) <= FEW:
                asked = asked.exclude(poll_at__gt=started, poll_at__lte=Now())
            asked.update(poll_at=Now() + wait, polls=F("polls") + 1, **kept)


def _apart(order: Order, count: int) -> timedelta:
    if count > FEW:
        return timedelta(seconds=0.5 + count / LISTED_A_SECOND)
    age = timezone.now() - order.created_at
    return next((space for younger, space in SPACING if age < younger), WIDEST)


def _note(answers: Mapping[int, Answer]) -> list[int]:
    """Note what has ended and return those attempts."""
    said = {pk: answer.status for pk, answer in answers.items() if answer.status is not None}
    ended = {pk: status for pk, status in said.items() if status.state != RemoteState.RUNNING}
    for pk, status in ended.items():
        note(Attempt.objects.select_related("generation").get(pk=pk), status)
    return list(ended)
