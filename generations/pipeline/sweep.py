"""Find what got stuck: leases that ran out, answers that were lost and hints that got lost; and what is over."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.cache import cache

from generations import enhancement_pictures, keeping, lifecycle
from generations.backends import backend_for
from generations.backends.base import RemoteBackend
from generations.models import Generation, Outcome, State
from generations.pipeline.line import next_in_every_line, next_to_fetch
from generations.pipeline.reconcile import reconcile
from generations.pipeline.store import remove_strays
from generations.pipeline.submit import lose
from generations.uploads import forget_old

log = logging.getLogger(__name__)

MOST_ROWS = 500
HINTS_A_LINE = 8
HINTS_TO_FETCH = 4
PURGE_EVERY_S = 3600

PARKED = "Making this picture was interrupted {count} times, so it is not tried again by itself. Nothing was charged."
UNFETCHED = "The picture is done, but copying it was interrupted {count} times. Try again to copy it; it is not ordered again."
CHECKING = "WaveSpeed's answer was lost, so the picture may be under way. This is being checked; it is not ordered twice."


def sweep() -> list[int]:
    """Give back what dead workers held and return the rows that wait longest, in case their hints are lost."""
    for generation in Generation.objects.expired().order_by("lease_until")[:MOST_ROWS]:
        _release(generation)
    freed = reconcile()
    forget_old()
    # All processes share the cache, so that this is once an hour.
    if cache.add("purge_old", True, PURGE_EVERY_S):
        keeping.purge_old()
        enhancement_pictures.forget_old()
    return [*freed, *next_to_fetch(HINTS_TO_FETCH), *next_in_every_line(HINTS_A_LINE)]


def _release(generation: Generation) -> None:
    """Put an overdue row where its next worker finds it; what has been overdue too often waits for a person instead."""
    if generation.state == State.SUBMITTING:
        # None when its late answer came a moment ago, or another sweep was faster.
        if (attempt := generation.attempts.filter(outcome=Outcome.OPEN).first()) is not None:
            lose(attempt, CHECKING, "the lease ran out", move="forgotten")
        return
    local = not isinstance(backend_for(generation.backend), RemoteBackend)
    count = generation.expiries + 1
    if count < settings.EXPIRIES_BEFORE_REVIEW:
        moved = lifecycle.move("give_back" if local else "fetch_again", generation)
    else:
        moved = lifecycle.move("park", generation, error=(PARKED if local else UNFETCHED).format(count=count))
        if moved:
            remove_strays(generation, range(generation.fence + 1))
    if moved:
        log.warning("generation %s: its worker was lost (%s of %s)", generation.public_id, count, settings.EXPIRIES_BEFORE_REVIEW)
