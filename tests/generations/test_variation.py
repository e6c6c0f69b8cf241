"""More like one: seeds that follow, settings that move, all or none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from generations import variation
from generations.errors import InvalidInputs
from generations.models import Generation, LedgerEntry, Member
from generations.submission import HIGHEST_SEED
from tests.conftest import finish

pytestmark = pytest.mark.django_db

Ask = Callable[..., Generation]


@pytest.fixture
def generation(ask: Ask) -> Generation:
    generation = ask(seed=7, num_inference_steps=20)
    finish(generation)
    return generation


def stack_of(stack: object) -> list[Generation]:
    return list(Generation.objects.filter(stack=stack).order_by("pk"))


def test_more_seeds_follow_the_last_one_of_the_stack(member: Member, generation: Generation):
    stack = variation.more_seeds(member, generation, 4)
    variation.more_seeds(member, generation, 8)
    assert stack == generation.stack
    assert [each.seed for each in stack_of(stack)] == list(range(7, 20))


def test_more_seeds_keep_everything_else(member: Member, generation: Generation):
    new = stack_of(variation.more_seeds(member, generation, 4))[1]
    for name in ("prompt", "width", "height", "num_inference_steps", "guidance_scale", "output_format", "backend"):
        assert getattr(new, name) == getattr(generation, name)
    assert new.parent == generation


def test_seeds_go_round_at_the_end(member: Member, ask: Ask):
    generation = ask(seed=HIGHEST_SEED)
    finish(generation)
    seeds = [each.seed for each in stack_of(variation.more_seeds(member, generation, 4))]
    assert seeds == [HIGHEST_SEED, 0, 1, 2, 3]


@pytest.mark.parametrize("count", [0, -1, 5, 1000])
def test_other_counts_are_refused(member: Member, generation: Generation, count: int):
    with pytest.raises(InvalidInputs, match="4, 8 or 12"):
        variation.more_seeds(member, generation, count)
    assert Generation.objects.count() == 1


def test_a_variation_moves_one_setting_with_the_same_seed(member: Member, generation: Generation):
    rows = stack_of(variation.vary(member, generation, "num_inference_steps"))
    assert [row.num_inference_steps for row in rows] == [8, 14, 28]
    assert {row.seed for row in rows} == {7}
    assert {row.guidance_scale for row in rows} == {generation.guidance_scale}
    assert rows[0].stack != generation.stack


def test_the_grid_is_three_by_three_around_the_picture(member: Member, generation: Generation):
    rows = stack_of(variation.vary(member, generation, "grid"))
    pairs = {(row.num_inference_steps, row.guidance_scale) for row in rows}
    assert len(pairs) == 8 and (20, 3.5) not in pairs
    assert {steps for steps, _ in pairs} == {10, 20, 30}


def test_variations_stay_within_the_schema(ask: Ask):
    for raw in ({"num_inference_steps": 50, "guidance_scale": 20}, {"num_inference_steps": 1, "guidance_scale": 1}):
        for each in variation.variations_of(ask(**raw)):
            for difference in each.differences:
                assert 1 <= difference.get("num_inference_steps", 1) <= 50
                assert 1 <= difference.get("guidance_scale", 1) <= 20


def test_strength_is_varied_only_with_a_reference_picture(generation: Generation):
    assert "strength" not in {each.word for each in variation.variations_of(generation)}


def test_an_unknown_variation_is_refused(member: Member, generation: Generation):
    with pytest.raises(InvalidInputs, match="which setting"):
        variation.vary(member, generation, "prompt")


def test_there_is_nothing_to_vary_once_the_engine_is_gone(generation: Generation):
    generation.backend = "dismantled"
    assert variation.variations_of(generation) == []
    assert variation.price_of(generation, 4) == 0


def test_free_pictures_leave_no_entry(member: Member, generation: Generation):
    variation.more_seeds(member, generation, 4)
    assert not LedgerEntry.objects.exists()
