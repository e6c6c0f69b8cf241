"""The phrase book: what may be said of a picture, and to which prompts and styles each phrase fits."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from generations.enhancers.base import Kind, Style
from generations.enhancers.local.language import small_words
from generations.enhancers.local.subjects import with_implied

NARROW_SUBJECTS = frozenset({"graphic", "abstract"})
"""A logo has no weather: with these only groups that name them fit."""
NARROW_STYLES = frozenset({Style.TECHNICAL})
"""A diagram has no mood of its own: with these only groups that name them fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Phrases that fit the same prompts; `fits` and `clashes` speak of tags of the lexicon."""

    fits: frozenset[str]
    """Any of these is enough; "a+b" asks for both, "any" for nothing."""
    clashes: frozenset[str]
    styles: frozenset[Style]
    """Empty: every style that is not narrow."""
    brings: frozenset[str]
    """What a phrase adds to the scene, so that later ones agree with it."""

    def suits(self, tags: Collection[str], style: Style) -> bool:
        """Say whether the group may be used for such a prompt."""
        return self._suits_style(style) and self.clashes.isdisjoint(tags) and self._suits_subject(frozenset(tags))

    def suits_anything(self, style: Style) -> bool:
        """Say whether it may be used for a prompt of which nothing is known."""
        return self._suits_style(style) and "any" in self.fits and not self.clashes

    def _suits_style(self, style: Style) -> bool:
        return style in self.styles if self.styles else style not in NARROW_STYLES

    def _suits_subject(self, tags: frozenset[str]) -> bool:
        named = [set(fit.split("+")) for fit in self.fits - {"any"}]
        narrow = NARROW_SUBJECTS & tags
        if narrow and not self.styles & NARROW_STYLES:
            return any(fit <= tags and fit & narrow for fit in named)
        return "any" in self.fits or any(fit <= tags for fit in named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A few words of the book."""

    kind: Kind
    words: str
    group: Group

    @property
    def content(self) -> tuple[str, ...]:
        """Its words without "the" and "of"."""
        return _content(self.words)


@cache
def phrase_book() -> dict[Kind, tuple[Phrase, ...]]:
    """Return all phrases, by kind, in the book's order."""
    tables = tomllib.loads((Path(__file__).parent / "phrases.toml").read_text())
    return {kind: tuple(phrase for entry in tables[kind] for phrase in _phrases(kind, entry)) for kind in Kind}


@cache
def _content(words: str) -> tuple[str, ...]:
    return tuple(word for word in re.findall(r"[a-z]+", words.lower()) if word not in small_words("empty"))


def _phrases(kind: Kind, entry: dict[str, Any]) -> list[Phrase]:
    group = Group(
        fits=frozenset(entry.get("fits", ["any"])),
        clashes=frozenset(entry.get("clashes", ())),
        styles=frozenset(Style(style) for style in entry.get("styles", ())),
        brings=with_implied(set(entry.get("brings", ()))),
    )
    return [Phrase(kind=kind, words=words, group=group) for words in entry["phrases"]]
