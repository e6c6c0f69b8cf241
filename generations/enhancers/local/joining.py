"""Putting additions behind a prompt so that all of it, and any part of it, reads well."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from generations.enhancers.base import Addition, Enhancement
from generations.enhancers.local.book import Phrase

LONGEST_TEXT = 5000
"""Characters that a prompt may have."""
SENTENCE_ENDS = ".!?…。！？"
PAUSES = ",;:،，、；：|–—-"


@dataclass(frozen=True, slots=True)
class Joint:
    """What stands before and after each addition, in the manner in which the person left off."""

    before: str
    after: str
    is_sentence: bool = False

    def join(self, words: str) -> str:
        return self.before + (words[0].upper() + words[1:] if self.is_sentence else words) + self.after


def joined(prompt: str, phrases: Iterable[Phrase], notes: tuple[str, ...]) -> Enhancement:
    """Return the untouched prompt with the phrases behind it; what does not fit into 5,000 characters is left out."""
    joint, text = _joint(prompt), prompt
    additions, left_out = [], False
    for phrase in phrases:
        piece = joint.join(phrase.words)
        if len(text) + len(piece) > LONGEST_TEXT:
            left_out = True
            continue
        additions.append(Addition(kind=phrase.kind, start=len(text), end=len(text) + len(piece)))
        text += piece
    if left_out:
        notes = (*notes, "A prompt has room for 5,000 characters, so some additions were left out.")
    return Enhancement(original=prompt, text=text, additions=tuple(additions), notes=notes)


def _joint(prompt: str) -> Joint:
    """Each piece carries its own comma or full stop, so that taking any away leaves a clean text."""
    written = prompt.rstrip()
    blank = prompt[len(written) :]
    if "\n" in blank:
        return Joint("", "\n")
    if written.endswith(tuple(SENTENCE_ENDS)):
        return Joint("", ". ", is_sentence=True) if blank else Joint(" ", ".", is_sentence=True)
    if written.endswith(tuple(PAUSES)):
        return Joint("", ", ") if blank else Joint(" ", ",")
    return Joint(", ", "")
