"""Which phrases a prompt gets: those that fit what it says, the likelier the more they go with it, drawn with a seed."""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Iterable, Mapping
from statistics import fmean, pstdev
from types import MappingProxyType

from generations.enhancers.base import Kind, Style
from generations.enhancers.local.association import Associations
from generations.enhancers.local.book import Phrase, phrase_book
from generations.enhancers.local.language import small_words
from generations.enhancers.local.subjects import singulars, subjects_of, with_implied, words_of

FITTING = 1.5
"""What a phrase that is meant for this subject has ahead of one that fits any, in the deviations of the model's scores."""
BEST = 1.0
"""Scores above this count as this: the few best are equally good, and the seed decides."""
CHANCE = 0.6
"""How much luck decides beside what the model thinks: 0 always takes its first choice, 10 ignores it."""
PRIORITIES = {
    Style.DEFAULT: (Kind.DETAIL, Kind.LIGHT, Kind.MEDIUM, Kind.COMPOSITION, Kind.PALETTE, Kind.MOOD),
    Style.ARTISTIC: (Kind.MEDIUM, Kind.LIGHT, Kind.DETAIL, Kind.PALETTE, Kind.MOOD, Kind.COMPOSITION),
    Style.PHOTOGRAPHIC: (Kind.MEDIUM, Kind.LIGHT, Kind.COMPOSITION, Kind.DETAIL, Kind.PALETTE, Kind.MOOD),
    Style.TECHNICAL: (Kind.MEDIUM, Kind.COMPOSITION, Kind.DETAIL, Kind.PALETTE, Kind.LIGHT, Kind.MOOD),
    Style.ANIME: (Kind.MEDIUM, Kind.DETAIL, Kind.LIGHT, Kind.PALETTE, Kind.MOOD, Kind.COMPOSITION),
    Style.REALISTIC: (Kind.DETAIL, Kind.LIGHT, Kind.MEDIUM, Kind.COMPOSITION, Kind.PALETTE, Kind.MOOD),
}
"""What matters most for a style is chosen first; later choices agree with earlier ones."""
MANY_WORDS = 25
"""A prompt with more describes many things: additions are then about the whole scene, not about a figure in it."""
SCENES = frozenset({"city", "landscape", "sea", "space", "battle"})
FIGURES = frozenset(
    {"person", "elder", "child", "animal", "furry", "horse", "bird", "insect", "vehicle", "car", "boat", "object"}
)
PRIORITIES_OF_MANY_WORDS = (Kind.LIGHT, Kind.MOOD, Kind.PALETTE, Kind.MEDIUM)
READING_ORDER = (Kind.DETAIL, Kind.COMPOSITION, Kind.LIGHT, Kind.PALETTE, Kind.MOOD, Kind.MEDIUM)
BRINGS = {
    Style.PHOTOGRAPHIC: frozenset({"photo"}),
    Style.REALISTIC: frozenset({"photo"}),
    Style.ARTISTIC: frozenset({"painted"}),
    Style.ANIME: frozenset({"painted"}),
}
"""What a style itself adds to the scene, unless the prompt states its medium."""


def tags_for(prompt: str, style: Style, stated: Iterable[Kind]) -> frozenset[str]:
    """Return what the prompt is about, and whether it becomes a photograph or a painting."""
    tags = subjects_of(prompt)
    if len(words_of(prompt)) > MANY_WORDS and not tags.isdisjoint(SCENES):
        tags -= FIGURES
    return tags | (frozenset() if Kind.MEDIUM in stated else BRINGS.get(style, frozenset()))


def chosen(
    prompt: str,
    style: Style,
    seed: int,
    kinds: Iterable[Kind],
    room: int,
    tags: frozenset[str] | None = None,
    minds: Mapping[Kind, Associations] = MappingProxyType({}),
) -> list[Phrase]:
    """Return up to `room` phrases, one a kind, in reading order; without tags only phrases that suit anything."""
    draw = random.Random(hashlib.sha256(f"{seed}\0{style}\0{prompt}".encode(errors="replace")).digest())
    used = _stems(words_of(prompt))
    picked: list[Phrase] = []
    for kind in kinds:
        phrase = _best(kind, style, tags, used, minds.get(kind), draw)
        if phrase and len(picked) < room:
            picked.append(phrase)
            used |= _stems(phrase.content)
            tags = None if tags is None else with_implied(tags | phrase.group.brings)
    return sorted(picked, key=lambda phrase: READING_ORDER.index(phrase.kind))


def _best(
    kind: Kind, style: Style, tags: frozenset[str] | None, used: set[str], mind: Associations | None, draw: random.Random
) -> Phrase | None:
    """Draw one of the phrases that fit, the likelier the better the model thinks of it; Gumbel noise makes a softmax of it."""
    candidates, fortunes = [], []
    for phrase in phrase_book()[kind]:
        luck = -math.log(-math.log(draw.random() or 0.5))
        suits = phrase.group.suits_anything(style) if tags is None else phrase.group.suits(tags, style)
        if suits and used.isdisjoint(_stems(phrase.content)):
            candidates.append(phrase)
            fortunes.append((0.0 if "any" in phrase.group.fits else FITTING) + CHANCE * luck)
    if not candidates:
        return None
    marks = map(sum, zip(_scores(candidates, mind), fortunes, strict=True))
    return max(zip(marks, candidates, strict=True), key=lambda mark: mark[0])[1]


def _scores(candidates: list[Phrase], mind: Associations | None) -> list[float]:
    """Return by how many standard deviations the model likes each better than the average of them."""
    scores = [mind.score(phrase.content) if mind else 0.0 for phrase in candidates]
    middle, spread = fmean(scores), pstdev(scores) or 1.0
    return [min(BEST, (score - middle) / spread) for score in scores]


def _stems(words: Iterable[str]) -> set[str]:
    """Return the words that mean something, and their singulars: "petals" is not said where "petal" was."""
    return {form for word in words for form in singulars(word) if form not in small_words("empty")}
