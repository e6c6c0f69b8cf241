"""Webhooks, as workers deal with them: where a vendor may send one, what signs it, and what one is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from generations.accounts import engine_of
from generations.backends.base import RemoteBackend, RemoteState, RemoteStatus
from generations.backends.wavespeed import WaveSpeed
from generations.errors import ReadFailed
from generations.models import Account, Attempt
from generations.outbound import loopback_origin_of
from generations.pipeline.accept import accept
from generations.pipeline.request import request_for
from generations.sealing import seal, unseal

SKEW = timedelta(minutes=5)
"""How far the vendor's clock may be off."""


def webhook_url(attempt: Attempt) -> str:
    """Return where the vendor shall tell of this order's end; "" when it could not reach this server."""
    return settings.PUBLIC_URL + reverse("hook", args=[attempt.nonce]) if is_reachable(engine_of(attempt.account)) else ""


def is_reachable(vendor: RemoteBackend) -> bool:
    """Say whether webhooks may be asked for: over https, or within this machine."""
    return settings.PUBLIC_URL.startswith("https://") or bool(vendor.loopback_origin and loopback_origin_of(settings.PUBLIC_URL))


def secret_of(account: Account) -> str:
    """Return what this account's webhooks are signed with; "" as long as that is not known."""
    return unseal(account.sealed_webhook_secret) or "" if account.sealed_webhook_secret else ""


def learn_secret(account: Account) -> None:
    """Ask once what this account's webhooks are signed with, and keep that encrypted; without it they count for less."""
    engine = engine_of(account)
    if secret_of(account) or not isinstance(engine, WaveSpeed) or not is_reachable(engine):
        return
    try:
        secret = engine.webhook_secret()
    except ReadFailed:
        return
    Account.objects.filter(pk=account.pk).update(sealed_webhook_secret=seal(secret))


def hear(attempt_id: int, upstream_id: str, inputs: Mapping[str, str | int | float | bool]) -> bool:
    """Take over the order that a webhook names, when its vendor knows it and it is the one that was sent; say whether.

    That also holds for an order that was given up meanwhile: its charge is real.
    `inputs` are what the vendor says it was asked for, {} when it is not certain that the vendor said so.
    """
    attempt = Attempt.objects.select_related("generation__reference", "account").filter(pk=attempt_id).first()
    if attempt is None:
        return False
    learn_secret(attempt.account)
    if attempt.upstream_id is not None:
        return False
    engine = engine_of(attempt.account)
    try:
        status = engine.fetch(upstream_id)
    except ReadFailed:
        return False  # The answer to the order, or the vendor's list, tells the same a little later.
    found = replace(status, inputs=status.inputs or inputs)
    return _is_ours(engine, attempt, found) and accept(attempt, found) and _ask_now(attempt)


def _is_ours(engine: RemoteBackend, attempt: Attempt, found: RemoteStatus) -> bool:
    if found.state == RemoteState.GONE or not engine.resembles(request_for(attempt.generation), found):
        return False
    return (found.created_at or timezone.now()) >= attempt.created_at - SKEW


def _ask_now(attempt: Attempt) -> bool:
    return Attempt.objects.filter(pk=attempt.pk, poll_at__isnull=False).update(poll_at=Now()) == 1
