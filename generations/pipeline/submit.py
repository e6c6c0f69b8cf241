"""Send one order to a vendor, at most once, and note what became of it."""

from __future__ import annotations

import logging
import random
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Least, Now

from generations import budget, lifecycle
from generations.accounts import engine_of, pause
from generations.backends.base import ImageRequest, RemoteBackend, Submission
from generations.errors import Cancelled, ReadFailed, SubmitRejected, SubmitUnknown, Why
from generations.faults import reach
from generations.models import Account, Attempt, Generation, Outcome, State
from generations.pipeline.accept import accept
from generations.pipeline.admit import admit
from generations.pipeline.hook import webhook_url
from generations.pipeline.request import request_for

log = logging.getLogger(__name__)

PAUSING = frozenset({Why.KEY, Why.CREDIT, Why.FORBIDDEN})
"""Only a person can mend these: nothing more is sent until one has."""
FINAL = frozenset({Why.INPUTS, Why.TOO_LARGE})
"""The same order would be refused again."""
LONGEST_WAIT_S = 60.0
MOST_DOUBLINGS = 10
UNREADABLE = "The reference picture cannot be read any more. Upload it again."


def submit(generation_id: int) -> bool:
    """Order the picture of a queued row, if its account may send an order now; say whether the vendor took one."""
    attempt = admit(generation_id)
    if attempt is None:
        return False
    reach("after_intent")
    return send(attempt)


def send(attempt: Attempt) -> bool:
    """Send an order that is written down, and note what the vendor says; say whether it took the order."""
    try:
        submission = _ordered(attempt)
    except SubmitRejected as error:
        _rejected(attempt, error)
    except SubmitUnknown as error:
        lose(attempt, error.message, str(error))
    except Cancelled as error:
        log.warning("attempt %s was not sent: %s", attempt.pk, error)
    else:
        reach("after_post_before_save")
        taken = accept(attempt, submission.status)
        reach("after_save")
        return taken
    return False


def lose(attempt: Attempt, message: str, detail: str, move: str = "lost") -> None:
    """Note that nobody knows whether the vendor took the order; it is looked for, and never sent again by itself."""
    with transaction.atomic():
        mine = Attempt.objects.filter(pk=attempt.pk, outcome=Outcome.OPEN)
        if mine.update(outcome=Outcome.UNKNOWN, lost_at=Now()) and not lifecycle.move(
            move, attempt.generation, error=message, detail=detail[:2000]
        ):
            transaction.set_rollback(True)


def _ordered(attempt: Attempt) -> Submission:
    """Hand over the reference picture, then order; Cancelled when the lease ran out before that: others are at it by now."""
    engine, request = engine_of(attempt.account), _read(attempt.generation)
    image_url = _uploaded(engine, request)
    if image_url:
        sent = {**attempt.request, "inputs": engine.inputs_for(request, image_url)}
        Attempt.objects.filter(pk=attempt.pk).update(request=sent)
    if not _is_held(attempt.generation):
        raise Cancelled(detail=f"{attempt.generation} is no longer held with fence {attempt.generation.fence}")
    return engine.submit(request, webhook_url=webhook_url(attempt), image_url=image_url)


def _read(generation: Generation) -> ImageRequest:
    try:
        return request_for(generation)
    except OSError as error:
        raise SubmitRejected(Why.INPUTS, detail=repr(error), message=UNREADABLE) from error


def _uploaded(engine: RemoteBackend, request: ImageRequest) -> str:
    if request.image is None:
        return ""
    try:
        return engine.upload(request.image)
    except ReadFailed as failed:
        raise SubmitRejected(failed.why, detail=failed.detail, retry_after_s=failed.retry_after_s) from failed


def _is_held(generation: Generation) -> bool:
    mine = Generation.objects.filter(pk=generation.pk, state=State.SUBMITTING, fence=generation.fence)
    return mine.filter(lease_until__gt=Now()).exists()


def _rejected(attempt: Attempt, error: SubmitRejected) -> None:
    """Put the row back in line, or end it when the same order would be refused again."""
    log.warning("attempt %s was not accepted: %s", attempt.pk, error)
    generation = attempt.generation
    with transaction.atomic():
        said = [*attempt.answers, {"refused": error.why, "detail": error.detail[:500]}]
        Attempt.objects.filter(pk=attempt.pk, outcome=Outcome.OPEN).update(outcome=Outcome.REJECTED, answers=said)
        if error.why in FINAL:
            if lifecycle.move("unusable", generation, error=f"{error.message} Nothing was charged.", detail=str(error)[:2000]):
                budget.release(generation)
            return
        lifecycle.move("rejected", generation, error="", detail=str(error)[:2000])
        _hold_back(attempt.account, error)


def _hold_back(account: Account, error: SubmitRejected) -> None:
    """Pause the account until a person has mended it, or for a while that doubles each time."""
    if error.why in PAUSING:
        pause(account, error.message)
        return
    doubled = min(2.0 ** min(account.refusals, MOST_DOUBLINGS), LONGEST_WAIT_S) * random.uniform(0.5, 1.0)
    wait = timedelta(seconds=max(error.retry_after_s or 0.0, doubled))
    refusals = Least(F("refusals") + 1, Value(MOST_DOUBLINGS))
    Account.objects.filter(pk=account.pk).update(quiet_until=Now() + wait, refusals=refusals)
