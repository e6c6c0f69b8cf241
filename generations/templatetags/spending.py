"""What every page says of money: what is left for somebody, and what waits for an owner's yes."""

from __future__ import annotations

from django import template

from generations.access import Right, may
from generations.approvals import count_waiting
from generations.budget import left_for
from generations.models import Member
from generations.money import dollars

register = template.Library()

KEPT = "left_in_words"


@register.filter
def left_this_month(member: Member | None) -> str:
    """Return what is left of the person's or the team's budget, in words; "" where there is none.

    Free without a budget, else one query, however often a page says it.
    """
    if not member or not may(member, Right.MAKE):
        return ""
    kept = member.__dict__
    if KEPT not in kept:
        left = left_for(member)
        kept[KEPT] = "" if left is None else dollars(left)
    return str(kept[KEPT])


@register.filter
def wishes_waiting(member: Member | None) -> int:
    """Count the orders that wait for this owner's yes. Free where nothing has to wait."""
    if not member or member.team.approval_microusd is None or not may(member, Right.MANAGE):
        return 0
    return count_waiting(member.team)
