"""Settings in files that this playground wrote come back whole."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from generations import images, metadata
from generations.reading.found import NO_REFERENCE
from generations.recipes import recipe_of
from tests.generations.reading.files import exif_of_comment, found, jpeg, png
from tests.generations.test_metadata import PROMPTS, SETTINGS, file_with

FORMATS = ["png", "jpeg", "webp"]
OURS = replace(SETTINGS, width=1024, height=768, original_prompt=None)


@pytest.mark.parametrize("output_format", FORMATS)
def test_a_recipe_of_our_own_file_has_all_of_its_settings(output_format: str) -> None:
    result = found(file_with(OURS, output_format))
    recipe = recipe_of(result.raw)
    assert (result.tool, result.maker, recipe.left_out) == ("this playground", "Easel", {})
    assert recipe.values == {
        "prompt": "a red fox",
        "size": "1024*768",
        "seed": 42,
        "num_inference_steps": 28,
        "guidance_scale": 3.5,
        "strength": 0.8,
        "output_format": "png",
    }
    assert result.unmapped == (NO_REFERENCE,)


@pytest.mark.parametrize("output_format", FORMATS)
@pytest.mark.parametrize("name", PROMPTS)
def test_the_prompt_comes_back_as_the_catalog_keeps_it(output_format: str, name: str) -> None:
    settings = replace(OURS, prompt=PROMPTS[name])
    given = recipe_of({"prompt": PROMPTS[name]}).values.get("prompt")
    back = recipe_of(found(file_with(settings, output_format)).raw).values.get("prompt")
    assert back == given


def test_a_prompt_that_was_enhanced_is_said() -> None:
    assert (
        "The prompt is the enhanced one. The words before that are not taken over." in found(file_with(SETTINGS, "png")).unmapped
    )


def test_our_own_text_is_enough_where_an_editor_dropped_the_record() -> None:
    text = metadata.a1111_text(replace(OURS, strength=None))
    for data in (png(parameters=text), jpeg(exif_of_comment(b"UNICODE\0" + text.encode("utf-16-be")))):
        result = found(data)
        assert (result.tool, result.maker, result.unmapped) == ("this playground", "Easel", ())
        assert result.raw == {
            "prompt": "a red fox",
            "size": "1024*768",
            "seed": 42,
            "num_inference_steps": 28,
            "guidance_scale": 3.5,
        }


def test_the_size_is_that_of_the_settings_and_not_of_the_pixels() -> None:
    data = images.encode(bytes(16 * 16 * 3), 16, 16, output_format="png", settings=OURS)
    with Image.open(BytesIO(data)) as image:
        assert image.size == (16, 16)
    assert found(data).raw["size"] == "1024*768"


def test_our_own_record_comes_before_all_others() -> None:
    record = file_with(OURS, "png")
    other = png(invokeai_metadata='{"positive_prompt": "a cat", "seed": 1}')
    both = other[:33] + other[33 : other.index(b"IDAT") - 4] + record[33:]
    assert (found(both).tool, found(other).tool) == ("this playground", "InvokeAI")
