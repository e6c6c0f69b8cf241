"""The state machine of a generation as one table, and the only function that moves a row through it.

Each move is one guarded UPDATE that must hit exactly one row. Whoever loses the race learns it from the answer and
changes nothing. A worker's moves also carry its fence, so that a worker that slept past its lease cannot write over
the one that took the row after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Value
from django.db.models.functions import Now

from generations.announce import WISHES, announce
from generations.models import Generation, Progress, State
from generations.models.generation import FINAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One row of the table."""

    sources: frozenset[State]
    target: State
    lease: str = ""
    """The setting that holds the new lease in seconds; "" frees the row."""
    takes: bool = False
    """A worker takes the row: its fence goes up."""
    fenced: bool = False
    """Only the worker that holds the row may do it."""
    overdue: bool = False
    """Only once the lease has run out."""


PENDING, QUEUED, RENDERING, STORING = State.PENDING, State.QUEUED, State.RENDERING, State.STORING
SUBMITTING, UNKNOWN, RUNNING, FETCHING = State.SUBMITTING, State.UNKNOWN, State.RUNNING, State.FETCHING
HELD = frozenset({RENDERING, STORING})

TABLE: dict[str, Move] = {
    "approve": Move(sources=frozenset({PENDING}), target=QUEUED),
    "decline": Move(sources=frozenset({PENDING}), target=State.CANCELLED),
    "claim": Move(sources=frozenset({QUEUED}), target=RENDERING, lease="RENDER_LEASE_S", takes=True),
    "rendered": Move(sources=frozenset({RENDERING}), target=STORING, lease="STORE_LEASE_S", fenced=True),
    "submit": Move(sources=frozenset({QUEUED}), target=SUBMITTING, lease="SUBMIT_LEASE_S", takes=True),
    "accepted": Move(sources=frozenset({SUBMITTING, UNKNOWN, State.NEEDS_REVIEW}), target=RUNNING),
    "rejected": Move(sources=frozenset({SUBMITTING}), target=QUEUED, fenced=True),
    "unusable": Move(sources=frozenset({SUBMITTING}), target=State.FAILED, fenced=True),
    "lost": Move(sources=frozenset({SUBMITTING}), target=UNKNOWN, fenced=True),
    "forgotten": Move(sources=frozenset({SUBMITTING}), target=UNKNOWN, fenced=True, overdue=True),
    "absent": Move(sources=frozenset({UNKNOWN}), target=QUEUED),
    "doubtful": Move(sources=frozenset({UNKNOWN}), target=State.NEEDS_REVIEW),
    "gone": Move(sources=frozenset({RUNNING}), target=State.NEEDS_REVIEW),
    "completed": Move(sources=frozenset({RUNNING}), target=FETCHING),
    "ended": Move(sources=frozenset({RUNNING}), target=State.FAILED),
    "fetch": Move(sources=frozenset({FETCHING}), target=STORING, lease="STORE_LEASE_S", takes=True),
    "put_off": Move(sources=frozenset({STORING}), target=FETCHING, fenced=True),
    "fetch_again": Move(sources=frozenset({STORING}), target=FETCHING, fenced=True, overdue=True),
    "unfetchable": Move(sources=frozenset({STORING}), target=State.NEEDS_REVIEW, fenced=True),
    "stored": Move(sources=frozenset({STORING}), target=State.SUCCEEDED, fenced=True),
    "fail": Move(sources=HELD, target=State.FAILED, fenced=True),
    "give_back": Move(sources=HELD, target=QUEUED, fenced=True, overdue=True),
    "park": Move(sources=HELD, target=State.NEEDS_REVIEW, fenced=True, overdue=True),
    "cancel": Move(sources=frozenset({PENDING, QUEUED, RENDERING}), target=State.CANCELLED),
    "try_again": Move(sources=frozenset({State.NEEDS_REVIEW}), target=QUEUED),
    "ask_again": Move(sources=frozenset({State.NEEDS_REVIEW}), target=PENDING),
    "fetch_after_review": Move(sources=frozenset({State.NEEDS_REVIEW}), target=FETCHING),
    "give_up": Move(sources=frozenset({State.NEEDS_REVIEW}), target=State.CANCELLED),
}


def move(name: str, generation: Generation, **values: Any) -> bool:
    """Make one move of the table, with `values` for other fields; False when the row is no longer where it was.

    Open pages are told once the surrounding transaction is committed.
    """
    rule = TABLE[name]
    rows = Generation.objects.filter(pk=generation.pk, state__in=rule.sources)
    if rule.fenced:
        rows = rows.filter(fence=generation.fence)
    if rule.overdue:
        rows = rows.filter(lease_until__lt=Now())
    moved = rows.update(**(_fields(rule) | values)) == 1
    if moved:
        if rule.target not in HELD:
            Progress.objects.filter(generation=generation).delete()
        transaction.on_commit(lambda: announce(generation.team_id, str(generation.public_id)))
        if PENDING in {generation.state, rule.target}:
            transaction.on_commit(lambda: announce(generation.team_id, WISHES))
    return moved


def claim(generation_id: int) -> Generation | None:
    """Take a queued row for this worker and return it with its new fence; None when somebody else has it."""
    with transaction.atomic():
        generation = Generation.objects.select_related("reference").filter(pk=generation_id).first()
        if generation is None or not move("claim", generation):
            return None
        generation.refresh_from_db(fields=["state", "fence", "lease_until"])
        return generation


def hold(generation: Generation) -> bool:
    """Lengthen the lease of the worker that renders or fetches; False when the row is no longer its own."""
    mine = Generation.objects.filter(pk=generation.pk, state=generation.state, state__in=HELD, fence=generation.fence)
    return mine.update(lease_until=_in(settings.RENDER_LEASE_S if generation.state == RENDERING else settings.STORE_LEASE_S)) == 1


def _fields(rule: Move) -> dict[str, Any]:
    """Return what a move writes beside its own values."""
    fields: dict[str, Any] = {"state": rule.target, "lease_until": _in(getattr(settings, rule.lease)) if rule.lease else None}
    if rule.takes:
        fields |= {"fence": F("fence") + 1, "started_at": Now()}
    if rule.overdue:
        fields["expiries"] = F("expiries") + 1
    if rule.target in FINAL:
        fields["finished_at"] = Now()
    if rule.target == QUEUED:
        fields["not_before"] = Now()  # since when it waits, which its page measures
    return fields


def _in(seconds: int) -> ExpressionWrapper[Any]:
    """Return the database's clock plus some seconds."""
    return ExpressionWrapper(Now() + Value(timedelta(seconds=seconds)), output_field=DateTimeField())
