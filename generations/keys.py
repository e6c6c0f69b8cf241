"""Keys for programs: made and shown once, found again by their fingerprint, limited, revoked."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, Sum
from django.db.models.functions import Now
from django.utils import timezone

from generations import audit_log
from generations.access import Right, may
from generations.backends import backend_for, default_backend
from generations.backends.base import Backend
from generations.errors import OverKeyBudget, TooManyRuns
from generations.models import ApiKey, AuditKind, LedgerEntry, Member, Scope, Team, User
from generations.tokens import fingerprint

MARK = "srpo_"
"""What every key starts with, so that a person and a scanner for secrets can tell what it is."""
KEY = re.compile(r"[A-Za-z0-9_-]{40,80}", re.ASCII)
"""What the vendor's command line takes for a key."""
PREFIX_LENGTH = 12
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a key may do; None is "as much as the team"."""

    scope: str = Scope.RUN
    backend: str = ""
    budget_microusd: int | None = None
    """A calendar month."""
    runs_per_minute: int | None = None
    joins_repeats: bool = False
    expires_at: datetime | None = None


def issue(member: Member, name: str, limits: Limits) -> tuple[ApiKey, str]:
    """Make a key that acts for this member; return it and the secret, which is kept nowhere."""
    secret = MARK + secrets.token_urlsafe(32)
    with transaction.atomic():
        key = ApiKey.objects.create(
            member=member,
            name=name,
            prefix=secret[:PREFIX_LENGTH],
            sha256=fingerprint(secret),
            scope=limits.scope,
            backend=limits.backend,
            budget_microusd=limits.budget_microusd,
            runs_per_minute=limits.runs_per_minute,
            joins_repeats=limits.joins_repeats,
            expires_at=limits.expires_at,
        )
        audit_log.record(AuditKind.KEY_MADE, _named(key), team=member.team_id, actor=member.user_id)
    return key, secret


def live_key(secret: str) -> ApiKey | None:
    """Return the key that this is, with its member, team and person; None when it opens nothing."""
    if not KEY.fullmatch(secret):
        return None
    try:
        found = ApiKey.objects.select_related("member__team", "member__user").get(sha256=fingerprint(secret))
    except ApiKey.DoesNotExist:
        return None
    if not found.is_live or not found.member.user.is_active:
        return None
    _note_use(found)
    return found


def _note_use(key: ApiKey) -> None:
    """Keep the time to the minute: a write for every read would be the slowest part of it."""
    if key.last_used_at is None or key.last_used_at < timezone.now() - MINUTE:
        unnoted = Q(last_used_at__isnull=True) | Q(last_used_at__lt=Now() - MINUTE)
        ApiKey.objects.filter(unnoted, pk=key.pk).update(last_used_at=Now())


def may_run(key: ApiKey) -> bool:
    """Say whether the key, and the person it acts for, may make pictures."""
    return key.scope == Scope.RUN and may(key.member, Right.MAKE)


def backend_of(key: ApiKey) -> Backend:
    """Return who makes the pictures that this key asks for; raises InvalidInputs when there is no such backend any more."""
    alias = key.backend or key.member.team.api_backend
    return backend_for(alias) if alias else default_backend()


def spent_microusd(key: ApiKey) -> int:
    """Return what has been charged or set aside in this calendar month (UTC) for what the key asked for."""
    return spent_each([key]).get(key.pk, 0)


def spent_each(keys: Iterable[ApiKey]) -> Mapping[int, int]:
    """Return the same for many keys, by their primary keys, with one query; what spent nothing may be missing."""
    month = timezone.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    entries = LedgerEntry.objects.filter(generation__prediction__key__in=[key.pk for key in keys], created_at__gte=month)
    sums = entries.values_list("generation__prediction__key").annotate(sum=Sum("amount_microusd")).order_by()
    return {key: int(sum) for key, sum in sums}


def left_microusd(key: ApiKey) -> int | None:
    """Return what is left of the key's budget; None without one."""
    return None if key.budget_microusd is None else max(0, key.budget_microusd - spent_microusd(key))


def require_room(key: ApiKey, price_microusd: int) -> None:
    """Refuse a run beyond the key's limits; call it inside the transaction that adds the run.

    The key's row is locked where it has a limit, so that of many at once no more get through than there is room for.
    Raises OverKeyBudget and TooManyRuns.
    """
    if key.budget_microusd is None and key.runs_per_minute is None:
        return
    locked = ApiKey.objects.select_for_update().get(pk=key.pk)
    if locked.budget_microusd is not None and price_microusd > (left_microusd(locked) or 0):
        raise OverKeyBudget(detail=f"key {locked.prefix}")
    if locked.runs_per_minute is not None:
        recent = locked.predictions.filter(created_at__gt=Now() - MINUTE).count()
        if recent >= locked.runs_per_minute:
            raise TooManyRuns(retry_after_s=60)


def choose_backend(team: Team, alias: str) -> None:
    """Let an engine make what programs ask for, where their key names no other; "" for this server's default."""
    Team.objects.filter(pk=team.pk).update(api_backend=alias)


def revoke(key: ApiKey, by: User | None = None) -> None:
    """Close the door for good; what was asked for through it stays."""
    with transaction.atomic():
        if ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=Now()):
            audit_log.record(AuditKind.KEY_REVOKED, _named(key), team=key.member.team_id, actor=by)


def _named(key: ApiKey) -> str:
    return f"“{key.name}” ({key.prefix}…) of {key.member.user}"
