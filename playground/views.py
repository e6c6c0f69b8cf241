"""The page with the form: show it, take an order, and show how each picture is coming along."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from generations.access import (
    generation_for_change,
    generation_for_read,
    member_for_look,
    member_for_make,
    membership,
)
from generations.cards import card_for
from generations.enhancing import credit, inherit, request_of, request_seen_by
from generations.errors import BackendUnavailable, InvalidInputs, ListedWord, OverBudget, ReadFailed
from generations.forms import AdoptForm, GenerationForm, WelcomeForm
from generations.founding import found_first, is_founded
from generations.images import MAX_BYTES
from generations.models import Generation, Member, State
from generations.reading import found_in
from generations.requests import SignedInRequest
from generations.submission import Order, repeat, submit, withdraw
from generations.submission import adopt as take_over
from playground.enhancer import desk_for_picture, desk_of
from playground.offers import Arrival, arrival_of, descended, offer_of_file
from playground.page import form_context, page_context
from playground.stage import stage_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def playground(request: SignedInRequest) -> HttpResponse:
    """Show the page, or take an order."""
    if request.method == "POST":
        return _create(request)
    member = member_for_look(request.user)
    arrival = _arrival(request, member)
    form = GenerationForm(initial=arrival.initial)
    context = {**page_context(member, form), "arrival": arrival}
    if arrival.picture is not None:
        context["desk"] = desk_for_picture(member, arrival.picture, str(arrival.initial["prompt"]))
    return render(request, "playground/index.html", context)


def _arrival(request: SignedInRequest, member: Member) -> Arrival:
    """Return what the address brings along; a link that cannot be read is told and brings nothing."""
    try:
        return arrival_of(member, request.GET, GenerationForm().initial)
    except InvalidInputs as error:
        messages.error(request, error.message)
        return Arrival()


def _create(request: SignedInRequest) -> HttpResponse:
    member = member_for_make(request.user)
    form = GenerationForm(request.POST, request.FILES)
    if not form.is_valid():
        return _refused(request, member, form)
    try:
        order = descended(member, form.order, str(form.data.get("parent") or ""))
        order = replace(_credited(member, order, request), asks_first="agreed_words" not in request.POST)
        generation = submit(member, order)
    except BackendUnavailable as error:
        form.add_error("backend", error.message)
        return _refused(request, member, form)
    except OverBudget as error:
        return _refused(request, member, form, over_budget=error.message)
    except ListedWord as error:
        form.add_error("prompt", error.message)
        return _refused(request, member, form, asks_words=error.may_agree)
    if not request.htmx:
        return redirect(generation) if form.order.count == 1 else redirect("playground")
    return render(request, "playground/_stage.html", {**stage_of(member), "new_key": uuid.uuid4().hex})


def _credited(member: Member, order: Order, request: SignedInRequest) -> Order:
    """Return the order with the enhancer's request that its prompt came from; without scripts the switches still count.

    What the picture whose settings were used says of its prompt goes before what the form holds, which may be of an earlier one.
    """
    inherited = inherit(order, _kept(request))
    asked = request_of(member, request.POST.get("enhancement"))
    is_parents = asked is not None and order.parent is not None and asked.pk == order.parent.enhancement_id
    return inherited if inherited.enhancement or asked is None or is_parents else credit(order, asked, _kept(request))


def _kept(request: SignedInRequest) -> set[int] | None:
    """Return which additions are switched on; None where there were no switches."""
    if "switches" not in request.POST:
        return None
    return {int(place) for place in request.POST.getlist("kept") if place.isascii() and place.isdigit()}


@require_POST
def read_settings(request: SignedInRequest) -> HttpResponse:
    """Offer the settings that a picture file carries; 204 when it carries none."""
    member = member_for_look(request.user)
    upload = request.FILES.get("image")
    found = found_in(upload.read(MAX_BYTES)) if isinstance(upload, UploadedFile) else None
    if found is None:
        return HttpResponse(status=204)
    offer = offer_of_file(member, found, GenerationForm().initial)
    return render(request, "playground/_offer.html", {"offer": offer})


def _refused(
    request: SignedInRequest, member: Member, form: GenerationForm, *, over_budget: str = "", asks_words: bool = False
) -> HttpResponse:
    """Answer 422 with the form as it was filled in and a sentence beside each field that cannot be used, or at the button."""
    desk = {**_desk(request, member, form), "over_budget": over_budget, "asks_words": asks_words}
    if not request.htmx:
        return render(request, "playground/index.html", {**page_context(member, form), **desk}, status=422)
    response = render(request, "playground/_form.html", {**form_context(member, form), **desk}, status=422)
    response.headers["HX-Retarget"] = ".generate"
    response.headers["HX-Reswap"] = "outerHTML"
    return response


@never_cache
@require_GET
def card(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Show one generation as it stands now."""
    return _card(request, generation_for_read(request.user, public_id))


