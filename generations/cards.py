"""What a card shows: one generation in any state, for one person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from generations import lifecycle
from generations.access import may_change
from generations.backends import title_of
from generations.models import Generation, Image, Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    generation: Generation
    size: str
    """hero or tile."""
    image: Image | None
    place: int
    """Place in line, 1 is next; 0 when it is not waiting."""
    may_change: bool
    may_cancel: bool
    shape: int
    """Width over height in twentieths; the stylesheet has a class for each."""
    made_by: str
    seconds: str
    """How long the engine took."""


def card_for(member: Member | None, generation: Generation, size: str = "tile") -> Card:
    """Return the card of a generation read with `with_card()`."""
    changes = may_change(member, generation)
    return Card(
        generation=generation,
        size=size if size in {"hero", "tile"} else "tile",
        image=next(iter(generation.images.all()), None),
        place=getattr(generation, "place", 0),
        may_change=changes,
        may_cancel=changes and generation.state in lifecycle.TABLE["cancel"].sources,
        shape=round(20 * generation.width / generation.height),
        made_by=title_of(generation.backend),
        seconds=f"{(generation.render_ms or 0) / 1000:.1f}",
    )


def cards_for(member: Member | None, generations: Iterable[Generation], size: str = "tile") -> list[Card]:
    return [card_for(member, generation, size) for generation in generations]
