"""What stands on a tile of the gallery, ready for a template that is rendered once and filled in for each."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.text import Truncator

from generations.models import Generation, Image

WORDS = 120
"""Characters of a prompt that are read out with a picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One picture of a page of the gallery; `templatetags.stencil` says why most of its values are texts."""

    image: Image | None
    is_favourite: bool
    is_private: bool
    is_stack: bool
    """It stands for several pictures that one press asked for."""
    shape: str
    """Width over height in twentieths; the stylesheet has a class for each."""
    id: UUID
    stack: UUID
    picks: str
    """The ids that its box selects, with a comma between."""
    count: str
    words: str
    """The prompt, short enough to be read out."""
    prompt: str
    author: str
    seed: str
    placeholder: str
    width: str
    height: str
    days_left: str
    """Until it leaves the trash, such as "1 day"."""

    @property
    def kind(self) -> tuple[bool, ...]:
        return (self.is_favourite, self.is_private, self.is_stack)


def tile_of(generation: Generation, days_left: int = 0) -> Tile:
    """Return the tile of a generation that was read with its author, its images and whether it is a favourite."""
    image = next(iter(generation.images.all()), None)
    stacked = getattr(generation, "stacked", ()) or (generation.public_id,)
    return Tile(
        image=image,
        is_favourite=getattr(generation, "is_favourite", False),
        is_private=generation.is_private,
        is_stack=len(stacked) > 1,
        shape=str(generation.proportion),
        id=generation.public_id,
        stack=generation.stack,
        picks=",".join(str(each) for each in stacked),
        count=str(len(stacked)),
        words=Truncator(generation.title).chars(WORDS),
        prompt=generation.prompt,
        author=str(generation.author),
        seed=str(generation.seed),
        placeholder=image.placeholder if image else "",
        width=str(image.width) if image else "",
        height=str(image.height) if image else "",
        days_left=f"{days_left} day{'' if days_left == 1 else 's'}",
    )
