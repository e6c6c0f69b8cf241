""" "Check it": a picture made again, and what came of it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from generations.access import Right, generation_for_read, is_in, may, member_for_more, membership
from generations.checking import check, settle
from generations.errors import BackendUnavailable, InvalidInputs, OverBudget
from generations.models import Check, Generation, Member
from generations.money import dollars
from generations.requests import SignedInRequest
from generations.variation import can_be_made, price_of

SHOWN = 5


@never_cache
@require_http_methods(["GET", "POST"])
def checks(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Show what came of the last checks; a POST makes the picture again."""
    generation = generation_for_read(request.user, public_id)
    sentence = _checked(request, generation) if request.method == "POST" else ""
    if request.htmx:
        context = checks_context(membership(request.user), generation) | {"sentence": sentence}
        return render(request, "gallery/_checks.html", context, status=422 if sentence else 200)
    if sentence:
        messages.error(request, sentence)
    return redirect(generation)


def checks_context(member: Member | None, generation: Generation) -> dict[str, object]:
    """Return what the fragment shows of a picture's checks; those whose second run has ended get their verdict now."""
    rows = Check.objects.filter(generation=generation).select_related("author", "again", "generation", "again__progress")
    found = [settle(row) for row in rows.prefetch_related("again__images", "generation__images").order_by("-id")[:SHOWN]]
    price = price_of(generation, 1)
    return {
        "generation": generation,
        "checks": found,
        "may_check": is_in(member, generation) and may(member, Right.MAKE) and can_be_made(generation),
        "price": dollars(price) if price else "",
    }


def _checked(request: SignedInRequest, generation: Generation) -> str:
    """Order the second run; return a sentence when that is not possible."""
    try:
        check(member_for_more(request.user, generation), generation)
    except (InvalidInputs, BackendUnavailable, OverBudget) as error:
        return error.message
    return ""
