"""What one press asked for, or one recipe over more seeds, lies in the gallery as one picture that opens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from generations.models import Generation


def covers_of(generations: Sequence[Generation]) -> list[Generation]:
    """Return the newest picture of each stack on a page, with the number of pictures it stands for as `stack_size`.

    Only what lies on the same page is put together, so that a page costs nothing more and none is ever left out.
    """
    sizes = Counter(generation.stack for generation in generations)
    covers: dict[object, Generation] = {}
    for generation in generations:
        cover = covers.setdefault(generation.stack, generation)
        cover.stack_size = sizes[generation.stack]  # type: ignore[attr-defined]
    return list(covers.values())
