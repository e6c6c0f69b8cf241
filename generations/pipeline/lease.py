"""Named leases: one process at a time does the work of that name."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from generations.models import Lease


def take_lease(name: str, seconds: float) -> bool:
    """Take the lease of that name unless another process holds it."""
    Lease.objects.get_or_create(name=name)
    free = Lease.objects.filter(Q(until__isnull=True) | Q(until__lt=Now()), name=name)
    return free.update(until=Now() + timedelta(seconds=seconds)) == 1


def release_lease(name: str) -> None:
    Lease.objects.filter(name=name).update(until=None)
