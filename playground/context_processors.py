"""What every page knows."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from generations.access import memberships
from generations.models import Role


def team(request: HttpRequest) -> dict[str, Any]:
    """Name the person's membership, team and other teams, read only when a template asks, all at once."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"member": None, "team": None}
    mine = cache(lambda: list(memberships(user)))
    return {
        "member": SimpleLazyObject(lambda: mine()[0] if mine() else None),
        "team": SimpleLazyObject(lambda: mine()[0].team if mine() else None),
        "other_teams": SimpleLazyObject(lambda: [each.team for each in mine()[1:]]),
        "owns_a_team": SimpleLazyObject(lambda: any(each.role == Role.OWNER for each in mine())),
    }
