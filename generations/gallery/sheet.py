"""A sheet: one recipe over several seeds or settings, side by side while they are made; and how more of it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from generations import submission
from generations.access import generation_for_read, may_change, member_for_look, member_for_make, member_for_more
from generations.cards import Card, cards_for
from generations.errors import BackendUnavailable, InvalidInputs, OverBudget
from generations.models import Generation, Member
from generations.money import dollars
from generations.requests import SignedInRequest
from generations.variation import MORE_SEEDS, can_be_made, more_seeds, price_of, variations_of, vary

MOST = 100
"""Pictures on a sheet."""
NO_SHEET = "There are no pictures at this address."
LABELS = {
    "seed": "seed {}",
    "num_inference_steps": "{} steps",
    "guidance_scale": "guidance {:g}",
    "strength": "strength {:g}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    card: Card
    label: str
    """What sets it apart from the others on the sheet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A way to more pictures like one."""

    word: str
    title: str
    price: str
    """In words; "" for what is free."""
    count: int


@never_cache
@require_GET
def sheet(request: SignedInRequest, stack: UUID) -> HttpResponse:
    """Show what belongs together, in any state."""
    member = member_for_look(request.user)
    rows = _rows(member, stack)
    cells = [Cell(card=card, label=label) for card, label in zip(cards_for(member, rows), labels_of(rows), strict=True)]
    first = rows[0]
    context = {
        "stack": stack,
        "cells": cells,
        "first": first,
        "more": more_offers(first),
        "unfinished": sum(card_.card.may_cancel for card_ in cells),
        "ready": sum(each.is_final for each in rows),
    }
    return render(request, "gallery/sheet.html", context)


@require_POST
def more(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Order the same recipe over more seeds, and lead to the sheet."""
    generation = generation_for_read(request.user, public_id)
    member = member_for_more(request.user, generation)
    count = request.POST.get("count", "")
    try:
        stack = more_seeds(member, generation, int(count) if count.isascii() and count.isdigit() else 0)
    except (InvalidInputs, BackendUnavailable, OverBudget) as error:
        return _refused(request, generation, error.message)
    return redirect("gallery:sheet", stack)


@require_POST
def varied(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Order variations of one picture, and lead to their sheet."""
    generation = generation_for_read(request.user, public_id)
    member = member_for_more(request.user, generation)
    try:
        stack = vary(member, generation, request.POST.get("vary", ""))
    except (InvalidInputs, BackendUnavailable, OverBudget) as error:
        return _refused(request, generation, error.message)
    return redirect("gallery:sheet", stack)


@require_POST
def stop(request: SignedInRequest, stack: UUID) -> HttpResponse:
    """Cancel what of a sheet is not finished and may be cancelled by this person."""
    member = member_for_make(request.user)
    stopped = [each for each in _rows(member, stack) if may_change(member, each) and not each.is_final]
    cancelled = sum(submission.withdraw(each) for each in stopped)
    messages.success(request, f"{cancelled} cancelled. Nothing is charged for them.")
    return redirect("gallery:sheet", stack)


def more_offers(generation: Generation) -> list[Offer]:
    """Return the ways to the same recipe over more seeds."""
    counts = MORE_SEEDS if can_be_made(generation) else ()
    return [_offer(generation, str(count), f"{count} more seeds", count) for count in counts]


def vary_offers(generation: Generation) -> list[Offer]:
    """Return the ways to vary a picture."""
    return [_offer(generation, each.word, each.title, len(each.differences)) for each in variations_of(generation)]


def labels_of(rows: list[Generation]) -> list[str]:
    """Say of each row what sets it apart from the others."""
    names = [name for name in LABELS if len({getattr(row, name) for row in rows}) > 1] or ["seed"]
    return [" · ".join(LABELS[name].format(getattr(row, name)) for name in names) for row in rows]


def _offer(generation: Generation, word: str, title: str, count: int) -> Offer:
    price = price_of(generation, count)
    return Offer(word=word, title=title, price=dollars(price) if price else "", count=count)


def _rows(member: Member, stack: UUID) -> list[Generation]:
    """Return a sheet's rows in the order of their settings; raises Http404."""
    own = Generation.objects.seen_by(member).filter(is_check=False, trashed_at__isnull=True).with_card()
    rows = list(own.filter(stack=stack).order_by("id")[:MOST])
    if not rows:
        raise Http404(NO_SHEET)
    parents = {row.parent_id for row in rows} - {None} - {row.pk for row in rows}
    if len(parents) == 1:  # The picture that is varied has its place among its variations.
        rows = [*own.filter(pk__in=parents), *rows]
    return sorted(rows, key=lambda row: (row.num_inference_steps, row.guidance_scale, row.strength or 0, row.pk))


def _refused(request: SignedInRequest, generation: Generation, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    return redirect(f"{reverse('gallery:picture', args=[generation.public_id])}")
