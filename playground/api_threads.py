"""A few threads, each with a database connection that it keeps: what the API does that is not async runs on them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from asgiref.sync import SyncToAsync, ThreadSensitiveContext
from django.db import close_old_connections, connections

THREADS = 4
KEPT = {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


class Threads(ThreadPoolExecutor):
    """Run each call on a connection that works."""

    def __init__(self) -> None:
        super().__init__(THREADS, thread_name_prefix="api", initializer=_keep_connections)

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        return super().submit(_tended, work, *arguments, **named)


def shared_context() -> ThreadSensitiveContext:
    """Return a context whose calls run on the threads.

    asgiref asks for one thread a context, for code that keeps something in its thread from call to call. Nothing of the
    API does: a transaction begins and ends within one call. The context is never entered, so that it never ends.
    """
    context = ThreadSensitiveContext()
    SyncToAsync.context_to_thread_executor[context] = Threads()
    return context


def _keep_connections() -> None:
    """Let this thread's connections outlive a call; those of all other threads are left as they are."""
    for connection in connections.all():
        connection.settings_dict = {**connection.settings_dict, **KEPT}


def _tended(work: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Do what Django's signals do before a request."""
    for connection in connections.all(initialized_only=True):
        # SQLite's own check finds every connection usable.
        if connection.errors_occurred:
            connection.close()
    close_old_connections()
    return work(*arguments, **named)
