"""The stage beside the form: the newest stack of pictures large, the earlier pictures in a strip, examples at the start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from generations.cards import cards_for
from generations.models import Generation, Member
from generations.models.generation import FINAL
from generations.recipes import COUNTS, Recipe
from generations.submission import HIGHEST_SEED, again_key
from generations.uses import Use, uses_of

STRIP = 12
EXAMPLES = (
    ("fox", "Fox in the snow", "A red fox in the snow under a full moon, oil painting"),
    ("harbour", "Harbour at sunset", "Two sailing boats on a calm sea at sunset, a lighthouse"),
    ("picnic", "Picnic in the park", "A picnic basket, a dog and three balloons in a sunny meadow"),
    ("reef", "Under the sea", "A purple octopus and two tropical fish underwater, watercolour"),
    ("rocket", "Rocket to the moon", "A rocket flying past the moon and stars in space"),
    ("cabin", "House in the forest", "A cosy house in an autumn forest in the rain"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    picture: str
    """A static file."""
    title: str
    prompt: str
    use: Use


def stage_of(member: Member) -> dict[str, Any]:
    """Return this person's newest stack and the pictures before it."""
    mine = Generation.objects.filter(team=member.team, author=member.user).on_stage().with_card().newest_first()
    newest = list(mine[: STRIP + COUNTS[-1]])
    stack, strip = _stack(newest), []
    if newest:
        strip = [each for each in newest if each.stack != newest[0].stack][:STRIP]
    cards = cards_for(member, [*stack, *strip], ["hero" if len(stack) == 1 else "part"] * len(stack))
    return {
        "hero": cards[0] if len(stack) == 1 else None,
        "stack": cards[: len(stack)] if len(stack) > 1 else [],
        "strip": cards[len(stack) :],
        "examples": [] if newest else [_example(*each) for each in EXAMPLES],
    }


def _stack(newest: Sequence[Generation]) -> list[Generation]:
    """Return what the newest press asked for, by seed order; what was asked for again gives way to its successor."""
    if not newest:
        return []
    keys = {each.idempotency_key for each in newest}
    together = [each for each in reversed(newest) if each.stack == newest[0].stack]
    shown = [each for each in together if not (each.state in FINAL and again_key(each) in keys)]
    return sorted(shown, key=lambda each: (each.seed - together[0].seed) % (HIGHEST_SEED + 1))


def _example(picture: str, title: str, prompt: str) -> Example:
    use = uses_of(Recipe(values={"prompt": prompt}), prompt=prompt)[0]
    return Example(picture=f"img/examples/{picture}.webp", title=title, prompt=prompt, use=use)
