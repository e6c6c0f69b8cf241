"""Two pictures beside or over each other, with what sets them apart."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from generations.access import generation_for_read, member_for_look
from generations.cards import card_for, cards_for
from generations.gallery.comparison import compared
from generations.models import Generation, Member
from generations.requests import SignedInRequest

CHOICE = 60
"""Newest pictures to choose from."""


@never_cache
@require_GET
def compare(request: SignedInRequest) -> HttpResponse:
    """Compare the pictures `a` and `b` of the address; as long as one of them is missing, offer to choose it."""
    member = member_for_look(request.user)
    one, other = (_named(request, name) for name in "ab")
    if one is None or other is None:
        return render(request, "gallery/compare_choose.html", _choice(member, one or other))
    context = {"one": card_for(member, one), "other": card_for(member, other), "comparison": compared(one, other)}
    return render(request, "gallery/compare.html", context)


def _named(request: SignedInRequest, name: str) -> Generation | None:
    """Return the picture that the address names; raises Http404 for one that is not this team's."""
    text = request.GET.get(name, "")
    if not text:
        return None
    try:
        return generation_for_read(request.user, UUID(text))
    except ValueError:
        raise Http404("There is no picture at this address.") from None


def _choice(member: Member, chosen: Generation | None) -> dict[str, Any]:
    newest = Generation.objects.seen_by(member).in_gallery().with_card().newest_first()
    if chosen is not None:
        newest = newest.exclude(pk=chosen.pk)
    return {"chosen": chosen and card_for(member, chosen), "cards": cards_for(member, newest[:CHOICE])}
