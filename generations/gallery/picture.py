"""One picture with all that made it: as a page, and as the part of a page that the lightbox shows over the gallery."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from generations.access import generation_for_read, is_in, membership
from generations.cards import card_for
from generations.gallery.checks import checks_context
from generations.gallery.keep import keep_context
from generations.gallery.lineage import lineage_of
from generations.gallery.origin import origin_of
from generations.gallery.recipe import making, receipt, recipe
from generations.gallery.sheet import more_offers, vary_offers
from generations.requests import SignedInRequest


@never_cache
@require_GET
def picture(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Show one picture with all that made it."""
    return render(request, "gallery/picture.html", _context(request, public_id))


@never_cache
@require_GET
def light(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Show the same for the lightbox."""
    return render(request, "gallery/_light.html", _context(request, public_id))


def _context(request: SignedInRequest, public_id: UUID) -> dict[str, Any]:
    generation = generation_for_read(request.user, public_id)
    member = membership(request.user)
    card = card_for(member, generation, "hero")
    image = card.image
    return {
        **(checks_context(member, generation) if image else {}),
        "member": member,
        "card": card,
        "generation": generation,
        "recipe": recipe(generation),
        "making": making(generation) if image else [],
        "receipt": receipt(generation, image) if image else [],
        "notes": generation.notes,
        "origin": origin_of(generation),
        "keep": keep_context(member, generation),
        "lineage": lineage_of(request.user, generation, image),
        "more_offers": more_offers(generation) if is_in(member, generation) else [],
        "vary_offers": vary_offers(generation),
        "like_open": "like" in request.GET,
    }
