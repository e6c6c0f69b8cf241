"""Which kinds a prompt already states; what somebody says about the light is not to be said again."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from generations.enhancers.base import Kind
from generations.enhancers.local.subjects import LONGEST_NAME, singulars, words_of

NOT_COLOURS = (
    *("golden hour", "blue hour", "polar bear", "orange juice", "red panda", "black hole", "white rabbit", "milky way"),
    *("green tea", "golden retriever"),
)
"""Names that have a colour in them and say nothing about the picture's colours."""


def stated_kinds(text: str) -> frozenset[Kind]:
    """Return the kinds that the words name, each by a whole word or by a name of up to three."""
    words = f" {' '.join(words_of(text))} "
    colours = words
    for name in NOT_COLOURS:
        colours = colours.replace(f" {name} ", " ")
    tables = _tables().items()
    return frozenset(kind for kind, listed in tables if _names_any(colours if kind == Kind.PALETTE else words, *listed))


def _names_any(words: str, names: frozenset[str], stems: tuple[str, ...]) -> bool:
    terms = _terms(words.split())
    return not terms.isdisjoint(names) or any(term.startswith(stems) for term in terms)


def _terms(words: list[str]) -> set[str]:
    singles = {form for word in words for form in singulars(word)}
    return singles | {
        " ".join(words[at : at + length]) for length in range(2, LONGEST_NAME + 1) for at in range(len(words) - length + 1)
    }


@cache
def _tables() -> dict[Kind, tuple[frozenset[str], tuple[str, ...]]]:
    tables = tomllib.loads((Path(__file__).parent / "stated.toml").read_text())
    return {Kind(kind): _names_and_stems(listing) for kind, listing in tables.items()}


def _names_and_stems(listing: str) -> tuple[frozenset[str], tuple[str, ...]]:
    singles, *several = listing.split(";")
    names = [*singles.split(), *(" ".join(name.split()) for name in several)]
    stems = tuple(name.removesuffix("*") for name in names if name.endswith("*"))
    return frozenset(name for name in names if not name.endswith("*")), stems
