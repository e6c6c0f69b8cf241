"""What a prompt is about, read with a plain lexicon: subjects (person, sea, food) and traits (night, snow, old)."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

LONGEST_NAME = 3
"""Words in the longest name of the lexicon."""
WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")


def words_of(text: str) -> list[str]:
    """Return the words in small letters; an emoji counts as the words of its Unicode name, which is English."""
    spelled = "".join(_spelled(character) for character in text)
    return [word.removesuffix("'s") for word in WORD.findall(spelled.lower().replace("’", "'"))]


def subjects_of(text: str) -> frozenset[str]:
    """Return every subject and trait that the words name, and what follows from them."""
    lexicon, words = _lexicon(), words_of(text)
    found: set[str] = set()
    at = 0
    while at < len(words):
        length, tags = _longest_name(lexicon, words, at)
        found |= tags
        at += length
    return with_implied(found)


def with_implied(tags: set[str] | frozenset[str]) -> frozenset[str]:
    """Return the tags and all that follows from them: a fox is furry, what is furry is an animal."""
    implies, known, fresh = _tables()["implies"], set(tags), set(tags)
    while fresh:
        fresh = {implied for tag in fresh for implied in implies.get(tag, ())} - known
        known |= fresh
    return frozenset(known)


def singulars(word: str) -> list[str]:
    """Return the word and the singulars that it may be the plural of, the likeliest first."""
    forms = [word]
    if word.endswith("ies"):
        forms.append(word[:-3] + "y")
    if word.endswith("es"):
        forms.append(word[:-2])
    if word.endswith("s") and not word.endswith("ss"):
        forms.append(word[:-1])
    return forms


def known_words() -> frozenset[str]:
    """Return every single word of the lexicon."""
    return frozenset(name for name in _lexicon() if " " not in name)


def tags_known() -> frozenset[str]:
    """Return every subject and trait there is."""
    tables = _tables()
    implied = {tag for tags in tables["implies"].values() for tag in tags}
    return frozenset({*tables["words"], *tables["implies"], *implied})


def _spelled(character: str) -> str:
    if unicodedata.category(character) != "So":
        return character
    # "FOX FACE" is a fox; a face would be a person.
    return f" {unicodedata.name(character, '').removesuffix(' FACE')} "


def _longest_name(lexicon: dict[str, set[str]], words: list[str], at: int) -> tuple[int, set[str]]:
    for length in range(min(LONGEST_NAME, len(words) - at), 0, -1):
        *first, last = words[at : at + length]
        for form in singulars(last):
            tags = lexicon.get(" ".join([*first, form]))
            if tags:
                return length, tags
    return 1, set()


@cache
def _lexicon() -> dict[str, set[str]]:
    names: dict[str, set[str]] = {}
    for tag, listing in _tables()["words"].items():
        for name in _names(listing):
            names.setdefault(name, set()).add(tag)
    return names


def _names(listing: str) -> list[str]:
    """Read "cat dog; polar bear; red panda": words up to the first semicolon, then names of several words."""
    singles, *several = listing.split(";")
    return [*singles.split(), *(" ".join(name.split()) for name in several)]


@cache
def _tables() -> dict[str, dict[str, Any]]:
    return tomllib.loads((Path(__file__).parent / "subjects.toml").read_text())
