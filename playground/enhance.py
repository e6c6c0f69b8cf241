"""The enhancer's buttons: start, look, agree to a price, cancel, revert. Each answers with the prompt's field."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from generations.access import member_for_make
from generations.enhancers import enhancer_for
from generations.enhancing import agree as say_yes
from generations.enhancing import ask, is_of, request_of, request_seen_by, settle, withdraw
from generations.errors import InvalidInputs
from generations.forms import GenerationForm, picture_in
from generations.models import EnhancementRequest, EnhancementState, Member
from generations.requests import SignedInRequest
from playground.enhancer import desk_of, next_seed
from playground.page import page_context

MOST_AGREED = 1_000_000_000


@require_POST
def start(request: SignedInRequest) -> HttpResponse:
    """Have a prompt improved; one that an enhancer wrote is improved anew from the person's own words, with the next seed."""
    member = member_for_make(request.user)
    prompt, earlier = str(request.POST.get("prompt") or ""), request_seen_by(member, request.POST.get("enhancement"))
    again = earlier is not None and earlier.state == EnhancementState.READY and is_of(prompt, earlier.enhancement)
    enhancer = _chosen(request, "enhancer", "local")
    try:
        asked = ask(
            member,
            earlier.original if earlier and again else prompt,
            enhancer=enhancer,
            style=_chosen(request, "enhance_style", "default"),
            seed=next_seed(earlier if again else None),
            agreed_microusd=_sum(request, "agreed"),
            picture=picture_in(request.FILES) if enhancer_for(enhancer).sees else None,
        )
    except InvalidInputs as error:
        return _field(request, member, prompt, sentence=error.message, status=422)
    return _field(request, member, prompt, asked)


@never_cache
@require_http_methods(["GET", "POST"])
def look(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Show what came of it; 204 while it is being written, so that the page stays as it is."""
    member, asked = _mine(request, public_id)
    asked = settle(asked)
    if asked.is_busy and request.htmx:
        return HttpResponse(status=204)
    ready = asked.state == EnhancementState.READY
    return _field(request, member, asked.text if ready else asked.original, asked)


@require_POST
def agree(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Go on for the price that was shown."""
    member, asked = _mine(request, public_id)
    say_yes(asked, _sum(request, "price"))
    asked.refresh_from_db()
    return _field(request, member, asked.original, asked)


@require_POST
def cancel(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Stop waiting; the prompt stays as it was."""
    member, asked = _mine(request, public_id)
    withdraw(asked)
    return _field(request, member, asked.original)


@require_POST
def revert(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Bring back the words that a person wrote; that may have been somebody else, for a picture that this one sees."""
    member = member_for_make(request.user)
    return _field(request, member, _found(request_seen_by(member, public_id)).original)


def _mine(request: SignedInRequest, public_id: UUID) -> tuple[Member, EnhancementRequest]:
    member = member_for_make(request.user)
    return member, _found(request_of(member, public_id))


def _found(asked: EnhancementRequest | None) -> EnhancementRequest:
    if asked is None:
        raise Http404("There is nothing at this address.")
    return asked


def _chosen(request: SignedInRequest, name: str, default: str) -> str:
    return str(request.POST.get(name) or default)


def _sum(request: SignedInRequest, name: str) -> int:
    """Return a sum that was sent, in millionths of a dollar; 0 for what is none."""
    text = str(request.POST.get(name) or "")
    return min(int(text), MOST_AGREED) if text.isascii() and text.isdigit() else 0


def _field(
    request: SignedInRequest,
    member: Member,
    prompt: str,
    asked: EnhancementRequest | None = None,
    *,
    sentence: str = "",
    status: int = 200,
) -> HttpResponse:
    """Answer with the prompt's field; without scripts with the whole page, filled in as it was sent."""
    form = GenerationForm(initial={**_sent(request), "prompt": prompt})
    form.fields["prompt"].widget.attrs |= {"readonly": True} if asked is not None and asked.is_busy else {}
    desk = desk_of(
        member,
        prompt=prompt,
        style=_chosen(request, "enhance_style", asked.style if asked else ""),
        enhancer=_chosen(request, "enhancer", asked.enhancer if asked else ""),
        request=asked,
        sentence=sentence,
        agreed_microusd=_sum(request, "agreed") or (asked.agreed_microusd if asked else 0),
    )
    context: dict[str, Any] = {"desk": desk}
    if request.htmx:
        # The button that was pressed may be gone: the focus goes to the one that stays.
        context |= {"field": form["prompt"], "swapped": True, "pressed": request.method == "POST"}
        return render(request, "playground/_prompt.html", context, status=status)
    return render(request, "playground/index.html", {**page_context(member, form), **context}, status=status)


def _sent(request: SignedInRequest) -> dict[str, str]:
    """Return what the form's other fields held, as far as it was sent."""
    return {name: request.POST[name] for name in GenerationForm().fields if name in request.POST}
