"""A team's list of words, phrases and patterns, and the look for them in a prompt.

One entry a line; what follows a # is a comment. A word is found whole, in any case and with or without accents. A `*` stands
for any letters of a word, and alone between two words for any one word. Nobody writes a regular expression here, so that no
list makes a prompt slow: the time grows with the length of the prompt, and with the length of the list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from generations.errors import InvalidInputs
from generations.words import words_of

MOST_LINES = 500
LONGEST_LINE = 100
"""Characters."""
MOST_STARRED = 8
"""Words of a phrase with a star in it."""
_STAR = "ʘ"
"""A letter that stands for a `*` while a line is taken apart, since a word has letters alone."""

TOO_MANY = f"The list has more than {MOST_LINES} lines. Shorten it, or let one pattern with * stand for several words."
TOO_LONG = f"Line {{line}} is longer than {LONGEST_LINE} characters. Split it into shorter ones."
TOO_MANY_WORDS = f"Line {{line}} has a * among more than {MOST_STARRED} words. Shorten it to what matters."
NO_WORD = "Line {line} has no word in it: “{text}”. Write a word, a phrase, or a part of a word with *."


@dataclass(frozen=True, slots=True)
class WordList:
    """A list that was read: phrases without a star as they stand in a folded text, and the others word by word."""

    plain: tuple[str, ...]
    starred: tuple[tuple[str, ...], ...]

    @property
    def is_empty(self) -> bool:
        return not (self.plain or self.starred)


@lru_cache(maxsize=64)
def read_list(text: str) -> WordList:
    """Return the list that somebody wrote; raises InvalidInputs for the field listed_words, naming the line."""
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        raise InvalidInputs({"listed_words": TOO_MANY})
    plain: dict[str, None] = {}
    starred: dict[tuple[str, ...], None] = {}
    for number, line in enumerate(lines, 1):
        entry = line.partition("#")[0].strip()
        if not entry:
            continue
        words = _entry(number, entry)
        if any("*" in word for word in words):
            if len(words) > MOST_STARRED:
                raise InvalidInputs({"listed_words": TOO_MANY_WORDS.format(line=number)})
            starred[words] = None
        else:
            plain[" ".join(words)] = None
    return WordList(plain=tuple(plain), starred=tuple(starred))


def found_in(listed: WordList, text: str) -> str:
    """Return the first listed word or phrase that a text has, as it stands there in small letters; "" for none."""
    words = words_of(text)
    spaced = f" {' '.join(words)} "
    for phrase in listed.plain:
        if f" {phrase} " in spaced:
            return phrase
    different = set(words)
    fitting = {
        part: frozenset(word for word in different if _fits(part, word))
        for part in {part for pattern in listed.starred for part in pattern}
    }
    return next((found for pattern in listed.starred if (found := _phrase(pattern, words, fitting))), "")


def _entry(number: int, entry: str) -> tuple[str, ...]:
    """Return the words of a line; a star that stands alone at an end means nothing and is left out."""
    if len(entry) > LONGEST_LINE:
        raise InvalidInputs({"listed_words": TOO_LONG.format(line=number)})
    words = [word.replace(_STAR, "*") for word in words_of(entry.replace("*", _STAR))]
    while words and not words[0].strip("*"):
        words.pop(0)
    while words and not words[-1].strip("*"):
        words.pop()
    if not words:
        raise InvalidInputs({"listed_words": NO_WORD.format(line=number, text=entry)})
    return tuple(words)


def _phrase(pattern: Sequence[str], words: Sequence[str], fitting: Mapping[str, frozenset[str]]) -> str:
    """Return the words of a text that fit a pattern one by one."""
    count = len(pattern)
    for start, word in enumerate(words[: len(words) - count + 1]):
        if word in fitting[pattern[0]] and all(words[start + at] in fitting[pattern[at]] for at in range(1, count)):
            return " ".join(words[start : start + count])
    return ""


def _fits(part: str, word: str) -> bool:
    """Say whether a word has the pieces between the stars in their order: each is looked for once, from left to right."""
    first, *rest = part.split("*")
    if not rest:
        return part == word
    last = rest.pop()
    if not (word.startswith(first) and word.endswith(last) and len(word) >= len(first) + len(last)):
        return False
    at, end = len(first), len(word) - len(last)
    for piece in rest:
        found = word.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True
