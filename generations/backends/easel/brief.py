"""What a prompt asks for, as a painter would note it down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from generations.backends.easel.lexicon import Drawing
from generations.backends.easel.raster import Colour

Link = Literal["on", "in", "under", "with", "wears", "behind"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One thing to show, perhaps several times."""

    drawing: Drawing
    count: int = 1
    colours: tuple[Colour, ...] = ()
    """Taken in turn when there are several; none leaves the drawing's own."""
    size: float = 1
    """1.5 for giant, 0.6 for tiny."""
    posture: str = ""
    """on_the_wing, afloat or "" for what the drawing does by itself."""
    link: Link | None = None
    """How it belongs to another subject: this one is what that one is on, under, with, wears or has behind it."""
    to: int = -1
    """The index of that other subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """The whole prompt, understood."""

    subjects: tuple[Subject, ...] = ()
    place: str = ""
    time: str = ""
    weather: str = ""
    season: str = ""
    moods: tuple[str, ...] = ()
    style: str = "oil"
    colours: tuple[Colour, ...] = ()
    """Every colour named, in order."""
    sky: Colour | None = None
    """The colour asked for the sky."""
    ground: Colour | None = None
    """The colour asked for the ground or the water."""
    undrawn: tuple[str, ...] = ()
    """Content words that nothing was made of, in order."""
    notes: tuple[str, ...] = ()
    """Sentences about what was left out."""

    @property
    def is_abstract(self) -> bool:
        """Whether there is nothing to show but colours and mood."""
        return not (self.subjects or self.place or self.time or self.weather or self.season)
