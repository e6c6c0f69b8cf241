"""Whether a prompt is in English, well enough to choose phrases for what it says."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from generations.enhancers.local.subjects import known_words, singulars, words_of


def is_english(text: str) -> bool:
    """Say whether most letters are Latin, and more words are English than of another language; names and emoji are nobody's."""
    letters = [character for character in text if character.isalpha()]
    if sum(character < "\u0250" for character in letters) * 2 < len(letters):
        return False
    words, known = words_of(text), known_words() | small_words("english")
    english = sum(not known.isdisjoint(singulars(word)) for word in words)
    return english >= sum(word in small_words("foreign") or not word.isascii() for word in words)


@cache
def small_words(name: str) -> frozenset[str]:
    """Return one of the lists of language.toml: "english", "foreign", or "empty", which are words that mean nothing alone."""
    lists = tomllib.loads((Path(__file__).parent / "language.toml").read_text())
    return frozenset(lists[name].split())
