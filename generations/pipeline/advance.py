"""Take one generation a step further: paint it here, order it at a vendor, or fetch it from there."""

from __future__ import annotations

import logging

from django.db import DatabaseError, transaction

from generations import budget, lifecycle
from generations.backends import backend_for
from generations.backends.base import RemoteBackend
from generations.errors import BackendError, Cancelled
from generations.faults import reach
from generations.models import Generation, State
from generations.pipeline.fetch import fetch
from generations.pipeline.line import next_in_every_line, next_in_line, next_to_fetch, whose_turn
from generations.pipeline.render import Watch, render
from generations.pipeline.store import store
from generations.pipeline.submit import submit

log = logging.getLogger(__name__)

NOT_SAVED = (
    "The picture was painted but could not be saved: the disk is full or read-only. "
    "Nothing was charged. Tell whoever runs this server."
)
BROKEN = "{title} stopped with an error at this picture. Nothing was charged. Try again; if it stays so, change the prompt."


def take_turn(generation_id: int) -> list[int]:
    """Advance the row whose turn it is in the line in which this one waits; one that waits in none is advanced itself.

    A row that another worker took first costs nobody's turn: this one is looked at again.
    """
    generation = Generation.objects.select_related("team").filter(pk=generation_id, state=State.QUEUED).first()
    if generation is None:
        return advance(generation_id)
    chosen = whose_turn(generation)
    hints = advance(chosen)
    is_left = chosen != generation_id and not Generation.objects.filter(pk=chosen, state=State.QUEUED).exists()
    return hints or ([generation_id] if is_left else [])


def advance(generation_id: int, watch: Watch | None = None) -> list[int]:
    """Do what a row is waiting for; do nothing when it waits for nothing, or somebody else is at it.

    `watch(step, of)` is told each step that is painted here. Returns the id of the next in line.
    """
    found = Generation.objects.filter(pk=generation_id).values_list("backend", "state").first()
    if found is None:
        return []
    alias, state = found
    if not isinstance(backend_for(alias), RemoteBackend):
        return _paint(generation_id, watch)
    if state == State.FETCHING and fetch(generation_id):
        return next_to_fetch(1)
    if state == State.QUEUED and submit(generation_id):
        return next_in_every_line(1)
    return []


def _paint(generation_id: int, watch: Watch | None) -> list[int]:
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
        images = render(generation, watch)
        if not lifecycle.move("rendered", generation):
            raise Cancelled(detail=f"{generation} was taken away while it was rendered")
        store(generation, images)
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
