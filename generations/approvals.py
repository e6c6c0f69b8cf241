"""Orders that cost more than their asker may spend unasked: which wait, and an owner's yes or no to them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from generations import audit_log, budget, lifecycle, tasks
from generations.models import AuditKind, Generation, Member, State, Team
from generations.models.generation import DECLINED, GenerationQuerySet
from generations.money import dollars

NO = "An owner of the team said no to the price. Nothing was charged."
NO_MORE = "An owner of the team said no to ordering it anew. What was ordered before may be charged all the same."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What one press of the button asked for, and waits for an owner."""

    first: Generation
    count: int
    cost_microusd: int


def waiting(team: Team) -> list[Wish]:
    """Return what waits, longest first. Whether a prompt may be shown is up to who shows it: it may be its author's alone."""
    rows = _pending(team).select_related("author", "reference").order_by("id")
    stacks: dict[UUID, list[Generation]] = {}
    for row in rows:
        stacks.setdefault(row.stack, []).append(row)
    return [_wish(each) for each in stacks.values()]


def count_waiting(team: Team) -> int:
    return _pending(team).values("stack").distinct().count()


def approve(owner: Member, stack: UUID) -> int:
    """Put what waits of a stack in line and return how many pictures that are; 0 when somebody else was faster."""
    return _decide(owner, stack, AuditKind.APPROVED)


def decline(owner: Member, stack: UUID) -> int:
    """End what waits of a stack, give its price back and return how many pictures that were."""
    return _decide(owner, stack, AuditKind.DECLINED)


def _decide(owner: Member, stack: UUID, kind: AuditKind) -> int:
    rows = list(_pending(owner.team).filter(stack=stack).select_related("author").order_by("id"))
    with transaction.atomic():
        decided = [row for row in rows if (_approved(row) if kind == AuditKind.APPROVED else _declined(row))]
        if decided:
            wish = _wish(decided)
            subject = f"{in_words(wish)} for {wish.first.author}"
            audit_log.record(kind, subject, team=owner.team, actor=owner.user)
        if kind == AuditKind.APPROVED:
            transaction.on_commit(lambda: tasks.hint([row.pk for row in decided]))
    return len(decided)


def in_words(wish: Wish) -> str:
    return f"{wish.count} {'picture' if wish.count == 1 else 'pictures'}, {dollars(wish.cost_microusd)}"


def _approved(row: Generation) -> bool:
    return lifecycle.move("approve", row)


def _declined(row: Generation) -> bool:
    sentence = NO_MORE if row.attempts.exists() else NO
    declined = lifecycle.move("decline", row, error=sentence, detail=DECLINED)
    if declined:
        budget.release(row)
    return declined


def _pending(team: Team) -> GenerationQuerySet:
    return Generation.objects.filter(team=team, state=State.PENDING)


def _wish(rows: list[Generation]) -> Wish:
    return Wish(first=rows[0], count=len(rows), cost_microusd=sum(row.price_microusd for row in rows))