@require_POST
def cancel(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Cancel what is not finished."""
    withdraw(generation_for_change(request.user, public_id))
    return _changed(request, public_id)


@require_POST
def retry(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Ask again for a picture that was not made."""
    generation = generation_for_change(request.user, public_id)
    try:
        again = repeat(member_for_make(request.user), generation)
    except (ListedWord, OverBudget) as error:
        return _not_repeated(request, public_id, error.message)
    return _changed(request, again.public_id)


@require_POST
def adopt(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Take over a vendor's order by its id, for a picture whose answer was lost."""
    generation = generation_for_change(request.user, public_id)
    form = AdoptForm(request.POST)
    if form.is_valid():
        try:
            take_over(generation, form.cleaned_data["upstream_id"])
        except (InvalidInputs, ReadFailed) as error:
            form.add_error("upstream_id", error.message)
    return _not_adopted(request, public_id, form) if form.errors else _changed(request, public_id)


@never_cache
@require_GET
def preview(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Serve the small picture of a painting that is not finished; it may have been finished since the card was read."""
    generation = generation_for_read(request.user, public_id)
    if (progress := getattr(generation, "progress", None)) is not None:
        return HttpResponse(bytes(progress.preview), content_type="image/webp")
    if generation.state == State.SUCCEEDED:
        return redirect("gallery:file", public_id, "small")
    raise Http404("Nothing is being painted here.")


@login_not_required
@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest) -> HttpResponse:
    """On the very first visit, make the owner and the team."""
    if is_founded():
        return redirect("playground")
    form = WelcomeForm(request.POST or None)
    if not form.is_valid():
        return render(request, "welcome.html", {"form": form}, status=422 if form.is_bound else 200)
    member = found_first(**form.cleaned_data)
    login(request, member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return redirect("playground")


@login_not_required
@require_GET
def health(request: HttpRequest) -> HttpResponse:
    """Answer that this process serves requests."""
    return HttpResponse("ok", content_type="text/plain")


def _changed(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Answer a press of a card's button: the card as it stands now, or without scripts its own page."""
    generation = generation_for_read(request.user, public_id)
    return _card(request, generation) if request.htmx else redirect(generation)


def _not_adopted(request: SignedInRequest, public_id: UUID, form: AdoptForm) -> HttpResponse:
    """Say why the id cannot be used: beside its field, or without scripts on top of the picture's page."""
    generation = generation_for_read(request.user, public_id)
    if request.htmx:
        return _card(request, generation, form)
    for sentence in form.errors["upstream_id"]:
        messages.error(request, str(sentence))
    return redirect(generation)


def _not_repeated(request: SignedInRequest, public_id: UUID, sentence: str) -> HttpResponse:
    """Say why it is not asked for again: on the card, or without scripts on top of the picture's page."""
    generation = generation_for_read(request.user, public_id)
    if request.htmx:
        return _card(request, generation, not_again=sentence)
    messages.error(request, sentence)
    return redirect(generation)


def _card(
    request: SignedInRequest, generation: Generation, form: AdoptForm | None = None, *, not_again: str = ""
) -> HttpResponse:
    shown = card_for(membership(request.user), generation, request.GET.get("size", "tile"))
    context = {"card": shown, "adopt_form": form, "not_again": not_again}
    return render(request, "generations/_card.html", context, status=422 if form or not_again else 200)


def _desk(request: SignedInRequest, member: Member, form: GenerationForm) -> dict[str, Any]:
    """Return the enhancer's part of a form that was sent."""
    asked = request_seen_by(member, request.POST.get("enhancement"))
    style, enhancer = (str(request.POST.get(name) or "") for name in ("enhance_style", "enhancer"))
    prompt = str(form["prompt"].value() or "")
    return {"desk": desk_of(member, prompt=prompt, style=style, enhancer=enhancer, request=asked, kept=_kept(request))}
