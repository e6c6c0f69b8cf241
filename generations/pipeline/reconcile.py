"""Find out what became of orders whose answer was lost, by the vendor's own list."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from generations import lifecycle
from generations.accounts import engine_of, key_ending_of
from generations.backends.base import RemoteBackend, RemoteState, RemoteStatus
from generations.errors import ReadFailed
from generations.models import Account, Attempt, Generation, Outcome, State
from generations.pipeline.accept import accept
from generations.pipeline.request import outline_of

log = logging.getLogger(__name__)

SKEW = timedelta(minutes=5)
"""How far the vendor's clock may be off."""
ABSENT_TWICE = 2
INTERRUPTED = "Ordering this picture was interrupted {count} times, so it is not tried again by itself. Nothing was charged."
DOUBTFUL = (
    "WaveSpeed's answer to this order was lost, and its list does not show for certain what became of it. It may have been "
    "charged. Look into your account there: adopt the picture by its id, try again (which may cost a second time), or give up."
)


def reconcile() -> list[int]:
    """Look for each lost order in its vendor's list; return the rows that may be ordered again, as it is proven absent."""
    lost = (
        Attempt.objects.filter(outcome=Outcome.UNKNOWN, generation__state=State.UNKNOWN)
        .select_related("generation__reference", "account")
        .order_by("account")
    )
    freed: list[int] = []
    for account, group in groupby(lost, key=lambda attempt: attempt.account):
        freed += _reconcile(account, list(group))
    return freed


def adopt(attempt: Attempt, upstream_id: str) -> bool:
    """Take over what a person says is this order; False when the vendor does not know it, or was asked for another picture.

    Raises ReadFailed.
    """
    engine = engine_of(attempt.account)
    status = engine.fetch(upstream_id)
    if status.state == RemoteState.GONE:
        return False
    since = (status.created_at or attempt.created_at) - SKEW
    listed = next((each for each in engine.candidates(since) if each.id == upstream_id), status)
    return _has_its_seed(attempt, listed) and accept(attempt, status)


def _has_its_seed(attempt: Attempt, listed: RemoteStatus) -> bool:
    """Say whether it can be this order. What a vendor lists in other words than ours is why a person is asked at all."""
    sent = attempt.request.get("inputs", {}).get("seed")
    return sent is None or (listed.inputs or {}).get("seed", sent) == sent


def _reconcile(account: Account, lost: Sequence[Attempt]) -> list[int]:
    backend = engine_of(account)
    try:
        listed = backend.candidates(min(attempt.created_at for attempt in lost) - SKEW)
    except ReadFailed as error:
        log.warning("the list of %s could not be read: %s", account, error)
        _doubt(lost)
        return []
    claimed = set(Attempt.objects.filter(upstream_id__in=[each.id for each in listed]).values_list("upstream_id", flat=True))
    free = [status for status in listed if status.id not in claimed]
    freed = [pk for attempt in lost if (pk := _settle(backend, attempt, free)) is not None]
    _doubt(lost)
    return freed


def _settle(backend: RemoteBackend, attempt: Attempt, free: Sequence[RemoteStatus]) -> int | None:
    """Adopt the one that fits; return the row's id when it is proven that there is none."""
    request = outline_of(attempt.generation)
    earliest = attempt.created_at - SKEW
    fitting = [each for each in free if backend.resembles(request, each) and (each.created_at or earliest) >= earliest]
    if len(fitting) == 1:
        accept(attempt, fitting[0])
        return None
    return None if fitting else _absent(attempt)


def _absent(attempt: Attempt) -> int | None:
    """Count a read of the list without it; two of them, a minute apart and late enough, prove that it was not accepted.

    The list of another key, connected since, proves nothing.
    """
    if attempt.request.get("key_ending", "") != key_ending_of(attempt.account):
        return None
    wait = timedelta(seconds=settings.RECONCILE_AFTER_S)
    unread = Q(checked_at__isnull=True) | Q(checked_at__lte=Now() - wait / 2)  # 60 s
    late = Attempt.objects.filter(unread, pk=attempt.pk, lost_at__lte=Now() - wait)
    if not late.update(absences=F("absences") + 1, checked_at=Now()) or attempt.absences + 1 < ABSENT_TWICE:
        return None
    with transaction.atomic():
        if not Attempt.objects.filter(pk=attempt.pk, outcome=Outcome.UNKNOWN).update(outcome=Outcome.REJECTED):
            return None
        return _in_line_again(attempt.generation)


def _in_line_again(generation: Generation) -> int | None:
    """Let a row be ordered anew; one that interrupts its worker again and again waits for a person instead."""
    if generation.expiries >= settings.EXPIRIES_BEFORE_REVIEW:
        lifecycle.move("doubtful", generation, error=INTERRUPTED.format(count=generation.expiries))
        return None
    return generation.pk if lifecycle.move("absent", generation, error="", detail="") else None


def _doubt(lost: Sequence[Attempt]) -> None:
    """Hand to a person what stays unknown for too long."""
    since = Now() - timedelta(seconds=settings.REVIEW_AFTER_S)
    for attempt in Attempt.objects.filter(pk__in=[each.pk for each in lost], outcome=Outcome.UNKNOWN, lost_at__lte=since):
        lifecycle.move("doubtful", attempt.generation, error=DOUBTFUL)
