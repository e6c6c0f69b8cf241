"""What a vendor lists of an account's last days, and which of it may be an order of this playground."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from generations.accounts import engine_of
from generations.backends.base import RemoteStatus
from generations.backends.wavespeed import MODEL, MODEL_WITH_IMAGE
from generations.errors import InvalidInputs
from generations.models import Account, Attempt
from generations.pipeline.request import outline_of

KEPT = timedelta(days=7)
"""WaveSpeed deletes predictions and their files after that."""
SKEW = timedelta(minutes=5)
"""How far the vendor's clock may be off."""
NO_DATE = "--since must be a date such as 2026-11-20, or a date with a time such as 2026-11-20T18:00."
FUTURE = "--since lies in the future. Give an earlier date."


def since_of(text: str | None) -> datetime:
    """Return the moment that a person wrote, in UTC unless it names a zone; by default as far back as the list goes.

    Raises InvalidInputs.
    """
    if text is None:
        return timezone.now() - KEPT
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInputs({"since": NO_DATE}) from error
    if moment > timezone.now():
        raise InvalidInputs({"since": FUTURE})
    return moment


def listed(account: Account, since: datetime) -> list[RemoteStatus]:
    """Return the account's predictions of our models since then, oldest first; raises ReadFailed."""
    found = engine_of(account).candidates(since)
    return [status for status in reversed(found) if status.model in (MODEL, MODEL_WITH_IMAGE)]


def known_ids(statuses: Sequence[RemoteStatus]) -> set[str]:
    """Return the ids that belong to an order or an import of this playground, of any team."""
    found = Attempt.objects.filter(upstream_id__in=[status.id for status in statuses])
    return {upstream_id or "" for upstream_id in found.values_list("upstream_id", flat=True)}


def lookalike(account: Account, status: RemoteStatus) -> Attempt | None:
    """Return an order without an id that may have become this prediction: under way, being checked, or given up.

    Ask after the list was read: an order is written down before it is sent, so whatever the list shows is here by then.
    """
    orders = account.attempts.filter(upstream_id__isnull=True).select_related("generation__reference")
    if status.created_at is not None:
        orders = orders.filter(created_at__range=(status.created_at - KEPT, status.created_at + SKEW))
    engine = engine_of(account)
    return next((order for order in orders if engine.resembles(outline_of(order.generation), status)), None)
