"""A tab stays open while its person goes over to another team: what it sends then is refused, not done in that team."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import reselect, reswap, retarget

from generations.access import membership, memberships
from generations.models import Member, Team, User
from generations.requests import SignedInRequest
from generations.templatetags.opened_in import OPENED_IN
from playground.middleware import GetResponse


class OpenedInThisTeam:
    """Let through what does not say a team, and what says the one that the person is in; the field counts for nothing else."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, *arguments: object) -> HttpResponse | None:
        """Answer 409 to a form of another team; what needs no sign-in, as the API, is not asked for a session."""
        if request.method != "POST" or not getattr(view, "login_required", True):
            return None
        said = request.POST.get(OPENED_IN)
        member = None if said is None else membership(cast(User, request.user))
        if said is None or member is None or said == str(member.team.public_id):
            return None
        return _refused(cast(SignedInRequest, request), member, _team(member, said))


def _refused(request: SignedInRequest, member: Member, opened: Team | None) -> HttpResponse:
    """Say in which team the page was opened, None for one that the person is no longer in, and lead to either."""
    context = {"opened": opened, "here": member.team, "back": _page_of(request)}
    if not request.htmx:
        return render(request, "opened_in.html", context, status=409)
    response = render(request, "_opened_in.html", context, status=409)
    # Whatever the form wanted to have swapped: it stays as it is filled in.
    return reselect(reswap(retarget(response, "problem-note [data-sentence]"), "innerHTML"), "unset")


def _team(member: Member, said: str) -> Team | None:
    try:
        found = memberships(member.user).filter(team__public_id=UUID(said)).first()
    except ValueError:
        return None
    return found.team if found else None


def _page_of(request: SignedInRequest) -> str:
    """Return the page that the form is on, without the site's name; the one that everybody has where that is not known."""
    address = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}):
        return reverse("playground")
    path = urlsplit(address)._replace(scheme="", netloc="", fragment="").geturl()
    return path if url_has_allowed_host_and_scheme(path, allowed_hosts=None) else reverse("playground")
