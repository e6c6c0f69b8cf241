"""Each person's own favourites."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from generations.access import pictures_for_look
from generations.keeping.selection import Found, limited
from generations.models import Favourite, Generation, Member


def favour(member: Member, public_ids: Iterable[UUID]) -> Found:
    """Mark pictures of the gallery as the member's favourites."""
    found = dict(pictures_for_look(member, limited(public_ids)).in_gallery().values_list("pk", "public_id"))
    marks = [Favourite(user_id=member.user_id, generation_id=each) for each in found]
    Favourite.objects.bulk_create(marks, ignore_conflicts=True)
    return found


def unfavour(member: Member, public_ids: Iterable[UUID]) -> Found:
    """Take the marks away again."""
    found = dict(pictures_for_look(member, limited(public_ids)).values_list("pk", "public_id"))
    Favourite.objects.filter(user=member.user_id, generation__in=list(found)).delete()
    return found


def with_favourites(rows: QuerySet[Generation], user_id: int) -> QuerySet[Generation]:
    """Let each row know as `is_favourite` whether it is this person's favourite, without another query."""
    mark = Favourite.objects.filter(user=user_id, generation=OuterRef("pk"))
    return rows.annotate(is_favourite=Exists(mark))
