"""The team's collections: made, renamed and deleted on a page of their own."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, F, Q, Window
from django.db.models.functions import Lower, RowNumber
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from generations import keeping
from generations.access import (
    Right,
    collection_for_change,
    collection_for_delete,
    may,
    may_change,
    member_for_keep,
    member_for_look,
)
from generations.errors import InvalidInputs
from generations.models import Collection, CollectionItem, Generation, Member, State
from generations.requests import SignedInRequest

COVERS = 4
SHOWN = Q(items__generation__state=State.SUCCEEDED, items__generation__is_check=False, items__generation__trashed_at__isnull=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    collection: Collection
    count: int
    covers: list[Generation]
    """Its newest pictures."""
    may_delete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A name that was not taken, and why."""

    name: str
    problem: str
    public_id: UUID | None = None
    """Of the collection that was to be renamed; None for a new one."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: SignedInRequest) -> HttpResponse:
    """Show the team's collections by name, or make one."""
    if request.method != "POST":
        return _page(request)
    member, name = member_for_keep(request.user), request.POST.get("name", "")
    try:
        collection = keeping.make(member, name)
    except InvalidInputs as error:
        return _page(request, Refused(name=name, problem=error.message))
    messages.success(request, f"“{collection}” is there. Select pictures in the gallery to add them.")
    return redirect("gallery:collections")


@require_POST
def rename(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Give a collection another name."""
    collection, name = collection_for_change(request.user, public_id), request.POST.get("name", "")
    try:
        keeping.rename(collection, name)
    except InvalidInputs as error:
        return _page(request, Refused(name=name, problem=error.message, public_id=public_id))
    messages.success(request, f"It is called “{collection}” now.")
    return redirect("gallery:collections")


@require_POST
def delete(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Delete a collection; the page has asked before."""
    collection = collection_for_delete(request.user, public_id)
    keeping.delete(collection)
    messages.success(request, f"“{collection}” is deleted. Its pictures are still in the gallery.")
    return redirect("gallery:collections")


def shelves(member: Member) -> list[Shelf]:
    """Return the team's collections with their newest pictures, in three queries."""
    own = Collection.objects.filter(team=member.team_id).annotate(count=Count("items", filter=SHOWN))
    covers = _covers(member)
    return [
        Shelf(collection=each, count=each.count, covers=covers[each.pk], may_delete=may_change(member, each))
        for each in own.order_by(Lower("name"), "pk")
    ]


def _covers(member: Member) -> dict[int, list[Generation]]:
    ranked = Window(RowNumber(), partition_by=F("collection"), order_by=F("generation").desc())
    items = CollectionItem.objects.filter(collection__team=member.team_id, generation__in=Generation.objects.in_gallery())
    newest = items.annotate(rank=ranked).filter(rank__lte=COVERS).order_by("-generation")
    found: dict[int, list[Generation]] = defaultdict(list)
    for item in newest.select_related("generation").prefetch_related("generation__images"):
        found[item.collection_id].append(item.generation)
    return found


def _page(request: SignedInRequest, refused: Refused | None = None) -> HttpResponse:
    member = member_for_look(request.user)
    context = {"shelves": shelves(member), "may_keep": may(member, Right.KEEP), "refused": refused}
    return render(request, "gallery/collections.html", context, status=422 if refused else 200)
