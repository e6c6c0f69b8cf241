"""What an enhancer is: a prompt in, a better prompt out, in which every added piece can be told apart. No Django here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What an addition says about the picture."""

    MEDIUM = "medium"
    LIGHT = "light"
    COMPOSITION = "composition"
    MOOD = "mood"
    PALETTE = "palette"
    DETAIL = "detail"


class Style(StrEnum):
    """In which manner a prompt is improved; the vendor's list (wavespeed-ai/prompt-optimizer)."""

    DEFAULT = "default"
    ARTISTIC = "artistic"
    PHOTOGRAPHIC = "photographic"
    TECHNICAL = "technical"
    ANIME = "anime"
    REALISTIC = "realistic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """A piece of the text that the person did not write; without it the text still reads well."""

    kind: Kind
    start: int
    """Index of its first character in the text, a comma and a blank before the words included."""
    end: int
    """Index after its last character."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enhancement:
    """A prompt, and what an enhancer made of it."""

    original: str
    text: str
    additions: tuple[Addition, ...] = ()
    """In the text's order, without overlaps; empty when the text was written anew and nothing of it can be told apart."""
    notes: tuple[str, ...] = ()
    """Sentences for the person."""

    def with_only(self, kept: Collection[int]) -> str:
        """Return the text with these additions, by their place in `additions`, and without the others."""
        parts, at = [], 0
        for place, addition in enumerate(self.additions):
            if place not in kept:
                parts.append(self.text[at : addition.start])
                at = addition.end
        return "".join([*parts, self.text[at:]])


class Enhancer(ABC):
    """One enhancer. Every method may be called from several threads at once."""

    alias = ""
    """Its name in PROMPT_ENHANCERS."""
    title = ""
    """What people call it."""
    tagline = ""
    """One line about it."""
    sees = False
    """It looks at a reference picture; only then `enhance` gets one."""
    is_paid = False
    """A vendor charges for each prompt, with the key of `for_key`: `price` says how much, before anything is sent.

    Its name is that of the image backend whose accounts pay."""

    def unavailable_because(self) -> str:
        """Say in a sentence why it cannot be used here; "" when it can."""
        return ""

    def for_key(self, key: str) -> Enhancer:
        """Return the same enhancer for another account."""
        return self

    def price(self, prompt: str, *, style: Style, image: bytes | None = None) -> int:
        """Return what this prompt would cost, in millionths of a dollar; nothing is charged for asking. Raises EnhanceFailed."""
        return 0

    @abstractmethod
    def enhance(self, prompt: str, *, style: Style, seed: int, image: bytes | None = None) -> Enhancement:
        """Improve a prompt of 1–5,000 characters; the same request gives the same text where `is_paid` is not set.

        `image` is a reference picture as the bytes of a PNG; an enhancer that sees no pictures ignores it.
        Raises EnhanceFailed, and EnhanceUnknown when an order was sent, may have been charged, and brought nothing.
        """
