"""Where Easel puts what a prompt names, checked before any paint."""

from __future__ import annotations

import pytest

from generations.backends.easel.composition import compose
from generations.backends.easel.reading import read
from generations.backends.easel.scene import Scene, Thing
from generations.management.commands.easel_sheet import PROMPTS

SEEDS = (0, 1, 2)
SIZES = ((512, 512), (256, 1536), (1536, 256), (333, 257))


def scene(prompt: str, seed: int = 1, width: int = 512, height: int = 512) -> Scene:
    return compose(read(prompt), width, height, seed)


def things(made: Scene, name: str) -> list[Thing]:
    return [thing for thing in made.things if thing.drawing.name == name]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("count", [1, 2, 5, 12])
def test_as_many_are_shown_as_asked(count, seed):
    assert len(things(scene(f"{count} sheep and a dog", seed), "sheep")) == count


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_nothing_is_cut_by_the_frame(width, height, seed):
    made = scene("three foxes, a castle, two balloons and a bear holding an umbrella", seed, width, height)
    assert len(made.things) == 8
    for thing in made.things:
        assert -0.06 * width <= thing.left
        assert thing.left + thing.width <= 1.06 * width
        assert thing.top >= 0
        assert thing.base <= height * 1.001


@pytest.mark.parametrize("seed", SEEDS)
def test_things_do_not_hide_each_other(seed):
    made = scene("a cat, a dog, a fox and a rabbit in a meadow", seed)
    for one in made.things:
        for other in made.things:
            if one is not other:
                across = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
                down = min(one.base, other.base) - max(one.top, other.top)
                assert max(across, 0) * max(down, 0) < 0.3 * one.width * one.height


@pytest.mark.parametrize("seed", SEEDS)
def test_standing_things_stand_on_the_ground_and_flying_ones_hang_in_the_sky(seed):
    made = scene("a cat and a butterfly in a meadow", seed)
    [cat], [butterfly] = things(made, "cat"), things(made, "butterfly")
    assert (cat.footing, butterfly.footing) == ("stands", "hangs")
    assert cat.base > made.horizon
    assert butterfly.base < made.horizon


@pytest.mark.parametrize("seed", SEEDS)
def test_boats_float_below_the_horizon(seed):
    made = scene("a sailboat on the sea", seed)
    [boat] = made.things
    assert boat.footing == "floats"
    assert boat.base > made.horizon


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_far_stands_higher_and_is_smaller(seed):
    made = scene("nine cats in a meadow", seed)
    far_to_near = [thing.depth for thing in made.things]
    assert far_to_near == sorted(far_to_near, reverse=True)
    farthest, nearest = made.things[0], made.things[-1]
    assert farthest.base < nearest.base
    assert farthest.height < nearest.height


@pytest.mark.parametrize("seed", SEEDS)
def test_a_castle_is_larger_than_a_cat(seed):
    made = scene("a cat and a castle", seed)
    assert things(made, "castle")[0].height > things(made, "cat")[0].height


def test_colours_are_handed_to_the_things():
    made = scene("one red and two blue balloons")
    tones = sorted(thing.colour for thing in made.things if thing.colour)
    assert len(tones) == 3
    assert len(set(tones)) == 2


@pytest.mark.parametrize("seed", SEEDS)
def test_a_moon_that_is_asked_for_is_in_the_sky_and_not_hidden(seed):
    made = scene("a fox in the snow under a full moon", seed)
    assert made.light.kind == "moon"
    assert made.light.shown
    assert made.time == "night"
    assert made.light.y < made.horizon
    for thing in made.things:
        inside = thing.left < made.light.x < thing.left + thing.width and thing.top < made.light.y < thing.base
        assert not inside


def test_a_moon_in_space_is_a_body_like_others():
    made = scene("a rocket flying past the moon in space")
    assert sorted(thing.drawing.name for thing in made.things) == ["moon", "rocket"]


def test_seasons_are_seen_outdoors():
    assert scene("a blue bird in a cherry tree in spring").place != "room"


def test_hats_sit_on_heads_and_riders_on_horses():
    made = scene("a cat wearing a top hat")
    [cat], [hat] = things(made, "cat"), things(made, "top hat")
    assert hat.top < cat.top
    assert abs(hat.middle - cat.middle) < 0.2 * cat.width
    made = scene("an astronaut riding a horse")
    [rider], [horse] = things(made, "astronaut"), things(made, "horse")
    assert rider.base < horse.base
    assert horse.left < rider.middle < horse.left + horse.width


@pytest.mark.parametrize(
    ("prompt", "place"),
    [
        ("a shark", "underwater"),
        ("a sailboat", "sea"),
        ("a camel", "desert"),
        ("a cup of tea", "room"),
        ("a rocket", "space"),
        ("a penguin", "snow"),
        ("a taxi", "city"),
        ("a cow", "farm"),
    ],
)
def test_a_subject_alone_is_shown_where_it_belongs(prompt, place):
    assert scene(prompt).place == place


def test_another_seed_is_another_composition():
    one, other = scene("a cat and a castle", 1), scene("a cat and a castle", 2)
    assert [thing.left for thing in one.things] != [thing.left for thing in other.things]
    assert scene("a cat and a castle", 1) == one


def test_all_that_the_48_prompts_name_is_shown_at_every_seed():
    assert len(PROMPTS) == len(set(PROMPTS)) == 48
    for prompt in PROMPTS:
        brief = read(prompt)
        for seed in SEEDS:
            made = compose(brief, 384, 384, seed)
            for index, subject in enumerate(brief.subjects):
                if subject.drawing.name in ("moon", "crescent moon", "sun"):
                    assert made.light.shown
                    continue
                shown = [thing for thing in made.things if thing.subject == index]
                assert len(shown) == subject.count, (prompt, subject.drawing.name)
                assert all(thing.height > 12 for thing in shown), (prompt, subject.drawing.name)
