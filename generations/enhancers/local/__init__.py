"""The built-in enhancer: a small language model chooses, a phrase book of ours speaks. It needs no network, and repeats."""

from __future__ import annotations

from collections.abc import Sequence

from generations.enhancers.base import Enhancement, Enhancer, Kind, Style
from generations.enhancers.local.association import associations
from generations.enhancers.local.choice import MANY_WORDS, PRIORITIES, PRIORITIES_OF_MANY_WORDS, chosen, tags_for
from generations.enhancers.local.joining import joined
from generations.enhancers.local.language import is_english
from generations.enhancers.local.stated import stated_kinds
from generations.enhancers.local.subjects import words_of
from generations.errors import EnhanceFailed

ADDITIONS = ((8, 5), (20, 4), (35, 3), (60, 2), (120, 1))
"""(words, additions): a prompt of up to so many words gets so many; a longer one needs none."""
ADDITIONS_ABROAD = 3
"""To a prompt in another language, of which is not known what it says."""

EMPTY = "There is no prompt to improve. Write a few words first, then try again."
LONG = "This prompt is long enough as it is, so nothing was added."
FULL = "This prompt already says all that would be added, so nothing was."
ABROAD = "This prompt does not seem to be in English, so the additions are general ones, in English."
NO_MODEL = "The small language model could not be loaded, so these were chosen from the phrase book alone."


class Local(Enhancer):
    alias = "local"
    title = "Built in"
    tagline = "Adds a few phrases that fit. Works on this machine, without the network, and costs nothing."

    def __init__(self, *, with_model: bool = True) -> None:
        self._with_model = with_model

    def enhance(self, prompt: str, *, style: Style, seed: int, image: bytes | None = None) -> Enhancement:
        """Add phrases behind the prompt; the picture is not looked at. Raises EnhanceFailed when there are no words."""
        if not prompt.strip():
            raise EnhanceFailed(EMPTY)
        room, stated = _room(prompt), stated_kinds(prompt)
        kinds = [kind for kind in _priorities(prompt, style) if kind not in stated]
        if not room or not kinds:
            return Enhancement(original=prompt, text=prompt, notes=(LONG if kinds else FULL,))
        if not is_english(prompt):
            phrases = chosen(prompt, style, seed, kinds, min(room, ADDITIONS_ABROAD))
            return joined(prompt, phrases, (ABROAD,))
        minds = associations(prompt, kinds[:room]) if self._with_model else None
        phrases = chosen(prompt, style, seed, kinds, room, tags_for(prompt, style, stated), minds or {})
        if not phrases:
            return Enhancement(original=prompt, text=prompt, notes=(FULL,))
        return joined(prompt, phrases, () if minds is not None else (NO_MODEL,))


def _priorities(prompt: str, style: Style) -> Sequence[Kind]:
    """Return the kinds in their order; where many things are described, details of one of them would be out of place."""
    return PRIORITIES[style] if len(words_of(prompt)) <= MANY_WORDS else PRIORITIES_OF_MANY_WORDS


def _room(prompt: str) -> int:
    """Return how many additions a prompt of its length gets."""
    written = sum(word[0].isascii() or word.isalpha() for word in prompt.split())
    return next((additions for words, additions in ADDITIONS if written <= words), 0)
