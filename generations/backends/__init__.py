"""The registry of engines: IMAGE_BACKENDS in the settings, in the manner of Django's STORAGES."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from generations.backends.base import Backend, RemoteBackend
from generations.errors import InvalidInputs

__all__ = ["backend_for", "backends_on_offer", "default_backend", "is_remote", "queue_of", "takes_key", "title_of"]


@cache
def backend_for(alias: str) -> Backend:
    """Return the engine of that name, made once a process; InvalidInputs when there is none."""
    entry = settings.IMAGE_BACKENDS.get(alias)
    if entry is None:
        known = ", ".join(sorted(settings.IMAGE_BACKENDS))
        raise InvalidInputs({"backend": f"There is no backend of this name. Choose one of: {known}."})
    backend: Backend = import_string(entry["BACKEND"])(**entry["OPTIONS"])
    backend.alias = alias
    return backend


def default_backend() -> Backend:
    """Return the engine that serves requests that name none (DEFAULT_BACKEND)."""
    return backend_for(settings.DEFAULT_BACKEND)


def title_of(alias: str) -> str:
    """Return what people call an engine; its bare name when it made a picture once and is no longer set up."""
    return backend_for(alias).title if alias in settings.IMAGE_BACKENDS else alias


def queue_of(alias: str) -> str:
    """Return the queue whose workers make an engine's pictures; "" when it is no longer set up."""
    return backend_for(alias).queue if alias in settings.IMAGE_BACKENDS else ""


def takes_key(alias: str) -> bool:
    """Say whether an engine is paid for with keys, without importing it: a worker for vendors never loads the painter."""
    return "api_key" in settings.IMAGE_BACKENDS.get(alias, {}).get("OPTIONS", {})


def is_remote(alias: str) -> bool:
    """Say whether a vendor makes the pictures; False for an engine that is no longer set up."""
    return alias in settings.IMAGE_BACKENDS and isinstance(backend_for(alias), RemoteBackend)


def backends_on_offer() -> list[Backend]:
    """Return every engine, in the settings' order."""
    return [backend_for(alias) for alias in settings.IMAGE_BACKENDS]
