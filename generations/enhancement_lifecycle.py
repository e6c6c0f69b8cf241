"""How a request to an enhancer moves: its table, and the only function that moves a row through it.

A request is never taken twice: whatever its worker did before it died may have been charged. It ends as overdue instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from generations.enhancement_pictures import forget
from generations.models import EnhancementRequest, EnhancementState

QUEUED, RUNNING, PRICED = EnhancementState.QUEUED, EnhancementState.RUNNING, EnhancementState.PRICED
READY, FAILED, CANCELLED = EnhancementState.READY, EnhancementState.FAILED, EnhancementState.CANCELLED
ENDED = frozenset({READY, FAILED, CANCELLED})
OVERDUE_AFTER_S = 90
"""Longer than any enhancer may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One row of the table."""

    sources: frozenset[EnhancementState]
    target: EnhancementState
    overdue: bool = False
    """Only when the last move is longer ago than OVERDUE_AFTER_S."""


TABLE: dict[str, Move] = {
    "claim": Move(sources=frozenset({QUEUED}), target=RUNNING),
    "price": Move(sources=frozenset({RUNNING}), target=PRICED),
    "agree": Move(sources=frozenset({PRICED}), target=QUEUED),
    "send": Move(sources=frozenset({RUNNING}), target=RUNNING),
    "finish": Move(sources=frozenset({RUNNING}), target=READY),
    "fail": Move(sources=frozenset({RUNNING}), target=FAILED),
    "give_up": Move(sources=frozenset({QUEUED, RUNNING}), target=FAILED, overdue=True),
    "cancel": Move(sources=frozenset({QUEUED, RUNNING, PRICED}), target=CANCELLED),
}


def move(name: str, request: EnhancementRequest, **values: Any) -> bool:
    """Make one move of the table, with `values` for other fields; False when the row is no longer where it was."""
    rule = TABLE[name]
    rows = EnhancementRequest.objects.filter(pk=request.pk, state__in=rule.sources)
    if rule.overdue:
        rows = rows.filter(moved_at__lt=Now() - timedelta(seconds=OVERDUE_AFTER_S))
    ended = {"finished_at": Now()} if rule.target in ENDED else {}
    moved = rows.update(state=rule.target, moved_at=Now(), **ended, **values) == 1
    if moved and rule.target in ENDED:
        transaction.on_commit(partial(forget, request.public_id))
    return moved
