"""Who asks: the bearer key of a request."""

from __future__ import annotations

from django.http import HttpRequest
from ninja.security import HttpBearer

from generations.access import LOOK_ONLY, NO_RUN_SCOPE
from generations.errors import NotAllowed
from generations.keys import live_key, may_run
from generations.models import ApiKey, Scope


class Bearer(HttpBearer):
    """`Authorization: Bearer KEY`; the request then has the key as `auth`."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        return live_key(token)


class KeyRequest(HttpRequest):
    """A request that Bearer let through."""

    auth: ApiKey


def require_run(key: ApiKey) -> ApiKey:
    """Return a key that may make and change things; raises NotAllowed."""
    if not may_run(key):
        raise NotAllowed(NO_RUN_SCOPE if key.scope == Scope.READ else LOOK_ONLY)
    return key
