"""Take one generation as far as it goes."""

from __future__ import annotations

import logging

from django.db import DatabaseError, transaction

from generations import budget, lifecycle
from generations.backends import backend_for
from generations.errors import BackendError, Cancelled
from generations.faults import reach
from generations.models import Generation
from generations.pipeline.line import next_in_line
from generations.pipeline.render import Watch, render
from generations.pipeline.store import store

log = logging.getLogger(__name__)

NOT_SAVED = (
    "The picture was painted but could not be saved: the disk is full or read-only. "
    "Nothing was charged. Tell whoever runs this server."
)
BROKEN = "{title} stopped with an error at this picture. Nothing was charged. Try again; if it stays so, change the prompt."


def advance(generation_id: int, watch: Watch | None = None) -> list[int]:
    """Claim, render and store one queued generation; do nothing when it is not there to claim.

    `watch(step, of)` is told each step. Returns the id of the next in line.
    """
    generation = lifecycle.claim(generation_id)
    if generation is None:
        return []
    try:
        _make(generation, watch)
    except Cancelled:
        log.info("generation %s moved on without this worker", generation.public_id)
    return next_in_line(generation.backend)


def _make(generation: Generation, watch: Watch | None) -> None:
    """Render and store; what goes wrong ends as a failed row with a sentence."""
    try:
        store(generation, render(generation, watch))
    except (Cancelled, DatabaseError):
        raise  # A database that is away cannot be told of a failure: the lease runs out and the sweep gives the row back.
    except BackendError as error:
        _fail(generation, error.message, str(error))
    except OSError as error:
        log.exception("generation %s", generation.public_id)
        _fail(generation, NOT_SAVED, repr(error))
    except Exception as error:  # The outermost edge: a bug in an engine must not make the row go round for ever.
        log.exception("generation %s", generation.public_id)
        _fail(generation, BROKEN.format(title=backend_for(generation.backend).title), repr(error))


def _fail(generation: Generation, message: str, detail: str) -> None:
    with transaction.atomic():
        if lifecycle.move("fail", generation, error=message, detail=detail[:2000]):
            budget.release(generation)
    reach("after_publish")
