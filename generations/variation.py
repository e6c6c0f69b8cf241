"""More pictures like one: the same recipe over more seeds, or one setting moved with the same seed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from django.conf import settings

from generations import catalog
from generations.backends import backend_for
from generations.errors import InvalidInputs
from generations.models import Generation, Member
from generations.submission import HIGHEST_SEED, make_more

MORE_SEEDS = (4, 8, 12)
NO_COUNT = "Choose 4, 8 or 12 more seeds."
NO_SETTING = "Choose which setting to vary."
GONE = "This picture has been deleted for good, so there is nothing to make more of."
MOVES = {"num_inference_steps": (0.4, 0.7, 1.4), "guidance_scale": (0.5, 1.5, 2.2), "strength": (0.5, 0.75, 1.2)}
"""By what a setting is multiplied."""
GRID_MOVES = {"num_inference_steps": (0.5, 1, 1.5), "guidance_scale": (0.6, 1, 1.8)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """One way to vary a picture."""

    word: str
    """What names it in a request."""
    title: str
    differences: Sequence[dict[str, Any]]
    """What each new picture has of its own."""


def more_seeds(member: Member, generation: Generation, count: int) -> uuid.UUID:
    """Order the same recipe over the seeds that follow the stack's last one; return the stack.

    Raises InvalidInputs, BackendUnavailable and OverMonthBudget.
    """
    if count not in MORE_SEEDS:
        raise InvalidInputs({"count": NO_COUNT})
    _require_words(generation)
    first = _last_seed(generation) + 1
    seeds = [{"seed": (first + further) % (HIGHEST_SEED + 1), "parent": generation} for further in range(count)]
    make_more(member, generation, seeds)
    return generation.stack


def vary(member: Member, generation: Generation, word: str) -> uuid.UUID:
    """Order the variations of that name, with the same seed, as a stack of their own; return the stack.

    Raises InvalidInputs, BackendUnavailable and OverMonthBudget.
    """
    chosen = next((each for each in variations_of(generation) if each.word == word), None)
    if chosen is None:
        raise InvalidInputs({"vary": NO_SETTING})
    _require_words(generation)
    stack = uuid.uuid4()
    make_more(member, generation, [{**each, "stack": stack, "parent": generation} for each in chosen.differences])
    return stack


def variations_of(generation: Generation) -> list[Variation]:
    """Return the ways in which a picture can be varied within the schema; none when its engine is no longer set up."""
    if not can_be_made(generation):
        return []
    specs = catalog.load(generation.model).properties if generation.model in catalog.slugs() else catalog.load().properties
    names = [name for name in MOVES if name != "strength" or generation.strength is not None]
    single = [
        Variation(
            word=name,
            title=specs[name]["title"],
            differences=[{name: value} for value in _moved(specs[name], getattr(generation, name), MOVES[name])],
        )
        for name in names
    ]
    grid = Variation(word="grid", title="Steps × guidance", differences=_grid(specs, generation))
    return [each for each in (*single, grid) if each.differences]


def price_of(generation: Generation, count: int) -> int:
    """Return what so many more cost, in millionths of a dollar; 0 where nothing costs anything."""
    return backend_for(generation.backend).price_microusd * count if can_be_made(generation) else 0


def can_be_made(generation: Generation) -> bool:
    """Say whether there is still an engine and a recipe for more of it."""
    return generation.backend in settings.IMAGE_BACKENDS and generation.purged_at is None


def _grid(specs: dict[str, dict[str, Any]], generation: Generation) -> list[dict[str, Any]]:
    """Return three steps by three guidances, without the one that is there."""
    axes = [_moved(specs[name], getattr(generation, name), moves, keep=True) for name, moves in GRID_MOVES.items()]
    own = tuple(getattr(generation, name) for name in GRID_MOVES)
    return [dict(zip(GRID_MOVES, each, strict=True)) for each in product(*axes) if each != own]


def _moved(spec: dict[str, Any], value: float, moves: Sequence[float], *, keep: bool = False) -> list[float]:
    """Return a setting's other values, within the schema, each once and in order; `keep` leaves the value itself in."""
    found = {_fitted(spec, value * move) for move in moves}
    return sorted(found | {value} if keep else found - {value})


def _fitted(spec: dict[str, Any], value: float) -> float:
    fitted = min(max(value, float(spec["minimum"])), float(spec["maximum"]))
    return round(fitted) if spec["type"] == "integer" else round(fitted, 2)


def _last_seed(generation: Generation) -> int:
    together = Generation.objects.filter(team=generation.team_id, stack=generation.stack, is_check=False)
    return max(together.values_list("seed", flat=True), default=generation.seed)


def _require_words(generation: Generation) -> None:
    if generation.purged_at is not None:
        raise InvalidInputs({"generation": GONE})
