"""Cut a prompt into words, emoji and breaks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import emoji

from generations.backends.easel.lexicon import bare

_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_PIECES = re.compile(r"[^\W_]+|[,.;:!?()\[\]{}|\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word in lower case without accents, an emoji, or the end of a clause."""

    kind: Literal["word", "emoji", "break"]
    text: str


def tokens(prompt: str) -> list[Token]:
    """Return the tokens of a prompt; what nobody can see, such as zero-width spaces, is left out."""
    text = _INVISIBLE.sub("", prompt)
    found: list[Token] = []
    at = 0
    for match in emoji.emoji_list(text):
        found += _words(text[at : match["match_start"]])
        found.append(Token(kind="emoji", text=bare(match["emoji"])))
        at = match["match_end"]
    return found + list(_words(text[at:]))


def _words(text: str) -> Iterator[Token]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    for piece in _PIECES.findall(plain):
        yield Token(kind="word" if piece[0].isalnum() else "break", text=piece)
