"""On whose behalf a command acts."""

from __future__ import annotations

from django.core.management.base import CommandError

from generations.models import Member, Role

NO_OWNER = "There is no account yet to keep pictures for. Open the page once, or run: manage.py create_owner EMAIL --team NAME"


def acting_member(email: str | None) -> Member:
    """Return whom the pictures belong to: a named person, or the first owner. Raises CommandError."""
    members = Member.objects.select_related("team", "user").order_by("joined_at", "pk")
    chosen = members.filter(user__email__iexact=email).exclude(role=Role.VIEWER) if email else members.filter(role=Role.OWNER)
    member = chosen.first()
    if member is None:
        raise CommandError(f"Nobody with the address {email} may make pictures here." if email else NO_OWNER, returncode=2)
    return member
