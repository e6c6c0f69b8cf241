"""Where a picture's prompt came from: the person's own words, and what an enhancer added to them."""

from __future__ import annotations

from dataclasses import dataclass

from generations.enhancers import enhancer_title
from generations.models import Generation


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of the prompt."""

    text: str
    kind: str = ""
    """What it adds; "" for the person's own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    original: str
    """What the person wrote."""
    by: str
    """Who improved it, in which style and with which seed."""
    pieces: list[Piece]
    """The prompt as it was used."""

    @property
    def added(self) -> list[Piece]:
        return [piece for piece in self.pieces if piece.kind]


def origin_of(generation: Generation) -> Origin | None:
    """Return where the prompt came from; None where a person wrote all of it."""
    request = generation.enhancement
    if request is None:
        return None
    by = f"{enhancer_title(request.enhancer)}, {request.style} style, seed {request.seed}"
    return Origin(original=request.original, by=by, pieces=_pieces(generation))


def _pieces(generation: Generation) -> list[Piece]:
    """Cut the prompt at what was added, as far as it is still there: a person may have edited it since."""
    assert generation.enhancement is not None
    enhancement, prompt = generation.enhancement.enhancement, generation.prompt
    pieces, at = [], 0
    for addition in enhancement.additions:
        found, words = _place(prompt, enhancement.text[addition.start : addition.end], at)
        if found >= 0:
            pieces += [Piece(text=prompt[at:found]), Piece(text=words, kind=addition.kind.value)]
            at = found + len(words)
    return [piece for piece in (*pieces, Piece(text=prompt[at:])) if piece.text]


def _place(prompt: str, addition: str, at: int) -> tuple[int, str]:
    """Return where an addition's words begin, and the words; -1 where they are gone.

    With the comma before them first: a person may have written the same words.
    """
    words = addition.strip(" ,.;\n")
    whole = prompt.find(addition, at)
    return (whole + addition.index(words) if whole >= 0 else prompt.find(words, at) if words else -1), words
