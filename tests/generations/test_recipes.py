"""Settings on their way into the form: kept one by one, carried by a link."""

from __future__ import annotations

import base64
import json
import zlib

import pytest

from generations.errors import InvalidInputs
from generations.recipes import MOST_BYTES, Recipe, parse, recipe_of
from generations.uses import part_of, uses_of

WHOLE = {
    "prompt": "Füchse & “Schnee”\n🦊",
    "size": "1216*832",
    "seed": 42,
    "num_inference_steps": 9,
    "guidance_scale": 4.5,
    "strength": 0.6,
    "output_format": "png",
    "backend": "easel",
    "count": 4,
}


def packed(value: object) -> str:
    return base64.urlsafe_b64encode(zlib.compress(json.dumps(value).encode())).decode().rstrip("=")


def test_a_link_carries_all_of_it():
    text = Recipe(values=WHOLE).text()
    assert text.replace("-", "").replace("_", "").isalnum()
    assert parse(text).values == WHOLE


def test_a_link_holds_the_longest_prompt_there_is():
    longest = "".join(chr(0x4E00 + number * 37 % 20_000) for number in range(5000))
    assert parse(Recipe(values={"prompt": longest}).text()).values == {"prompt": longest}


@pytest.mark.parametrize(
    "text",
    ["", "a", "====", "!!!", "é", packed([1]), packed("x"), packed(WHOLE)[:-8], "A" * 20_000, packed("x" * (MOST_BYTES + 1))],
)
def test_what_is_no_recipe_is_refused_with_a_sentence(text: str):
    with pytest.raises(InvalidInputs, match="does not hold settings that can be read"):
        parse(text)


def test_a_bomb_is_not_unpacked():
    bomb = base64.urlsafe_b64encode(zlib.compress(b" " * 50_000_000)).decode()
    with pytest.raises(InvalidInputs):
        parse(bomb[:16_000])


def test_one_bad_value_costs_none_of_the_others():
    recipe = recipe_of({**WHOLE, "num_inference_steps": 900, "size": "9*9"})
    assert recipe.values == {name: value for name, value in WHOLE.items() if name not in ("num_inference_steps", "size")}
    assert recipe.left_out == {
        "num_inference_steps": "Steps must be a whole number from 1 to 50.",
        "size": "Width and height must each be from 256 to 1536 pixels.",
    }


@pytest.mark.parametrize("count", [0, 3, 16, -1, "many", None, True, "9" * 500, "0020", "002" + "0" * 5000])
def test_a_count_that_is_not_offered_is_dropped(count: object):
    assert "count" not in recipe_of({"prompt": "x", "count": count}).values


def test_names_that_nobody_knows_and_empty_values_are_dropped():
    assert recipe_of({"prompt": "", "seed": None, "csrfmiddlewaretoken": "x", "admin": True}) == Recipe(values={})


@pytest.mark.parametrize("backend", ["x" * 41, 7, ["easel"], ""])
def test_a_backend_that_is_no_name_is_dropped(backend: object):
    assert recipe_of({"backend": backend}).values == {}


def test_the_form_gets_width_and_height_and_an_empty_seed_for_a_new_one():
    assert Recipe(values={"size": "512*768", "seed": -1}).initial() == {"width": 512, "height": 768, "seed": ""}


@pytest.mark.parametrize(
    ("word", "kept"),
    [("prompt", {"prompt"}), ("seed", {"seed"}), ("size", {"size"}), ("all", set(WHOLE)), ("nonsense", set(WHOLE))],
)
def test_a_part_of_it_is_used_alone(word: str, kept: set[str]):
    assert set(part_of(Recipe(values=WHOLE), word).values) == kept


def test_a_new_seed_leaves_the_rest_as_it_is():
    assert part_of(Recipe(values=WHOLE), "new-seed").values == {**WHOLE, "seed": -1}


def test_parts_that_it_lacks_are_not_offered():
    def labels(**values: object) -> list[str]:
        return [use.label for use in uses_of(Recipe(values=values), preset="7")]

    assert labels(prompt="x") == ["Use these settings"]
    assert labels(prompt="x", seed=7) == ["Use these settings", "With a new seed", "Only the prompt", "Only the seed"]
    assert labels() == []
