"""What every answer passes: who calls, the content security policy, the way to the first visit's page and to the sign-in."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from generations.audit_log import calling_address
from generations.founding import is_founded
from playground.callers import address_of
from playground.known_devices import device_of, remember

GetResponse = Callable[[HttpRequest], HttpResponse]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)


SEEN_AT = "seen_at"
"""Where the session says when its row in the list of sessions was last brought up to date."""
SEEN_EVERY_S = 300


def know_the_caller(get_response: GetResponse) -> GetResponse:
    """Let the audit log know the address that the request came from."""

    def middleware(request: HttpRequest) -> HttpResponse:
        token = calling_address.set(address_of(request))
        try:
            return get_response(request)
        finally:
            calling_address.reset(token)

    return middleware


def content_security_policy(get_response: GetResponse) -> GetResponse:
    """Allow a page only what comes from this server."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response

    return middleware


class SignInRequired(LoginRequiredMiddleware):
    """Lead to the sign-in page; a part of a page that asks anew gets 401, or that whole page would be put into it."""

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponseBase | None:
        refusal = super().process_view(request, *view)
        if refusal is not None and request.headers.get("HX-Request"):
            return HttpResponse(status=401)
        return refusal


def know_the_browser(get_response: GetResponse) -> GetResponse:
    """Keep the list of a person's sessions, and give the browser the mark of one they have signed in with."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not request.session.accessed or not request.user.is_authenticated:
            return response
        if time.time() - request.session.get(SEEN_AT, 0) > SEEN_EVERY_S:
            request.session[SEEN_AT] = int(time.time())
            UserSession.objects.create_from_request(request)
        if device_of(request, request.user) is None:
            remember(request, response, request.user)
        return response

    return middleware


def welcome_first(get_response: GetResponse) -> GetResponse:
    """Lead to the welcome page as long as nobody has an account; ask the database only until somebody has."""
    founded = False

    def middleware(request: HttpRequest) -> HttpResponse:
        nonlocal founded
        if not founded and request.path not in {reverse("welcome"), reverse("health")}:
            founded = is_founded()
            if not founded:
                return redirect("welcome")
        return get_response(request)

    return middleware
