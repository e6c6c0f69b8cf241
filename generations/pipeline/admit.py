"""Let a queued generation through to its vendor when the account may send another order."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from generations import lifecycle
from generations.accounts import account_for, engine_of, key_ending_of
from generations.models import Account, Attempt, Generation, Outcome, State
from generations.models.attempt import UNPROVEN
from generations.pipeline.request import outline_of

MINUTE = timedelta(minutes=1)


def admit(generation_id: int) -> Attempt | None:
    """Write down the order for a queued row and return it, to be sent exactly once; None when it is not its time.

    The limits hold across all workers: the account's row is locked (SQLite lets only one transaction write anyway).
    """
    if not _seems_free(generation_id):
        return None
    with transaction.atomic():
        generation = Generation.objects.ready().select_related("reference", "team").filter(pk=generation_id).first()
        if generation is None:
            return None
        account = _locked_account(generation)
        if account is None or not has_room(account) or not lifecycle.move("submit", generation, not_before=None):
            return None
        generation.refresh_from_db(fields=["state", "fence", "lease_until"])
        return _write_down(generation, account)


def _seems_free(generation_id: int) -> bool:
    """Look without a lock whether there is room: most hints for a long line end here and hold up nobody."""
    waiting = Generation.objects.ready().select_related("team").filter(pk=generation_id, state=State.QUEUED).first()
    account = None if waiting is None else account_for(waiting.team, waiting.backend)
    return account is not None and has_room(account)


def _locked_account(generation: Generation) -> Account | None:
    account = account_for(generation.team, generation.backend)
    return None if account is None else Account.objects.select_for_update().get(pk=account.pk)


def has_room(account: Account) -> bool:
    """Say whether the account may send one more order now, by its vendor's limits and by what it said last."""
    if account.paused_because or Account.objects.filter(pk=account.pk, quiet_until__gt=Now()).exists():
        return False
    # An order that waits for a person's decision takes no place: by then it has long ended, or was never there.
    at_the_vendor = Q(outcome__in=UNPROVEN, generation__state__in=(State.SUBMITTING, State.UNKNOWN))
    at_the_vendor |= Q(outcome=Outcome.ACCEPTED, generation__state=State.RUNNING)
    if account.attempts.filter(at_the_vendor).count() >= settings.WAVESPEED_MAX_CONCURRENT:
        return False
    return account.attempts.filter(created_at__gt=Now() - MINUTE).count() < settings.WAVESPEED_MAX_PER_MINUTE


def _write_down(generation: Generation, account: Account) -> Attempt:
    backend, request = engine_of(account), outline_of(generation)
    return Attempt.objects.create(
        generation=generation,
        number=generation.attempts.count() + 1,
        account=account,
        request={
            "model": backend.model_for(request),
            "inputs": backend.inputs_for(request),
            "key_ending": key_ending_of(account),
        },
    )
