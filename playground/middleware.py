"""What every answer passes: the content security policy the way to the first visit's page and to the sign-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from generations.founding import is_founded

GetResponse = Callable[[HttpRequest], HttpResponse]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)


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
