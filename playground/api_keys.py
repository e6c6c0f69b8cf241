"""Keys for programs: made and shown once, limited, revoked; and how to use them in one's own tools."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from generations import keys
from generations.access import Right, api_key_for_change, may, member_for_keys, member_for_look, member_for_manage
from generations.backends import title_of
from generations.key_form import ApiKeyForm, ApiMakerForm
from generations.models import Member
from generations.requests import SignedInRequest
from generations.tools import KEY, tools_for
from playground.connections import Said
from playground.key_list import KeyList, key_list_for


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: SignedInRequest) -> HttpResponse:
    """Show the keys, or make one."""
    member = member_for_keys(request.user)
    return _create(request, member) if request.method == "POST" else _shown(request, key_list_for(member))


@sensitive_variables("secret")
def _create(request: SignedInRequest, member: Member) -> HttpResponse:
    """Make a key and answer with it at once: it is in no address, session or log, so it cannot be led to later."""
    form = ApiKeyForm(member.team, request.POST)
    if not form.is_valid():
        return _shown(request, key_list_for(member, form=form), status=422)
    key, secret = keys.issue(member, form.cleaned_data["name"], form.limits)
    return _shown(request, key_list_for(member, made=key, secret=secret))


@never_cache
@require_POST
def revoke(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Close the door that a key opens; the page has asked before."""
    key = api_key_for_change(request.user, public_id)
    keys.revoke(key, by=request.user)
    return _changed(request, f"“{key.name}” is revoked. Programs that use it are refused from now on.")


@never_cache
@require_POST
def maker(request: SignedInRequest) -> HttpResponse:
    """Choose who makes the pictures that programs ask for."""
    member = member_for_manage(request.user)
    form = ApiMakerForm(member.team, request.POST)
    if not form.is_valid():
        problem = str(form.errors["api_backend"][0])
        return _shown(request, key_list_for(member, maker_problem=problem), status=422)
    keys.choose_backend(member.team, form.cleaned_data["api_backend"])
    return _changed(request, f"{title_of(form.cleaned_data['api_backend'])} makes the pictures that programs ask for.")


@require_GET
def tools(request: SignedInRequest) -> HttpResponse:
    """Show how to point the vendor's own programs at this server."""
    member = member_for_look(request.user)
    context = {
        "tools": tools_for(settings.PUBLIC_URL),
        "address": settings.PUBLIC_URL,
        "placeholder": KEY,
        "may_make": may(member, Right.MAKE),
    }
    return render(request, "api_keys/tools.html", context)


def _changed(request: SignedInRequest, sentence: str) -> HttpResponse:
    """Answer a press of a button with the keys as they stand now, or without scripts lead back to them."""
    if request.htmx:
        return _shown(request, key_list_for(member_for_keys(request.user), said=Said(sentence=sentence)))
    messages.success(request, sentence)
    return redirect("api_keys:index")


def _shown(request: SignedInRequest, found: KeyList, status: int = 200) -> HttpResponse:
    template = "api_keys/_keys.html" if request.htmx else "api_keys/index.html"
    return render(request, template, {"keys": found}, status=status)
