"""Celery shells: each takes an id, calls one function, and passes on the ids that deserve a hint."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from celery import shared_task
from kombu.exceptions import OperationalError

from generations import pipeline
from generations.backends import backend_for
from generations.models import Generation

log = logging.getLogger(__name__)


@shared_task
def advance(generation_id: int) -> None:
    hint(pipeline.advance(generation_id))


@shared_task
def sweep() -> None:
    hint(pipeline.sweep())


def hint(generation_ids: Iterable[int]) -> None:
    """Ask the workers to look at these rows. A hint that gets lost is given again by the next sweep."""
    rows = Generation.objects.filter(pk__in=list(generation_ids)).values_list("pk", "backend")
    for generation_id, backend in rows:
        try:
            advance.apply_async((generation_id,), queue=backend_for(backend).queue)
        except (OperationalError, OSError) as error:
            log.warning("hint for generation %s not sent, the sweep will: %s", generation_id, error)
