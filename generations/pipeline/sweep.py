"""Find what got stuck: leases that ran out and hints that got lost."""

from __future__ import annotations

import logging

from django.conf import settings

from generations import lifecycle
from generations.models import Generation
from generations.pipeline.line import next_in_every_line
from generations.pipeline.store import remove_strays

log = logging.getLogger(__name__)

MOST_ROWS = 500
HINTS_A_LINE = 8

PARKED = "Making this picture was interrupted {count} times, so it is not tried again by itself. Nothing was charged."


def sweep() -> list[int]:
    """Give back what dead workers held and return the rows that wait longest, in case their hints are lost."""
    for generation in Generation.objects.expired().order_by("lease_until")[:MOST_ROWS]:
        _give_back_or_park(generation)
    return next_in_every_line(HINTS_A_LINE)


def _give_back_or_park(generation: Generation) -> None:
    """Put an overdue row back in line; what has been overdue too often waits for a person instead."""
    count = generation.expiries + 1
    if count < settings.EXPIRIES_BEFORE_REVIEW:
        moved = lifecycle.move("give_back", generation)
    else:
        moved = lifecycle.move("park", generation, error=PARKED.format(count=count))
        if moved:
            remove_strays(generation)
    if moved:
        log.warning("generation %s: its worker was lost (%s of %s)", generation.public_id, count, settings.EXPIRIES_BEFORE_REVIEW)
