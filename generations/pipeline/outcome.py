"""Note how an order ended at its vendor."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from generations import budget, lifecycle
from generations.backends.base import RemoteState, RemoteStatus
from generations.faults import reach
from generations.models import Attempt
from generations.pipeline.accept import essence

NO_OUTPUT = "WaveSpeed says that the picture is done, but gave none. It counts as failed, and a refund is expected."
GONE = (
    "WaveSpeed no longer knows this order, which it had accepted. It may have been charged: look into your account there "
    "before you try again."
)
REFUND = "A refund is expected."
ABSENCES_BEFORE_REVIEW = 3
BETWEEN_ABSENCES = timedelta(minutes=5)


def note(attempt: Attempt, status: RemoteStatus) -> None:
    """Move a running row on to be fetched, to failed or, when the vendor lost it, to a person."""
    reach("after_poll")
    with transaction.atomic():
        if status.state == RemoteState.GONE:
            _gone(attempt)
            return
        said = [*attempt.answers, essence(status)]
        Attempt.objects.filter(pk=attempt.pk).update(answers=said, outputs=list(status.outputs), poll_at=None)
        if status.state == RemoteState.COMPLETED and status.outputs:
            lifecycle.move("completed", attempt.generation, render_ms=status.inference_ms)
        else:
            _failed(attempt, status)


def _failed(attempt: Attempt, status: RemoteStatus) -> None:
    message = NO_OUTPUT if status.state == RemoteState.COMPLETED else f"{status.error} {REFUND}"
    if lifecycle.move(
        "ended", attempt.generation, error=message, detail=f"{status.word} {status.task_code} {status.detail}"[:2000]
    ):
        budget.expect_refund(attempt.generation, attempt.number)


def _gone(attempt: Attempt) -> None:
    """Believe it only when it is still so minutes later: a vendor's copies may lag behind each other."""
    Attempt.objects.filter(pk=attempt.pk).update(absences=F("absences") + 1, poll_at=Now() + BETWEEN_ABSENCES)
    if attempt.absences + 1 >= ABSENCES_BEFORE_REVIEW:
        lifecycle.move("gone", attempt.generation, error=GONE)
