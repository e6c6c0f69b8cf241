"""A person's own page: name, password, second factors, passkeys, sessions; and which of allauth's routes there are."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from allauth.usersessions.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from generations.models import User
from generations.requests import SignedInRequest
from playground.accounts import passkeys_work
from playground.browsers import browser_name

log = logging.getLogger(__name__)

View = Callable[..., HttpResponse]


class NameForm(forms.Form):
    name = forms.CharField(
        label="Your name",
        max_length=80,
        required=False,
        help_text="What your team sees beside your pictures. Without one it sees your email.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


def only_where(setting: str) -> Callable[[View], View]:
    """Make a route that exists only where a setting is set."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not getattr(settings, setting):
                raise Http404(f"{setting} is not set.")
            return view(request, *args, **kwargs)

        return guarded

    return decorate


@require_http_methods(["GET", "POST"])
def account(request: SignedInRequest) -> HttpResponse:
    """Show the person's page, and take a new name."""
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": request.user.name})
    if form.is_valid():
        User.objects.filter(pk=request.user.pk).update(name=form.cleaned_data["name"])
        messages.success(request, "Your name is saved.")
        return redirect("account_page")
    shown = {"form": form, **_factors(request), "sessions": _sessions(request)}
    return render(request, "account/account.html", shown, status=422 if form.errors else 200)


@require_GET
def to_the_account(request: SignedInRequest) -> HttpResponse:
    """Lead to the one page that lists it all."""
    return redirect("account_page")


@require_POST
def end_session(request: SignedInRequest, pk: int) -> HttpResponse:
    """Sign out somewhere else."""
    session = get_object_or_404(UserSession, user=request.user, pk=pk)
    get_adapter().end_sessions([session])
    messages.success(request, f"Signed out of {browser_name(session.user_agent)}.")
    return redirect("account_page")


@require_POST
def end_other_sessions(request: SignedInRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    others = UserSession.objects.filter(user=request.user).exclude(session_key=request.session.session_key)
    get_adapter().end_sessions(others)
    messages.success(request, "Signed out everywhere else.")
    return redirect("account_page")


@only_where("OIDC_ISSUER")
@login_not_required
@require_http_methods(["GET", "POST"])
def single_sign_on(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Lead to the company's server by a page: what a form may lead to, the content security policy keeps to this server."""
    try:
        response: HttpResponse = openid_connect.login(request, provider_id)
    except (OSError, KeyError) as error:  # It is away, or says something else than it should.
        log.error("the server for single sign-on cannot be used: %s", error)
        return render(request, "socialaccount/authentication_error.html", status=502)
    if isinstance(response, HttpResponseRedirect) and not response.url.startswith("/"):
        return render(request, "socialaccount/leave.html", {"there": response.url, "name": settings.OIDC_NAME})
    return response


def _factors(request: SignedInRequest) -> dict[str, Any]:
    found = list(Authenticator.objects.filter(user=request.user).order_by("pk"))
    codes = next((each.wrap() for each in found if each.type == Authenticator.Type.RECOVERY_CODES), None)
    return {
        "has_app": any(each.type == Authenticator.Type.TOTP for each in found),
        "passkeys": [
            {"pk": each.pk, "name": each.wrap().name, "created_at": each.created_at, "last_used_at": each.last_used_at}
            for each in found
            if each.type == Authenticator.Type.WEBAUTHN
        ],
        "codes_left": len(codes.get_unused_codes()) if codes else None,
        "may_change_email": bool(settings.EMAIL_HOST),
        "may_add_passkeys": passkeys_work(request),
    }


def _sessions(request: SignedInRequest) -> list[dict[str, Any]]:
    """Return the person's sessions, this one first, then the newest."""
    UserSession.objects.create_from_request(request)
    found = UserSession.objects.purge_and_list(request.user)
    found.sort(key=lambda session: (session.session_key == request.session.session_key, session.last_seen_at), reverse=True)
    return [
        {
            "pk": session.pk,
            "browser": browser_name(session.user_agent),
            "address": session.ip,
            "seen_at": session.last_seen_at,
            "is_this": session.session_key == request.session.session_key,
        }
        for session in found
    ]
