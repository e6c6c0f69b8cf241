"""The ways to use a recipe again: whole, with a new seed, or one part of it, as links that also work in place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from generations.recipes import Recipe

PARTS = {
    "all": ("Use these settings", ()),
    "new-seed": ("With a new seed", ()),
    "prompt": ("Only the prompt", ("prompt",)),
    "seed": ("Only the seed", ("seed",)),
    "size": ("Only the size", ("size",)),
}
"""By the word in the address: what the link says, and which settings it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    label: str
    url: str
    values: str
    """JSON by the form's field names, for `data-recipe`."""


def part_of(recipe: Recipe, word: str) -> Recipe:
    """Return the part of a recipe that a word of PARTS means; all of it for an unknown word."""
    if word == "new-seed":
        return Recipe(values={**recipe.values, "seed": -1} if "seed" in recipe.values else {})
    names = PARTS[word][1] if word in PARTS else ()
    return recipe.only(*names) if names else recipe


def uses_of(recipe: Recipe, /, **source: str) -> list[Use]:
    """Return the links for a recipe that the form's address knows as `source`: the whole one, then the parts that differ."""
    ways = [(word, label, part_of(recipe, word)) for word, (label, _) in PARTS.items()]
    return [
        Use(
            label=label,
            url=f"{reverse('playground')}?{urlencode({**source, 'use': word})}",
            values=json.dumps({**part.initial(), **parent_of(part, source)}, ensure_ascii=False),
        )
        for word, label, part in ways
        if part.values and (word == "all" or part.values != recipe.values)
    ]


def parent_of(part: Recipe, source: Mapping[str, str]) -> dict[str, str]:
    """Return which picture the form descends from once it holds this part: that of its prompt, "" when that is of none."""
    return {"parent": source.get("from", "")} if "prompt" in part.values else {}
