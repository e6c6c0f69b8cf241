"""The trash: pictures that left the gallery and can be taken back for 30 days."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from generations import search
from generations.access import Right, may, pictures_for_change
from generations.keeping.selection import Found, held, limited
from generations.models import Generation, Image, Member

KEPT_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Trashed:
    found: Found
    at: datetime
    """All of them at the same moment, which tells what to take back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskUse:
    """Of the pictures as they were made; their thumbnails add some per cent."""

    pictures: int
    size_bytes: int
    trashed: int
    trashed_bytes: int


def trash(member: Member, public_ids: Iterable[UUID]) -> Trashed:
    """Move pictures of the gallery to the trash, as far as the member made them or owns the team."""
    at = timezone.now()
    with transaction.atomic():
        found = held(pictures_for_change(member, limited(public_ids)).in_gallery())
        Generation.objects.filter(pk__in=found).in_gallery().update(trashed_at=at, trashed_by=member.user_id)
        search.index(found)
    return Trashed(found=found, at=at)


def restore(member: Member, public_ids: Iterable[UUID]) -> Found:
    """Take pictures back into the gallery, as far as the member made them or owns the team."""
    return _taken_back(pictures_for_change(member, limited(public_ids)).in_trash())


def undo(member: Member, at: datetime) -> Found:
    """Take back what the member moved to the trash at that moment."""
    own = Generation.objects.finished().filter(team=member.team_id, is_check=False, trashed_at=at, trashed_by=member.user_id)
    return _taken_back(own.in_trash() if may(member, Right.KEEP) else own.none())


def days_left(generation: Generation) -> int:
    """Return for how many days more it can be taken back; 1 on the last one."""
    left = (generation.trashed_at or timezone.now()) + timedelta(days=KEPT_DAYS) - timezone.now()
    return max(math.ceil(left / timedelta(days=1)), 1)


def disk_use(team_id: int) -> DiskUse:
    """Return what the team's pictures take, in one query."""
    in_trash = Q(generation__trashed_at__isnull=False)
    count, size, where = Count("pk"), Sum("size_bytes", default=0), Image.objects.filter(generation__team=team_id)
    thrown, thrown_size = Count("pk", filter=in_trash), Sum("size_bytes", filter=in_trash, default=0)
    found = where.aggregate(count=count, size=size, thrown=thrown, thrown_size=thrown_size)
    return DiskUse(pictures=found["count"], size_bytes=found["size"], trashed=found["thrown"], trashed_bytes=found["thrown_size"])


def _taken_back(rows: QuerySet[Generation]) -> Found:
    with transaction.atomic():
        found = held(rows)
        Generation.objects.filter(pk__in=found, purged_at__isnull=True).update(trashed_at=None, trashed_by=None)
        search.index(found)
    return found
