"""The line of queued rows in front of a backend."""

from __future__ import annotations

from django.conf import settings

from generations.models import Generation


def next_in_line(backend: str, most: int = 1) -> list[int]:
    """Return the ids of the rows that wait longest.

    Whoever finishes a row hints at the next, so that a line goes on by itself after a single hint.
    """
    return list(Generation.objects.waiting_for(backend).values_list("pk", flat=True)[:most])


def next_in_every_line(most: int) -> list[int]:
    """Return the first few of each backend's line."""
    return [pk for alias in settings.IMAGE_BACKENDS for pk in next_in_line(alias, most)]
