"""The picture before any paint: where, when, in which light, and every thing with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from generations.backends.easel.brief import Brief
from generations.backends.easel.lexicon import Drawing
from generations.backends.easel.palette import Palette
from generations.backends.easel.raster import Colour

Ground = Literal["stands", "hangs", "floats", "swims", "rests", "portrait", "held"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One drawing in its place; pixels of the picture asked for."""

    drawing: Drawing
    subject: int
    """The index of its subject in the brief; -1 for what the painter added."""
    left: float
    top: float
    width: float
    height: float
    depth: float
    """0 at the painter's feet, 1 at the horizon."""
    footing: Ground
    """What it is held by: only what stands throws a shadow on the ground, only what floats is mirrored at its foot."""
    flip: bool = False
    tilt: float = 0
    """Degrees, anticlockwise."""
    colour: Colour | None = None

    @property
    def base(self) -> float:
        """Where its foot is."""
        return self.top + self.height

    @property
    def middle(self) -> float:
        return self.left + self.width / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """Where the light comes from."""

    kind: Literal["sun", "moon", "lamp", "none"]
    shown: bool
    """Whether its disc is in the picture."""
    x: float
    y: float
    """The disc's middle, in pixels."""
    radius: float
    direction: tuple[float, float]
    """Towards the light, right and down, about 1 long."""
    phase: Literal["full", "crescent"] = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """All that is known before painting."""

    brief: Brief
    width: int
    height: int
    seed: int
    place: str
    time: str
    weather: str
    horizon: float
    """Pixels from the top; beyond the height where there is no ground."""
    palette: Palette
    light: Light
    things: tuple[Thing, ...]
    """Far to near."""
