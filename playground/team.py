"""The team's page: whose key pays for its pictures."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from generations import accounts, audit_log, tasks
from generations.access import Right, may, member_for_look, member_for_manage
from generations.backends import backend_for, backends_on_offer
from generations.backends.base import RemoteBackend
from generations.errors import InvalidInputs
from generations.forms import KeyForm
from generations.models import AuditKind, Member
from generations.pipeline.line import next_in_every_line
from generations.requests import SignedInRequest
from playground.connections import Said, balance_in_words, connection_of, try_out

DISCONNECTED = Said(sentence="Disconnected. The key is no longer kept here.")
RESUMED = Said(sentence="It goes on. Pictures that wait are sent within seconds.")


@never_cache
@require_GET
def index(request: SignedInRequest) -> HttpResponse:
    """Show what the team is connected to."""
    member = member_for_look(request.user)
    return render(request, "team/index.html", _page(member))


@never_cache
@require_GET
def notices(request: SignedInRequest) -> HttpResponse:
    """Show what the header says of what waits for an owner: orders, and reported pictures."""
    return render(request, "team/_notices.html", {"member": member_for_look(request.user)})


@sensitive_post_parameters("key")
@require_POST
def connect(request: SignedInRequest, alias: str) -> HttpResponse:
    """Keep a key that its vendor knows."""
    member, vendor = member_for_manage(request.user), _vendor(alias)
    form = KeyForm(vendor, request.POST)
    if not form.is_valid():
        return _refused(request, member, vendor, form)
    with transaction.atomic():
        accounts.connect(member.team, alias, form.cleaned_data["key"])
        _record(member, f"{vendor.title}: connected a key")
    return _changed(request, member, vendor, balance_in_words(vendor, form.balance_microusd, "Connected. "))


@require_POST
def test(request: SignedInRequest, alias: str) -> HttpResponse:
    """Ask the vendor for the balance, and say that or what is wrong."""
    member, vendor = member_for_manage(request.user), _vendor(alias)
    return _changed(request, member, vendor, try_out(member.team, vendor))


@require_POST
def disconnect(request: SignedInRequest, alias: str) -> HttpResponse:
    """Forget the team's own key."""
    member, vendor = member_for_manage(request.user), _vendor(alias)
    with transaction.atomic():
        accounts.disconnect(member.team, alias)
        _record(member, f"{vendor.title}: disconnected")
    return _changed(request, member, vendor, DISCONNECTED)


@require_POST
def resume(request: SignedInRequest, alias: str) -> HttpResponse:
    """End a pause, after what caused it has been mended."""
    member, vendor = member_for_manage(request.user), _vendor(alias)
    if (account := accounts.account_for(member.team, alias)) is not None:
        accounts.resume(account)
        tasks.hint(next_in_every_line(1))
    return _changed(request, member, vendor, RESUMED)


def _record(member: Member, subject: str) -> None:
    audit_log.record(AuditKind.ACCOUNT_CHANGED, subject, team=member.team, actor=member.user)


def _vendor(alias: str) -> RemoteBackend:
    """Return the engine that a key can be connected for; Http404 otherwise."""
    try:
        backend = backend_for(alias)
    except InvalidInputs:
        raise Http404("There is nothing of this name to connect.") from None
    if not isinstance(backend, RemoteBackend):
        raise Http404("This engine needs no key.")
    return backend


def _changed(request: SignedInRequest, member: Member, vendor: RemoteBackend, said: Said) -> HttpResponse:
    """Answer a press of a button with the vendor's section as it stands now, or without scripts with the whole page."""
    if request.htmx:
        template = "team/_banner.html" if "banner" in request.POST else "team/_connection.html"
        return render(request, template, _section(member, vendor) | {"said": said})
    messages.add_message(request, messages.ERROR if said.is_problem else messages.SUCCESS, said.sentence)
    return redirect("playground" if "banner" in request.POST else "team:index")


def _refused(request: SignedInRequest, member: Member, vendor: RemoteBackend, form: KeyForm) -> HttpResponse:
    """Answer 422 with the sentence beside the field; what was pasted is never sent back."""
    if request.htmx:
        return render(request, "team/_connection.html", _section(member, vendor, form), status=422)
    return render(request, "team/index.html", _page(member, form), status=422)


def _page(member: Member, refused: KeyForm | None = None) -> dict[str, Any]:
    vendors = [backend for backend in backends_on_offer() if isinstance(backend, RemoteBackend)]
    sections = [
        _section(member, vendor, refused if refused is not None and refused.vendor is vendor else None) for vendor in vendors
    ]
    return {"sections": sections}


def _section(member: Member, vendor: RemoteBackend, form: KeyForm | None = None) -> dict[str, Any]:
    return {
        "connection": connection_of(member.team, vendor),
        "form": form or KeyForm(vendor),
        "may_manage": may(member, Right.MANAGE),
    }
