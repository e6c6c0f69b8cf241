"""Share links: made from a picture's or a collection's page, and all of them in one list."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from generations.access import collection_for_read, generation_for_read, member_for_look
from generations.models import Collection, Generation, State
from generations.requests import SignedInRequest
from generations.sharing import link_for_change, require_may_share, revoke, share
from playground.connections import Said
from playground.link_list import link_list_for
from playground.share_form import ShareForm

NOT_THERE = "There is no picture at this address, or it is in the trash."
REVOKED = "The link is revoked. Whoever opens it finds nothing any more."


@never_cache
@require_GET
def index(request: SignedInRequest) -> HttpResponse:
    """Show the links that work now, and those that ended lately."""
    member = member_for_look(request.user)
    return render(request, "team/links/index.html", {"links": link_list_for(member)})


@never_cache
@require_POST
def end(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Revoke a link; the page has asked before."""
    revoke(link_for_change(request.user, public_id), request.user)
    if request.htmx:
        links = link_list_for(member_for_look(request.user), said=Said(sentence=REVOKED))
        return render(request, "team/links/_links.html", {"links": links})
    messages.success(request, REVOKED)
    return redirect("team:links")


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def picture(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Make a link to a picture or its recipe."""
    generation = generation_for_read(request.user, public_id)
    if generation.state != State.SUCCEEDED or generation.is_check or generation.trashed_at:
        raise Http404(NOT_THERE)
    return _made(request, generation)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def collection(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Make a link to a collection."""
    return _made(request, collection_for_read(request.user, public_id))


@sensitive_variables("token", "address")
def _made(request: SignedInRequest, target: Generation | Collection) -> HttpResponse:
    """Show the form, or make a link and answer with it at once: its address is in no log, so it cannot be led to later."""
    member = member_for_look(request.user)
    require_may_share(member, target)
    is_collection = isinstance(target, Collection)
    form = ShareForm(is_collection=is_collection, data=request.POST if request.method == "POST" else None)
    context = {"form": form, "target": target, "is_collection": is_collection}
    if form.is_bound and form.is_valid():
        link, token = share(member, form.kind, target, **form.options)
        address = settings.PUBLIC_URL + reverse("shared", args=[token])
        return render(request, "team/links/made.html", {**context, "link": link, "address": address})
    return render(request, "team/links/make.html", context, status=422 if form.is_bound else 200)
