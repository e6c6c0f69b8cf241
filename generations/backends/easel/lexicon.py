"""The tables of words: what a name means and how its drawing is used."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

Stance = Literal["stands", "portrait", "face", "flies", "floats", "swims", "lies", "sky", "airy"]

MOST_WORDS = 5
"""The longest name in the tables, in words."""

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """One thing that can be drawn."""

    emoji: str
    name: str
    stance: Stance
    size_m: float
    """How high it is in life, in metres."""
    home: str
    """The place it is put when the prompt names none; "" when anywhere will do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """Every table, keyed by words in lower case without accents."""

    drawings: Mapping[str, Drawing]
    """By every name and alias."""
    by_emoji: Mapping[str, Drawing]
    """By the emoji without variation selectors."""
    places: Mapping[str, str]
    times: Mapping[str, str]
    weathers: Mapping[str, str]
    seasons: Mapping[str, str]
    moods: Mapping[str, str]
    styles: Mapping[str, str]
    postures: Mapping[str, str]
    relations: Mapping[str, str]
    colours: Mapping[str, str]
    shades: Mapping[str, float]
    sizes: Mapping[str, float]
    numbers: Mapping[str, int]
    group_words: frozenset[str]
    nothing: frozenset[str]
    quality: frozenset[str]
    stop: frozenset[str]
    plurals: Mapping[str, str]

    def singulars(self, word: str) -> Iterator[str]:
        """Yield the word and what it may be the plural of, likeliest first."""
        yield word
        if word in self.plurals:
            yield self.plurals[word]
        if word.endswith("ies"):
            yield word[:-3] + "y"
        if word.endswith("ves"):
            yield word[:-3] + "f"
            yield word[:-3] + "fe"
        if word.endswith("es"):
            yield word[:-2]
        if word.endswith("s") and not word.endswith("ss"):
            yield word[:-1]


@cache
def lexicon() -> Lexicon:
    """Return the tables, read once a process."""
    words: dict[str, Any] = json.loads((_FOLDER / "words.json").read_text("utf-8"))
    drawings, by_emoji = _drawings()
    return Lexicon(
        drawings=drawings,
        by_emoji=by_emoji,
        places=_by_word(words["places"]),
        times=_by_word(words["times"]),
        weathers=_by_word(words["weathers"]),
        seasons=_by_word(words["seasons"]),
        moods=_by_word(words["moods"]),
        styles=_by_word(words["styles"]),
        postures=_by_word(words["postures"]),
        relations=_by_word(words["relations"]),
        colours=words["colours"],
        shades=words["shades"],
        sizes=words["sizes"],
        numbers=words["numbers"],
        group_words=frozenset(words["group_words"]),
        nothing=frozenset(words["nothing"]),
        quality=frozenset(words["quality"]),
        stop=frozenset(words["stop"]),
        plurals=words["plurals"],
    )


def bare(emoji: str) -> str:
    """Return an emoji without variation selectors."""
    return emoji.replace("\ufe0f", "").replace("\ufe0e", "")


def _drawings() -> tuple[dict[str, Drawing], dict[str, Drawing]]:
    by_name: dict[str, Drawing] = {}
    by_emoji: dict[str, Drawing] = {}
    for group in json.loads((_FOLDER / "things.json").read_text("utf-8")):
        for emoji, (size_m, *names) in group["things"].items():
            drawing = Drawing(emoji=bare(emoji), name=names[0], stance=group["stance"], size_m=size_m, home=group["home"])
            by_emoji[drawing.emoji] = drawing
            for name in names:
                by_name.setdefault(name, drawing)
    return by_name, by_emoji


def _by_word(table: Mapping[str, list[str]]) -> dict[str, str]:
    return {word: meaning for meaning, words in table.items() for word in words}
