"""What a member may do, for templates."""

from __future__ import annotations

from django import template

from generations import access
from generations.models import Member

register = template.Library()


@register.filter
def may(member: Member | None, right: str) -> bool:
    """Say whether the member has the right of that name: `member|may:"keep"`."""
    return access.may(member, access.Right(right))
