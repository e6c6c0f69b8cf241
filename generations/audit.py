"""Hold the ledger against what the vendor lists.

WaveSpeed has no list of charges that can be asked for. What it took an order for, it lists as a prediction; each of those has
its price, and each charge here has a prediction. What ended without a picture stays on both sides: the refund is not listed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import QuerySet

from generations.backends.base import RemoteStatus
from generations.listing import SKEW, known_ids, listed, lookalike
from generations.models import Account, Attempt, LedgerEntry
from generations.models.ledger import EntryKind


class Kind(StrEnum):
    NOT_THERE = "charged here, unknown at the vendor"
    NOT_HERE = "at the vendor, unknown here"
    NOT_CHARGED = "ordered here and taken by the vendor, but not charged here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    kind: Kind
    upstream_id: str
    amount_microusd: int
    public_id: str = ""
    """Of the picture here, where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    charges: int
    """Charges in the ledger."""
    predictions: int
    """Predictions on the vendor's list."""
    unsettled: int
    """Predictions that may be orders which are being checked at the moment."""
    differences: tuple[Difference, ...]


def audit(account: Account, since: datetime, price_microusd: int) -> Audit:
    """Compare one account's orders since then, by the moment of the order; raises ReadFailed.

    The ledger is read before the list and the orders after it, so that an order sent meanwhile is no difference.
    """
    charged = _charged(account, since)
    statuses = listed(account, since - SKEW)
    there = {status.id for status in statuses}
    missing = [
        Difference(kind=Kind.NOT_THERE, upstream_id=id_, amount_microusd=amount, public_id=str(order.generation.public_id))
        for id_, (order, amount) in charged.items()
        if id_ not in there
    ]
    recent = [status for status in statuses if status.created_at is None or status.created_at >= since]
    known = known_ids(recent)
    strange = [status for status in recent if status.id not in known]
    unsettled = [status for status in strange if lookalike(account, status) is not None]
    foreign = [
        Difference(kind=Kind.NOT_HERE, upstream_id=status.id, amount_microusd=price_microusd)
        for status in strange
        if status not in unsettled
    ]
    return Audit(
        charges=len(charged),
        predictions=len(recent),
        unsettled=len(unsettled),
        differences=(*missing, *foreign, *_uncharged(recent)),
    )


def _charged(account: Account, since: datetime) -> Mapping[str, tuple[Attempt, int]]:
    """Return upstream id → the order and what it was charged."""
    orders = account.attempts.filter(created_at__gte=since, upstream_id__isnull=False).select_related("generation")
    charges = _charges(orders)
    found = ((order, charges.get((order.generation_id, order.number))) for order in orders)
    return {order.upstream_id or "": (order, amount) for order, amount in found if amount is not None}


def _uncharged(statuses: Sequence[RemoteStatus]) -> list[Difference]:
    """Return orders of ours without a charge; imports have the price 0 and need none."""
    ids = [status.id for status in statuses]
    orders = Attempt.objects.filter(upstream_id__in=ids, generation__price_microusd__gt=0).select_related("generation")
    charges = _charges(orders)
    return [
        Difference(
            kind=Kind.NOT_CHARGED,
            upstream_id=order.upstream_id or "",
            amount_microusd=order.generation.price_microusd,
            public_id=str(order.generation.public_id),
        )
        for order in orders
        if (order.generation_id, order.number) not in charges
    ]


def _charges(orders: QuerySet[Attempt]) -> Mapping[tuple[int, int], int]:
    """Return (generation, attempt) → amount of each charge."""
    entries = LedgerEntry.objects.filter(kind=EntryKind.CHARGE, generation__attempts__in=orders).distinct()
    return {(entry.generation_id, entry.attempt): entry.amount_microusd for entry in entries}
