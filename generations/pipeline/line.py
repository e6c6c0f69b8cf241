"""The line of queued rows in front of a backend."""

from __future__ import annotations

from django.conf import settings

from generations.models import Account, Generation
from generations.models.generation import GenerationQuerySet


def next_in_line(backend: str, most: int = 1) -> list[int]:
    """Return the ids of the rows that wait longest.

    Whoever finishes a row hints at the next, so that a line goes on by itself after a single hint.
    """
    return list(Generation.objects.waiting_for(backend).values_list("pk", flat=True)[:most])


def next_in_every_line(most: int) -> list[int]:
    """Return the first few of each line. Teams that pay for themselves wait apart: their pause must not stop the others."""
    lines = [line for alias in settings.IMAGE_BACKENDS for line in _lines(alias)]
    return [pk for line in lines for pk in line.values_list("pk", flat=True)[:most]]


def next_to_fetch(most: int) -> list[int]:
    """Return the ids of the rows that have been done at their vendor for longest and are not yet copied."""
    return list(Generation.objects.to_fetch().values_list("pk", flat=True)[:most])


def _lines(backend: str) -> list[GenerationQuerySet]:
    waiting = Generation.objects.waiting_for(backend)
    own = Account.objects.filter(backend=backend, team__isnull=False).exclude(sealed_key="")
    paying = list(own.values_list("team", flat=True))
    return [waiting.exclude(team__in=paying), *(waiting.filter(team=team) for team in paying)]
