"""A person's teams: go over to another one, and start one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from generations import membership
from generations.access import OWNERS_MAKE_TEAMS, may_make_team, member_in
from generations.errors import InvalidInputs
from generations.people_form import TeamForm
from generations.requests import SignedInRequest


@never_cache
@require_POST
def switch(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Work in another of one's teams from now on."""
    member = member_in(request.user, public_id)
    membership.switch(member)
    messages.success(request, f"You work in {member.team} now.")
    back = request.POST.get("next", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else "playground")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def make(request: SignedInRequest) -> HttpResponse:
    """Ask for a team's name, or start it."""
    if not may_make_team(request.user):
        raise PermissionDenied(OWNERS_MAKE_TEAMS)
    form = TeamForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            member = membership.make_team(request.user, form.cleaned_data["name"])
        except InvalidInputs as error:
            form.add_error("name", error.fields["name"])
        else:
            messages.success(request, f"{member.team} is made, and you work in it now. Invite the others here.")
            return redirect("team:members")
    return render(request, "team/members/make.html", {"form": form}, status=422 if form.is_bound else 200)
