"""The request as signed-in views see it."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from generations.models import User


class SignedInRequest(HttpRequest):
    """LoginRequiredMiddleware lets nobody else through."""

    user: User
    htmx: HtmxDetails
