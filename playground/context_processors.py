"""What every page knows."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from generations.access import membership


def team(request: HttpRequest) -> dict[str, Any]:
    """Name the person's membership and team, read only when a template asks."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"member": None, "team": None}
    member = cache(lambda: membership(user))
    return {"member": SimpleLazyObject(member), "team": SimpleLazyObject(lambda: found.team if (found := member()) else None)}
