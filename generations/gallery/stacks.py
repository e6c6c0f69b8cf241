"""What one press asked for, or one recipe over more seeds, lies in the gallery as one picture that opens."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from generations.models import Generation


def covers_of(generations: Sequence[Generation]) -> list[Generation]:
    """Return the newest picture of each stack on a page, with the ids of all that it stands for as `stacked`.

    Only what lies on the same page is put together, so that a page costs nothing more and none is ever left out.
    """
    covers: dict[UUID, Generation] = {}
    for generation in generations:
        cover = covers.setdefault(generation.stack, generation)
        stacked = [*getattr(cover, "stacked", ()), generation.public_id]
        cover.stacked = stacked  # type: ignore[attr-defined]
    return list(covers.values())
