"""Keep the lease of a row whose engine says nothing for minutes, as while it loads a model."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import DatabaseError, connections

from generations import lifecycle
from generations.models import Generation

log = logging.getLogger(__name__)

LOOKS_A_LEASE = 4
"""How often in a lease's time it is renewed."""


@contextlib.contextmanager
def kept(generation: Generation, patience_s: Callable[[], float]) -> Iterator[None]:
    """Renew the lease from another thread for as long as `patience_s()` is above 0, which is asked each time.

    With an engine that has got stuck the patience ends, and so does the lease.
    """
    if patience_s() <= 0:
        yield
        return
    done = threading.Event()
    thread = threading.Thread(target=_keep, args=(generation, patience_s, done), name=f"lease of {generation.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _keep(generation: Generation, patience_s: Callable[[], float], done: threading.Event) -> None:
    try:
        while not done.wait(settings.RENDER_LEASE_S / LOOKS_A_LEASE) and patience_s() > 0:
            if not _renewed(generation):
                return
    finally:
        connections.close_all()


def _renewed(generation: Generation) -> bool:
    """Renew it once; a database that is away for a moment is asked again the next time."""
    try:
        return lifecycle.hold(generation)
    except DatabaseError:
        log.warning("the lease of %s could not be renewed", generation.public_id, exc_info=True)
        return True
