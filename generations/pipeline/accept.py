"""Note that a vendor has an order: told by its answer, by a webhook, by its list or by a person."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from generations import budget, lifecycle
from generations.backends.base import RemoteStatus
from generations.models import Account, Attempt, Outcome
from generations.models.attempt import UNPROVEN

FIRST_POLL_AFTER = timedelta(seconds=1)


def accept(attempt: Attempt, status: RemoteStatus) -> bool:
    """Give an attempt its id at the vendor and charge it; False when it had one, or another attempt has this one.

    A row that moved on meanwhile stays where it is, and so does an attempt that was given up, but the charge is noted all
    the same: it is real.
    """
    with transaction.atomic():
        if Attempt.objects.filter(upstream_id=status.id).exists():
            return False
        nameless = Attempt.objects.filter(pk=attempt.pk, upstream_id__isnull=True)
        found = {"upstream_id": status.id, "answers": [*attempt.answers, essence(status)]}
        accepted = {"outcome": Outcome.ACCEPTED, "absences": 0, "poll_at": Now() + FIRST_POLL_AFTER}
        if nameless.filter(outcome__in=UNPROVEN).update(**found, **accepted):
            Account.objects.filter(pk=attempt.account_id).update(refusals=0)
            lifecycle.move("accepted", attempt.generation, error="", detail="", expiries=0)
        elif not nameless.update(**found):
            return False
        budget.charge(attempt.generation, attempt.number)
    return True


def essence(status: RemoteStatus) -> dict[str, object]:
    """Return what is worth keeping of a vendor's answer."""
    return {
        "id": status.id,
        "status": status.word,
        "outputs": list(status.outputs),
        "code": status.task_code,
        "detail": status.detail[:500],
        "has_nsfw": status.has_nsfw,
        "inference_ms": status.inference_ms,
        "created_at": status.created_at.isoformat() if status.created_at else None,
    }
