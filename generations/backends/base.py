"""What an engine is: a request in, pictures out. No Django here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest:
    """One picture to make, in the field's own words."""

    prompt: str
    width: int
    """Pixels, 256–1536."""
    height: int
    """Pixels, 256–1536."""
    num_inference_steps: int
    """1–50; more is finer and slower."""
    guidance_scale: float
    """1–20; how closely the picture keeps to the prompt."""
    seed: int
    """0–2147483647, always a real number by now."""
    strength: float | None = None
    """0–1, how far the reference picture is changed; None without one."""
    image: bytes | None = None
    """The reference picture as the bytes of a PNG that `images.open_picture` has checked."""
    output_format: str = "jpeg"
    """jpeg or png."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedImage:
    """One finished picture, as plain pixels."""

    width: int
    height: int
    pixels: bytes
    """RGB, 8 bits a channel, row by row: width × height × 3 bytes."""
    notes: tuple[str, ...] = ()
    """Sentences for the person, such as "Not drawn: jazz"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The picture as it stands halfway, small."""

    width: int
    height: int
    pixels: bytes
    """RGB, 8 bits a channel."""


OnStep = Callable[[int, int, Callable[[], Preview]], None]
"""Called as `on_step(step, of, preview)`; `preview()` costs something and is called only when wanted.

May raise `errors.Cancelled`, which a backend lets pass.
"""


class Backend(ABC):
    """What every engine says of itself."""

    alias: str = ""
    """The name in IMAGE_BACKENDS, set by the registry."""
    title: str = ""
    """What people call it."""
    tagline: str = ""
    """One line under the title."""
    queue: str = "local"
    """The Celery queue whose workers serve it."""
    price_microusd: int = 0
    """The price of one picture in millionths of a dollar; 0 is free."""

    @property
    def versions(self) -> dict[str, str]:
        """Name and version of everything that shapes the pixels; part of the receipt."""
        return {}

    def unavailable_because(self) -> str:
        """Say in a sentence why it cannot be used here, or "" when it can."""
        return ""


class LocalBackend(Backend):
    """An engine that paints in this process: the same request gives the same bytes."""

    @abstractmethod
    def render(self, request: ImageRequest, on_step: OnStep) -> list[RenderedImage]:
        """Make the picture; raises BackendError, or whatever `on_step` raises."""
