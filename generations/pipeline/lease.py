"""Named leases: one process at a time does the work of that name."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from generations.models import Lease


def take_lease(name: str, seconds: float) -> uuid.UUID | None:
    """Take the lease of that name and return what it is released with; None while another process holds it."""
    Lease.objects.get_or_create(name=name)
    holder = uuid.uuid4()
    free = Lease.objects.filter(Q(until__isnull=True) | Q(until__lt=Now()), name=name)
    return holder if free.update(holder=holder, until=Now() + timedelta(seconds=seconds)) else None


def release_lease(name: str, holder: uuid.UUID) -> None:
    """Give a lease back, unless it ran out and another process has it by now."""
    Lease.objects.filter(name=name, holder=holder).update(until=None)
