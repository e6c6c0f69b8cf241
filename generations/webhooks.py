"""A vendor's word that an order has moved on: checked, then taken as a hint to ask, and never as the truth."""

from __future__ import annotations

import time
from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from generations import tasks
from generations.backends.wavespeed import verify_webhook, webhook_status
from generations.errors import ReadFailed
from generations.faults import reach
from generations.models import Attempt, Outcome, State
from generations.pipeline.hook import secret_of


def attempt_of(nonce: UUID) -> Attempt | None:
    """Return the order that this webhook's address was made for."""
    return Attempt.objects.select_related("account").filter(nonce=nonce).first()


def take(attempt: Attempt, headers: Mapping[str, str], body: bytes) -> bool:
    """Have the vendor asked at once how an order stands. A webhook that comes again, too late or too early does no harm.

    False when the account's secret is known and this was not signed with it in the last minutes.
    """
    secret = secret_of(attempt.account)
    if secret and not verify_webhook(secret, headers, body, time.time()):
        return False
    if attempt.upstream_id is None or not secret:
        _have_it_heard(attempt, body, trusted=bool(secret))
    with transaction.atomic():
        running = Attempt.objects.filter(pk=attempt.pk, outcome=Outcome.ACCEPTED, generation__state=State.RUNNING)
        if running.update(poll_at=Now()):
            transaction.on_commit(tasks.hint_poll)
        reach("in_webhook_before_commit")
    return True


def _have_it_heard(attempt: Attempt, body: bytes, *, trusted: bool) -> None:
    """Leave to a worker what needs the network: to look at what is claimed, and to learn the secret."""
    try:
        claimed = webhook_status(body)
    except ReadFailed:
        return
    tasks.hint_hear(attempt.pk, claimed.id, dict(claimed.inputs or {}) if trusted else {})
