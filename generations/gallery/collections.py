"""The team's collections: made, renamed and deleted on a page of their own."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, F, Window
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
from generations.models import Collection, CollectionItem, Generation, Member
from generations.requests import SignedInRequest

COVERS = 4


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
    """Return the collections that the member may see, with their newest pictures, in three queries."""
    covers, counts = _covers(member)
    return [
        Shelf(collection=each, count=counts[each.pk], covers=covers[each.pk], may_delete=may_change(member, each))
        for each in Collection.objects.seen_by(member).order_by(Lower("name"), "pk")
    ]


def _covers(member: Member) -> tuple[dict[int, list[Generation]], dict[int, int]]:
    """Return the newest pictures of each collection, and how many there are in it, for the member to see."""
    of_each = F("collection")
    ranked = Window(RowNumber(), order_by=F("generation").desc(), partition_by=of_each)
    seen = Generation.objects.seen_by(member).in_gallery()
    items = CollectionItem.objects.filter(collection__team=member.team_id, generation__in=seen)
    newest = (
        items.annotate(rank=ranked, total=Window(Count("pk"), partition_by=of_each))
        .filter(rank__lte=COVERS)
        .order_by("-generation")
    )
    covers: dict[int, list[Generation]] = defaultdict(list)
    counts: dict[int, int] = defaultdict(int)
    for item in newest.select_related("generation").prefetch_related("generation__images"):
        covers[item.collection_id].append(item.generation)
        counts[item.collection_id] = item.total
    return covers, counts


def _page(request: SignedInRequest, refused: Refused | None = None) -> HttpResponse:
    member = member_for_look(request.user)
    context = {"shelves": shelves(member), "may_keep": may(member, Right.KEEP), "refused": refused}
    return render(request, "gallery/collections.html", context, status=422 if refused else 200)
